"""The hotspot map: a tree map of the hotspots by folder. The area is the size of a file, the colour its score.

Each tile is a link to the page of its file, for the pointer. The table of the page has the same links: it is the form
for the keyboard and for screen readers, which the map is hidden from.
"""

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup, escape

from bot.domain.snapshots import HotspotFile, Hotspots
from bot.text import plain
from bot.web.pages.chart import Colour
from bot.web.pages.folder_tree import Folder, folder_tree, size_of
from bot.web.pages.paper import PAPERS, Paper, tip
from bot.web.pages.squarify import Box, squarified

_HEIGHT = {"wide": 460, "narrow": 420}
_LEAST_HEIGHT, _PER_FILE = 100, 30
_HEAD, _GAP, _LETTER = 17, 2, 7.2
# The score is shown in three steps: (least score, colour, sign, meaning).
_STEPS: tuple[tuple[float, Colour, str, str], ...] = (
    (0.5, "bad", "▲", "score of 0.5 and more"),
    (0.2, "warn", "◆", "0.2 to 0.5"),
    (0.0, "link", "●", "less than 0.2"),
)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What tiles need to be drawn. address: the page of a file."""

    address: Callable[[str], str]
    parts: list[Markup]


def hotspot_map(hotspots: Hotspots, address: Callable[[str], str]) -> Markup | None:
    """The map on each paper, with its legend; None without files. address: the page of a file, by its path."""
    if not hotspots.files:
        return None
    drawn = (_map(hotspots, address, paper) for paper in PAPERS)
    return Markup("").join([*drawn, _legend()])


def _map(hotspots: Hotspots, address: Callable[[str], str], paper: Paper) -> Markup:
    drawing = _Drawing(address, [])
    height = min(_HEIGHT[paper.name], _LEAST_HEIGHT + _PER_FILE * len(hotspots.files))
    _folder(folder_tree(hotspots.files), Box(0, 0, paper.width, height), drawing)
    svg = Markup('<svg class="chart map {}" aria-hidden="true" viewBox="0 0 {} {}">{}</svg>')
    return svg.format(paper.name, paper.width, height, Markup("").join(drawing.parts))


def _folder(folder: Folder, box: Box, drawing: _Drawing) -> None:
    """Draw a folder: its name, and what is in it."""
    inner = _headed(folder.name, box, drawing) if folder.name else box
    things: list[tuple[int, Folder | tuple[str, HotspotFile]]] = [(one.size, one) for one in folder.folders.values()]
    things += [(size_of(named[1]), named) for named in folder.files]
    things.sort(key=lambda thing: -thing[0])
    for (_, thing), place in zip(things, squarified([size for size, _ in things], inner), strict=True):
        if isinstance(thing, Folder):
            _folder(thing, place, drawing)
        else:
            drawing.parts.append(_tile(*thing, place, drawing.address))


def _headed(name: str, box: Box, drawing: _Drawing) -> Box:
    """Draw the frame and the name of a folder, if there is room. Returns what is left for its files."""
    frame = Box(box.left + _GAP / 2, box.top + _GAP / 2, max(0, box.width - _GAP), max(0, box.height - _GAP))
    drawing.parts.append(Markup('<rect class="folder" {}/>').format(_place(frame)))
    label = _fitting(f"{plain(name)}/", frame.width - 8)
    if not label or frame.height < 2 * _HEAD:
        return frame
    text = Markup('<text class="name" x="{}" y="{}">{}</text>')
    drawing.parts.append(text.format(f"{frame.left + 4:.1f}", f"{frame.top + 13:.1f}", label))
    return Box(frame.left + 1, frame.top + _HEAD, max(0, frame.width - 2), frame.height - _HEAD - 1)


def _tile(name: str, file: HotspotFile, box: Box, address: Callable[[str], str]) -> Markup:
    _, colour, sign, meaning = next(step for step in _STEPS if file.score >= step[0])
    place = Box(box.left + _GAP / 2, box.top + _GAP / 2, max(0, box.width - _GAP), max(0, box.height - _GAP))
    title = f"{file.path}: {file.lines:,} lines, {file.revisions} changes in a year, {file.fixes} fixes, {meaning}"
    rect = Markup('<rect class="tile {}" {}/>').format(colour, _place(place))
    label = _fitting(f"{sign} {plain(name.rpartition('/')[2])}", place.width - 8) if place.height >= 18 else Markup()
    words = [Markup('<text x="{}" y="{}">{}</text>').format(f"{place.left + 4:.1f}", f"{place.top + 14:.1f}", label)]
    changes = f"{file.revisions} changes"
    if label and place.height >= 34 and len(changes) * _LETTER <= place.width - 8:
        text = Markup('<text class="tick" x="{}" y="{}">{}</text>')
        words.append(text.format(f"{place.left + 4:.1f}", f"{place.top + 29:.1f}", changes))
    link = Markup('<a href="{}" tabindex="-1">{}{}{}</a>')
    return link.format(address(file.path), tip(title), rect, Markup("").join(words) if label else "")


def _fitting(label: str, width: float) -> Markup:
    """As much of a label as fits, or nothing if that says too little."""
    most = int(width / _LETTER)
    if len(label) <= most:
        return escape(label)
    return escape(label[: most - 1] + "…") if most >= 6 else Markup()


def _place(box: Box) -> Markup:
    return Markup('x="{}" y="{}" width="{}" height="{}"').format(
        *(f"{one:.1f}" for one in (box.left, box.top, box.width, box.height))
    )


def _legend() -> Markup:
    steps = (
        Markup('<li class="sign {}-sign"><span aria-hidden="true">{}</span> {}</li>').format(colour, sign, meaning)
        for _, colour, sign, meaning in _STEPS
    )
    note = Markup(
        "<li>The area of a file is its number of lines. The score is changes in a year times levels of indentation, "
        "each as a share of the largest (0 to 1).</li>"
    )
    return Markup('<ul class="legend samples" aria-label="Legend">{}</ul>').format(Markup("").join([*steps, note]))
