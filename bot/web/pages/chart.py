"""The definition of a chart. `svg.py` draws it; `chart_data.py` makes the data for the script from it. Pure."""

from dataclasses import dataclass
from typing import Literal

# Colours are names of the style sheet, so that a chart follows light and dark.
Colour = Literal["link", "good", "warn", "bad", "quiet"]
Texture = Literal["solid", "stripes", "dots"]
Symbol = Literal["circle", "diamond", "triangle"]
# A colour never speaks alone: each has a shape of its own.
SYMBOLS: dict[Colour, Symbol] = {
    "link": "circle",
    "good": "circle",
    "warn": "diamond",
    "bad": "triangle",
    "quiet": "circle",
}


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis.

    title: what is measured, with its unit.
    unit: `date` values are Unix seconds, `percent` values are shares, 0 to 1.
    compressed: large values are closer together (square root in the drawing, logarithm in the script).
    range: from and to; None where the marks decide. A number then begins at 0, a date at the earliest.
    """

    title: str
    unit: Literal["number", "percent", "date"] = "number"
    compressed: bool = False
    range: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Marks of one meaning.

    shape: `marks` are symbols (`SYMBOLS`), `bars` are stacked, a `line` connects its marks.
    texture: of bars.
    """

    name: str
    colour: Colour
    shape: Literal["marks", "bars", "line"] = "marks"
    texture: Texture = "solid"


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of a series.

    x, y: in the units of the axes.
    text: shown while the pointer is over the mark.
    radius: of a circle, in pixels.
    label: shown next to the mark, where there is room.
    """

    series: Series
    x: float
    y: float
    text: str = ""
    radius: float = 0.0
    label: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Marks over two axes.

    marks: a later one is drawn over an earlier one.
    note: what else the legend says, for example what the size of a mark means.
    """

    title: str
    x: Axis
    y: Axis
    series: tuple[Series, ...]
    marks: tuple[Mark, ...]
    note: str = ""

    def marks_of(self, series: Series) -> list[Mark]:
        """The marks of one series."""
        return [mark for mark in self.marks if mark.series is series]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar. share: of the bar's whole length, 0 to 1; kind: a class of the style sheet."""

    share: float
    kind: Literal["main", "rest"]
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: its label, and its parts from left to right."""

    label: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """Horizontal bars, one below the other.

    axis: what the length of a bar is, with its unit.
    full: the value of a bar that is as long as the axis.
    legend: (kind of a part, meaning).
    """

    title: str
    bars: tuple[Bar, ...]
    axis: str = ""
    full: str = "100%"
    legend: tuple[tuple[Literal["main", "rest"], str], ...] = ()
