"""Charts as SVG, drawn on the server: no script, no style but the classes of the page's own sheet.

Every chart has a title for screen readers, every mark one for the pointer; the page shows the numbers as a table too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from markupsafe import Markup, escape

WIDTH, HEIGHT = 760, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 30, 20, 44
_TICKS = 5
# What a label takes, about, in pixels.
_LETTER, _LINE = 6.6, 13.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A circle. x, y: in the units of the axes; radius: pixels; kind: a class of the sheet; label: shown beside it."""

    x: float
    y: float
    title: str
    radius: float = 5.0
    kind: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Axis:
    """From `least` to `most`; root: square-root scale, so that the small ones are not all in the corner."""

    name: str
    least: float
    most: float
    root: bool = False
    show: Callable[[float], str] = "{:,.0f}".format

    def at(self, value: float) -> float:
        """Where a value lies, 0 to 1."""
        span = self.most - self.least or 1.0
        share = min(1.0, max(0.0, (value - self.least) / span))
        return sqrt(share) if self.root else share

    def ticks(self) -> list[float]:
        """Values to write at the axis; whole ones on a square-root scale, which is for counts."""
        span = self.most - self.least
        steps = [index / (_TICKS - 1) for index in range(_TICKS)]
        if self.root:
            return sorted({float(round(self.least + span * step * step)) for step in steps})
        return [self.least + span * step for step in steps]


def scatter(title: str, x: Axis, y: Axis, marks: Sequence[Mark], line: Sequence[tuple[float, float]] = ()) -> Markup:
    """Marks over two axes, and a line through points in their units. Where labels would overlap, the first stays."""
    parts = [_axes(x, y)]
    if line:
        points = " ".join(f"{_px(x, one):.1f},{_py(y, other):.1f}" for one, other in line)
        parts.append(Markup('<polyline class="guide" points="{}"/>').format(points))
    parts += [_circle(mark, x, y) for mark in marks]
    taken: list[_Label] = []
    for mark in marks:
        label = _label(mark, x, y)
        if mark.label and not any(label.overlaps(other) for other in taken):
            taken.append(label)
    parts += [label.drawn() for label in taken]
    return _svg(title, Markup("").join(parts), WIDTH, HEIGHT)


@dataclass(frozen=True, slots=True)
class _Label:
    """x: where it begins or, with the anchor "end", ends; y: its base line; both in pixels."""

    text: Markup
    x: float
    y: float
    anchor: str

    def overlaps(self, other: "_Label") -> bool:
        own, theirs = self._span(), other._span()
        return abs(self.y - other.y) < _LINE and own[0] < theirs[1] and theirs[0] < own[1]

    def drawn(self) -> Markup:
        text = Markup('<text class="row" x="{}" y="{}" text-anchor="{}">{}</text>')
        return text.format(f"{self.x:.1f}", f"{self.y:.1f}", self.anchor, self.text)

    def _span(self) -> tuple[float, float]:
        width = _LETTER * len(self.text)
        return (self.x - width, self.x) if self.anchor == "end" else (self.x, self.x + width)


def _label(mark: Mark, x: Axis, y: Axis) -> _Label:
    left, top = _px(x, mark.x), _py(y, mark.y)
    anchor, beside = ("end", -mark.radius - 4) if left > WIDTH * 0.7 else ("start", mark.radius + 4)
    return _Label(_short(mark.label), left + beside, top + 4, anchor)


def bars(title: str, rows: Sequence[tuple[str, Sequence[tuple[float, str, str]]]]) -> Markup:
    """One bar per row, of parts (share 0 to 1, class, title) from left to right."""
    height, left, width = 24, 300, WIDTH - 300 - 10
    parts = []
    for number, (label, shares) in enumerate(rows):
        top = number * height
        parts.append(
            Markup('<text class="row" x="{}" y="{}" text-anchor="end">{}</text>').format(
                left - 8, top + 16, _short(label)
            )
        )
        begin = float(left)
        for share, kind, said in shares:
            part = max(0.0, min(1.0, share)) * width
            parts.append(
                Markup('<rect class="{}" x="{}" y="{}" width="{}" height="16"><title>{}</title></rect>').format(
                    kind, f"{begin:.1f}", top + 4, f"{part:.1f}", said
                )
            )
            begin += part
    return _svg(title, Markup("").join(parts), WIDTH, height * len(rows) + 4)


