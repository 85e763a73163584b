"""The axes of a drawing, and where values lie on it."""

from markupsafe import Markup

from bot.web.pages.paper import Paper
from bot.web.pages.scale import Scale

# The approximate width of a letter, in pixels.
_LETTER = 6.6


def axes(x: Scale, y: Scale, paper: Paper) -> Markup:
    """Both axes with their titles and values."""
    parts = [frame(paper), x_title(x, paper), y_title(y, paper)]
    parts += [x_tick(x.show(tick), px(x, tick, paper), paper) for tick in x.ticks(paper.ticks)]
    return Markup("").join([*parts, y_ticks(y, paper)])


def frame(paper: Paper) -> Markup:
    """The lines of both axes."""
    line = Markup('<line class="axis" x1="{}" y1="{}" x2="{}" y2="{}"/>')
    across = line.format(paper.left, paper.floor, paper.width - paper.right, paper.floor)
    return across + line.format(paper.left, paper.top, paper.left, paper.floor)


def x_title(x: Scale, paper: Paper) -> Markup:
    """The title below the values of the x axis."""
    middle = (paper.left + paper.width - paper.right) / 2
    text = Markup('<text class="name" x="{}" y="{}" text-anchor="middle">{}</text>')
    return text.format(f"{middle:.1f}", paper.height - 12, x.title)


def y_title(y: Scale, paper: Paper) -> Markup:
    """The title above the y axis."""
    return Markup('<text class="name" x="{}" y="{}">{}</text>').format(4, 14, y.title)


def x_tick(words: str, place: float, paper: Paper) -> Markup:
    """A value at the x axis, within the paper."""
    half = len(words) * _LETTER / 2
    place = min(max(place, half), paper.width - half)
    text = Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>')
    return text.format(f"{place:.1f}", paper.floor + 18, words)


def y_ticks(y: Scale, paper: Paper) -> Markup:
    """The values at the y axis."""
    text = Markup('<text class="tick" x="{}" y="{}" text-anchor="end">{}</text>')
    ticks = y.ticks()
    return Markup("").join(text.format(paper.left - 8, f"{py(y, tick, paper) + 4:.1f}", y.show(tick)) for tick in ticks)


def px(scale: Scale, value: float, paper: Paper) -> float:
    """Where a value lies, from the left."""
    return paper.left + scale.at(value) * (paper.width - paper.left - paper.right)


def py(scale: Scale, value: float, paper: Paper) -> float:
    """Where a value lies, from the top."""
    return paper.floor - scale.at(value) * (paper.floor - paper.top)
