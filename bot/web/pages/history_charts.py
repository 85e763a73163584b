"""The page of a repository's history: hotspots, ownership, coupling, the change risk and how well it predicts."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup

from bot.db.tables import Snapshot
from bot.web.pages.charts import Axis, Mark, bars, scatter

KINDS = ("hotspots", "ownership", "coupling", "model-card", "back-test", "learning")
_LABELLED = 6
_ROWS = 20
_percent = "{:.0%}".format


def charts(snapshots: Mapping[str, Snapshot]) -> dict[str, Markup]:
    """The pictures by name; those without anything to show are left out."""
    made = {
        "hotspots": hotspot_map(_rows(snapshots, "hotspots", "files")),
        "ownership": ownership_bars(_rows(snapshots, "ownership", "files")),
        "coupling": coupling_bars(_rows(snapshots, "coupling", "pairs")),
        "risk": risk_over_time(_rows(snapshots, "model-card", "points")),
        "calibration": calibration(_rows(snapshots, "model-card", "calibration")),
    }
    return {name: chart for name, chart in made.items() if chart}


def _rows(snapshots: Mapping[str, Snapshot], kind: str, name: str) -> list[dict[str, Any]]:
    return list(snapshots[kind].content.get(name) or []) if kind in snapshots else []


def hotspot_map(files: Sequence[dict[str, Any]]) -> Markup | None:
    """How often against how complex; the larger, the more lines changed; red where fixes pile up."""
    known = [file for file in files if file["complexity"] is not None]
    if not known:
        return None
    most = max(file["churn"] for file in known) or 1
    x = Axis("changes in the last year", 0, max(file["revisions"] for file in known), root=True)
    y = Axis("levels of indentation", 0, max(file["complexity"] for file in known), root=True)
    marks = [
        Mark(
            file["revisions"],
            file["complexity"],
            f"{file['path']}: {file['revisions']} changes, {file['fixes']} of them fixes, {file['lines']} lines",
            radius=3 + 15 * (file["churn"] / most) ** 0.5,
            kind="bad" if file["fixes"] >= 5 else "warn" if file["fixes"] >= 2 else "",
            label=file["path"] if number < _LABELLED else "",
        )
        for number, file in enumerate(known)
    ]
    return scatter("Hotspots: how often files change, and how complex they are", x, y, marks[::-1])


def ownership_bars(files: Sequence[dict[str, Any]]) -> Markup | None:
    """Each file's lines: the main author's, other people's, and how much of all is left behind."""
    rows = []
    for file in files[:_ROWS]:
        main = file["main_share"] or 0.0
        said = f"{file['main_author']}: {main:.0%}"
        rest = f"{max(0, file['people'] - 1)} others: {1 - main:.0%}"
        rows.append((file["path"], [(main, "main", said), (1 - main, "rest", rest)]))
    return bars("Ownership: the main author's share of each file's lines", rows) if rows else None


def coupling_bars(pairs: Sequence[dict[str, Any]]) -> Markup | None:
    """How often the second file comes along when the first changes."""
    rows = [
        (
            " → ".join(_names(pair["one"], pair["other"])),
            [(pair["confidence"], "main", f"{pair['together']} of {pair['changes']} changes of {pair['one']}")],
        )
        for pair in pairs[:_ROWS]
    ]
    return bars("Coupling: how often the second file changes along with the first", rows) if rows else None


def risk_over_time(points: Sequence[dict[str, Any]]) -> Markup | None:
    """Each judged change by its predicted risk; those that needed a fix stand out."""
    if not points:
        return None
    times = [point["when"] for point in points]
    x = Axis("", min(times), max(times), show=lambda value: f"{datetime.fromtimestamp(value, UTC):%b %Y}")
    y = Axis("predicted risk", 0, max(point["probability"] for point in points), show=_percent)
    marks = [
        Mark(
            point["when"],
            point["probability"],
            f"{point['sha'][:10]}: {point['probability']:.0%}, {'needed a fix' if point['needed_fix'] else 'held'}",
            radius=4 if point["needed_fix"] else 2.5,
            kind="bad" if point["needed_fix"] else "",
        )
        for point in sorted(points, key=lambda point: bool(point["needed_fix"]))
    ]
    return scatter("Predicted risk over time, and which changes needed a fix", x, y, marks)


def calibration(table: Sequence[dict[str, Any]]) -> Markup | None:
    """What was predicted against what happened; on the line both are the same."""
    if not table:
        return None
    most = max(0.1, *(max(row["predicted"], row["observed"]) for row in table))
    largest = max(row["count"] for row in table)
    marks = [
        Mark(
            row["predicted"],
            row["observed"],
            f"{row['count']} changes: predicted {row['predicted']:.0%}, needed a fix {row['observed']:.0%}",
            radius=4 + 10 * (row["count"] / largest) ** 0.5,
        )
        for row in table
    ]
    x = Axis("predicted", 0, most, show=_percent)
    y = Axis("needed a fix", 0, most, show=_percent)
    return scatter("Calibration: predicted against observed", x, y, marks, line=[(0, 0), (most, most)])


def _names(one: str, other: str) -> tuple[str, str]:
    """Two files by their names, with their folder where the name is the same."""
    names = one.rpartition("/")[2], other.rpartition("/")[2]
    if names[0] != names[1]:
        return names
    return "/".join(one.split("/")[-2:]), "/".join(other.split("/")[-2:])
