"""What the history index shows of each hotspot, for the page of a file."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from bot.domain.file_details import FileCompanion, FileDetail, FileDetails, FileFix, FileMonth, FileOwner
from bot.domain.history import FileHistory
from bot.domain.periods import DAY, INACTIVE
from bot.history.file_changes import FileChange, changes_of_file
from bot.history.index import HistoryIndex
from bot.text import plain

MONTHS = 24
_MOST = 12
_FIXES = 20
_NAME, _SUBJECT = 100, 200


def file_details(index: HistoryIndex, files: Iterable[FileHistory], now: int) -> FileDetails:
    """The files in detail. now: the end of the newest month, in Unix seconds."""
    starts = month_starts(_day(now))
    begin = int(datetime(starts[0].year, starts[0].month, 1, tzinfo=UTC).timestamp()) - 1
    details = (_detail(file, changes_of_file(index, file.entity, begin), starts, now) for file in files)
    return FileDetails(files=tuple(details), inactive_after_days=INACTIVE // DAY)


def month_starts(day: date) -> list[date]:
    """The first days of the MONTHS calendar months up to that of a day, the oldest first."""
    newest = day.year * 12 + day.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(newest - MONTHS + 1, newest + 1)]


def _detail(file: FileHistory, changes: Sequence[FileChange], starts: Sequence[date], now: int) -> FileDetail:
    by_month = Counter(_day(change.when).replace(day=1) for change in changes)
    fixes = [change for change in changes if change.is_fix]
    fixes_by_month = Counter(_day(fix.when).replace(day=1) for fix in fixes)
    owners = [one for one in file.contributors if not one.is_bot and one.lines]
    return FileDetail(
        path=file.path,
        first_change=_day(file.first_change),
        months=tuple(FileMonth(start=one, changes=by_month[one], fixes=fixes_by_month[one]) for one in starts),
        owners=tuple(
            FileOwner(
                name=plain(one.name, _NAME),
                lines=one.lines,
                share=round(one.share, 3),
                changes=one.changes,
                last_active=_day(one.last_active),
                is_active=now - one.last_active < INACTIVE,
            )
            for one in owners[:_MOST]
        ),
        people=len(owners),
        companions=tuple(
            FileCompanion(path=one.path, together=one.together, changes=one.changes, lift=round(one.lift, 1))
            for one in file.companions[:_MOST]
        ),
        fixes=tuple(
            FileFix(sha=fix.sha, on=_day(fix.when), subject=plain(fix.subject, _SUBJECT), pull=fix.pull)
            for fix in fixes[:_FIXES]
        ),
    )


def _day(seconds: int) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()
