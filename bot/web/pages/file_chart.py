"""The chart of a file: its changes per month. Pure."""

from datetime import UTC, datetime

from bot.domain.file_details import FileDetail, FileMonth
from bot.web.pages.chart import Axis, Chart, Mark, Series

_FIXES = Series("fixes", "bad", "bars", "stripes")
_OTHERS = Series("other changes", "link", "bars")


def file_chart(file: FileDetail) -> Chart | None:
    """The changes per month, of which fixes are a part of their own; None without any."""
    if not any(month.changes for month in file.months):
        return None
    return Chart(
        title="Changes per month",
        x=Axis("month (UTC)", "date"),
        y=Axis("changes per month"),
        series=(_FIXES, _OTHERS),
        marks=tuple(mark for month in file.months for mark in _marks(month)),
    )


def _marks(month: FileMonth) -> tuple[Mark, Mark]:
    when = datetime(month.start.year, month.start.month, 1, tzinfo=UTC).timestamp()
    others = month.changes - month.fixes
    name = f"{month.start:%b %Y}"
    return Mark(_FIXES, when, month.fixes, f"{name}: {month.fixes} fixes"), Mark(
        _OTHERS, when, others, f"{name}: {others} other changes"
    )
