"""The charts as numbers, for the script that draws them to be explored (`static/charts.js`).

Colours are words of the style sheet, so that a chart follows light and dark.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from bot.db.tables import Snapshot
from bot.db.trends import Day
from bot.domain.insights import Severity

Colour = Literal["link", "good", "warn", "bad", "quiet"]
SEVERITIES: dict[str, Colour] = {"info": "quiet", "low": "link", "medium": "warn", "high": "bad", "critical": "bad"}


@dataclass(frozen=True, slots=True)
class Axis:
    """kind: how its values are shown. range: from and to; empty where the points say it."""

    title: str
    kind: Literal["number", "log", "percent", "date"] = "number"
    range: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Series:
    """Points of one colour. text: what is said at each point; sizes: in pixels, for marks only."""

    name: str
    colour: Colour
    x: list[float | str]
    y: list[float]
    text: list[str] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)
    shape: Literal["marks", "bars", "line"] = "marks"


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart. stacked: bars stand upon one another."""

    title: str
    x: Axis
    y: Axis
    series: list[Series]
    stacked: bool = False


def of_history(name: str, snapshots: Mapping[str, Snapshot]) -> Picture | None:
    """A chart of the history page; None where there is nothing to draw."""
    made = {"hotspots": _hotspots, "risk": _risk, "calibration": _calibration}[name]
    content = {kind: row.content for kind, row in snapshots.items()}
    return made(content)


SNAPSHOT_OF = {"hotspots": "hotspots", "risk": "model-card", "calibration": "model-card"}


def _hotspots(content: Mapping[str, Mapping[str, Any]]) -> Picture | None:
    files = [file for file in content.get("hotspots", {}).get("files") or [] if file["complexity"] is not None]
    if not files:
        return None
    most = max(file["churn"] for file in files) or 1
    kinds: list[tuple[str, Colour, range]] = [
        ("fewer than 2 fixes", "link", range(2)),
        ("2 to 4 fixes", "warn", range(2, 5)),
        ("5 fixes and more", "bad", range(5, 10**9)),
    ]
    series = []
    for name, colour, fixes in kinds:
        some = [file for file in files if file["fixes"] in fixes]
        text = [
            f"{file['path']}: {file['revisions']} changes, {file['fixes']} fixes, {file['lines']} lines"
            for file in some
        ]
        sizes = [6 + 30 * (file["churn"] / most) ** 0.5 for file in some]
        series.append(
            Series(
                name, colour, [file["revisions"] for file in some], [file["complexity"] for file in some], text, sizes
            )
        )
    title = "Hotspots: how often files change, and how complex they are"
    return Picture(title, Axis("changes in the last year", "log"), Axis("levels of indentation", "log"), series)


def _risk(content: Mapping[str, Mapping[str, Any]]) -> Picture | None:
    points = content.get("model-card", {}).get("points") or []
    if not points:
        return None
    kinds: list[tuple[str, Colour, bool]] = [("held", "link", False), ("needed a fix", "bad", True)]
    series = [
        _outcomes(name, colour, [one for one in points if bool(one["needed_fix"]) is fixed])
        for name, colour, fixed in kinds
    ]
    title = "Predicted risk over time, and which changes needed a fix"
    return Picture(title, Axis("", "date"), Axis("predicted risk", "percent"), series)


def _outcomes(name: str, colour: Colour, points: Sequence[Mapping[str, Any]]) -> Series:
    return Series(
        name,
        colour,
        [f"{datetime.fromtimestamp(one['when'], UTC):%Y-%m-%d %H:%M}" for one in points],
        [one["probability"] for one in points],
        [f"{one['sha'][:10]}: {one['probability']:.0%}, {name}" for one in points],
        [8.0 if one["needed_fix"] else 6.0 for one in points],
    )


def _calibration(content: Mapping[str, Mapping[str, Any]]) -> Picture | None:
    table = content.get("model-card", {}).get("calibration") or []
    if not table:
        return None
    most = max(0.1, *(max(row["predicted"], row["observed"]) for row in table))
    largest = max(row["count"] for row in table)
    text = [
        f"{row['count']} changes: predicted {row['predicted']:.0%}, needed a fix {row['observed']:.0%}" for row in table
    ]
    sizes = [8 + 20 * (row["count"] / largest) ** 0.5 for row in table]
    series = [
        Series("as predicted", "quiet", [0.0, most], [0.0, most], shape="line"),
        Series(
            "observed", "link", [row["predicted"] for row in table], [row["observed"] for row in table], text, sizes
        ),
    ]
    return Picture(
        "Calibration: predicted against observed", Axis("predicted", "percent"), Axis("needed a fix", "percent"), series
    )


def of_trends(days: Mapping[date, Day], until: date) -> Picture | None:
    """New insights of each day, by severity, and how many analyses there were."""
    if not days:
        return None
    dates: list[float | str] = [day.isoformat() for day in days]
    series = [
        Series(
            severity.value,
            SEVERITIES[severity.value],
            dates,
            [day.insights[severity.value] for day in days.values()],
            [f"{when}: {day.insights[severity.value]} {severity.value}" for when, day in days.items()],
            shape="bars",
        )
        for severity in reversed(Severity)
        if any(day.insights[severity.value] for day in days.values())
    ]
    runs = [float(day.analyses) for day in days.values()]
    told = [f"{when}: {day.analyses} analyses, {day.failed} failed" for when, day in days.items()]
    series.append(Series("analyses", "good", dates, runs, told, shape="line"))
    begin = min(*days, until - timedelta(days=30))
    x = Axis("", "date", (begin.isoformat(), (until + timedelta(days=1)).isoformat()))
    return Picture("New insights and analyses by day", x, Axis("a day"), series, stacked=True)