@dataclass(frozen=True, slots=True)
class Column:
    """A stack of parts (amount, class, title), the first at the bottom."""

    label: str
    parts: Sequence[tuple[float, str, str]]


def columns(title: str, name: str, stacks: Sequence[Column]) -> Markup:
    """Columns side by side; name: what is counted. Where they are many, not each has its label."""
    most = max(sum(part[0] for part in stack.parts) for stack in stacks)
    y = Axis(name, 0, (_TICKS - 1) * max(1, ceil(most / (_TICKS - 1))))  # whole numbers at the ticks
    step = (WIDTH - _LEFT - _RIGHT) / len(stacks)
    parts = [_frame(), _name(y), _ticks(y)]
    for number, stack in enumerate(stacks):
        left, total = _LEFT + step * (number + 0.15), 0.0
        for amount, kind, said in stack.parts:
            low, high = _py(y, total), _py(y, total + amount)
            total += amount
            if amount:
                parts.append(
                    Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>').format(
                        kind, f"{left:.1f}", f"{high:.1f}", f"{step * 0.7:.1f}", f"{low - high:.1f}", said
                    )
                )
        if number % max(1, len(stacks) // 7) == 0:
            parts.append(
                Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>').format(
                    f"{left + step * 0.35:.1f}", HEIGHT - _BOTTOM + 18, stack.label
                )
            )
    return _svg(title, Markup("").join(parts), WIDTH, HEIGHT)


def _svg(title: str, body: Markup, width: int, height: int) -> Markup:
    return Markup('<svg class="chart" role="img" viewBox="0 0 {} {}" aria-label="{}"><title>{}</title>{}</svg>').format(
        width, height, title, title, body
    )


def _axes(x: Axis, y: Axis) -> Markup:
    bottom = HEIGHT - _BOTTOM
    name = Markup('<text class="name" x="{}" y="{}" text-anchor="end">{}</text>')
    parts = [_frame(), name.format(WIDTH - _RIGHT, HEIGHT - 6, x.name), _name(y)]
    for tick in x.ticks():
        place = f"{_px(x, tick):.1f}"
        parts.append(
            Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>').format(
                place, bottom + 18, x.show(tick)
            )
        )
    return Markup("").join([*parts, _ticks(y)])


def _frame() -> Markup:
    bottom, line = HEIGHT - _BOTTOM, Markup('<line class="axis" x1="{}" y1="{}" x2="{}" y2="{}"/>')
    return line.format(_LEFT, bottom, WIDTH - _RIGHT, bottom) + line.format(_LEFT, _TOP, _LEFT, bottom)


def _name(y: Axis) -> Markup:
    return Markup('<text class="name" x="{}" y="{}">{}</text>').format(_LEFT + 6, _TOP + 10, y.name)


def _ticks(y: Axis) -> Markup:
    text = Markup('<text class="tick" x="{}" y="{}" text-anchor="end">{}</text>')
    return Markup("").join(text.format(_LEFT - 8, f"{_py(y, tick) + 4:.1f}", y.show(tick)) for tick in y.ticks())


def _circle(mark: Mark, x: Axis, y: Axis) -> Markup:
    return Markup('<circle class="mark {}" cx="{}" cy="{}" r="{}"><title>{}</title></circle>').format(
        mark.kind, f"{_px(x, mark.x):.1f}", f"{_py(y, mark.y):.1f}", f"{mark.radius:.1f}", mark.title
    )


def _px(axis: Axis, value: float) -> float:
    return _LEFT + axis.at(value) * (WIDTH - _LEFT - _RIGHT)


def _py(axis: Axis, value: float) -> float:
    return HEIGHT - _BOTTOM - axis.at(value) * (HEIGHT - _TOP - _BOTTOM)


def _short(label: str, most: int = 40) -> Markup:
    """The end of a path tells more than its beginning."""
    return escape(label if len(label) <= most else "…" + label[-most + 1 :])
