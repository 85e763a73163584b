"""The scale of an axis: where values lie, and which of them are written. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from math import sqrt

from bot.web.pages.chart import Axis


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis with the values at its ends, least and most."""

    axis: Axis
    least: float
    most: float

    @classmethod
    def of(cls, axis: Axis, values: list[float]) -> "Scale":
        """The scale on which all of these values lie."""
        ends = axis.range or (min(values) if axis.unit == "date" else 0.0, max(values))
        return cls(axis, *ends)

    def at(self, value: float) -> float:
        """The position of a value on the axis, 0 to 1."""
        span = self.most - self.least or 1.0
        share = min(1.0, max(0.0, (value - self.least) / span))
        return sqrt(share) if self.axis.compressed else share

    def ticks(self, number: int = 5) -> list[float]:
        """The values to write at the axis. Those of a compressed scale are whole, because it is for counts."""
        span = self.most - self.least
        steps = [index / (number - 1) for index in range(number)]
        if self.axis.compressed:
            return sorted({float(round(self.least + span * step * step)) for step in steps})
        return [self.least + span * step for step in steps]

    def show(self, value: float) -> str:
        """The text of a value at the axis."""
        if self.axis.unit == "date":
            return f"{datetime.fromtimestamp(value, UTC):%b %Y}"
        return f"{value:.0%}" if self.axis.unit == "percent" else f"{value:,.0f}"

    @property
    def title(self) -> str:
        """The title of the axis, which names the scale if equal distances are not equal amounts."""
        return f"{self.axis.title} (square-root scale)" if self.axis.compressed else self.axis.title
