"""The tables of the charts, to download. Pure."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from bot.db.snapshots import Snapshots, content_of
from bot.db.trends import Day
from bot.domain.file_details import FileDetail
from bot.domain.insights import Severity
from bot.domain.trends import MetricTrend
from bot.web.pages.sheet import Sheet


def hotspots_sheet(snapshots: Snapshots) -> Sheet | None:
    """A row per hotspot."""
    found = content_of(snapshots.hotspots)
    if found is None:
        return None
    columns = ("file", "changes, last year", "changes, year before", "fixes", "lines changed", "lines", "indentation")
    return Sheet(
        columns,
        tuple(
            (one.path, one.revisions, one.revisions_year_before, one.fixes, one.churn, one.lines, one.complexity)
            for one in found.files
        ),
    )


def ownership_sheet(snapshots: Snapshots) -> Sheet | None:
    """A row per file."""
    found = content_of(snapshots.ownership)
    if found is None:
        return None
    columns = ("file", "lines", "people", "main author", "main author's share", "minor contributors", "inactive share")
    return Sheet(
        columns,
        tuple(
            (
                one.path,
                one.lines,
                one.people,
                one.main_author,
                one.main_share,
                one.minor_contributors,
                one.inactive_share,
            )
            for one in found.files
        ),
    )


def coupling_sheet(snapshots: Snapshots) -> Sheet | None:
    """A row per pair of files."""
    found = content_of(snapshots.coupling)
    if found is None:
        return None
    columns = ("file", "changes along", "together", "changes of the file", "share", "lift")
    return Sheet(
        columns,
        tuple((one.one, one.other, one.together, one.changes, one.confidence, one.lift) for one in found.pairs),
    )


def risk_sheet(snapshots: Snapshots) -> Sheet | None:
    """A row per judged change."""
    card = content_of(snapshots.model_card)
    if card is None or card.points is None:
        return None
    return Sheet(
        ("commit", "date (UTC)", "predicted risk", "needed a fix"),
        tuple(
            (one.sha, f"{datetime.fromtimestamp(one.when, UTC):%Y-%m-%d}", one.probability, int(one.needed_fix))
            for one in card.points
        ),
    )


def calibration_sheet(snapshots: Snapshots) -> Sheet | None:
    """A row per range of predicted risks."""
    card = content_of(snapshots.model_card)
    if card is None or card.calibration is None:
        return None
    return Sheet(
        ("risk from", "risk to", "changes", "average prediction", "share that needed a fix"),
        tuple((one.low, one.high, one.count, one.predicted, one.observed) for one in card.calibration),
    )


SHEETS: Mapping[str, Callable[[Snapshots], Sheet | None]] = {
    "hotspots": hotspots_sheet,
    "ownership": ownership_sheet,
    "coupling": coupling_sheet,
    "risk": risk_sheet,
    "calibration": calibration_sheet,
}


def days_sheet(days: Mapping[date, Day]) -> Sheet:
    """A row per day with an analysis or an insight."""
    severities = tuple(reversed(Severity))
    return Sheet(
        ("day (UTC)", "analyses", "failed", *(severity.value for severity in severities)),
        tuple(
            (when.isoformat(), day.analyses, day.failed, *(day.insights[severity.value] for severity in severities))
            for when, day in sorted(days.items())
        ),
    )


def metric_sheet(metric: MetricTrend, since: date) -> Sheet:
    """A row per period."""
    points = [point for point in metric.points if point.start >= since]
    return Sheet(("first day", metric.unit, "n"), tuple((one.start.isoformat(), one.value, one.n) for one in points))


def file_sheet(file: FileDetail) -> Sheet:
    """A row per month."""
    rows = tuple((month.start.isoformat(), month.changes, month.fixes) for month in file.months)
    return Sheet(("first day of the month", "changes", "of these fixes"), rows)
