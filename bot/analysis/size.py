"""The size of a change, compared with the repository's own past changes instead of a fixed limit."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot import paths
from bot.analysis.analyzer import Analyzer
from bot.domain.change import Change
from bot.domain.files import PastChange
from bot.domain.insights import Confidence, Insight, InsightType, Severity, Standing, fingerprint
from bot.text import count

MIN_PAST = 50
_PERCENTILE = 0.95
# Reviewers find less in more than 400 lines: J. Cohen, "Best Kept Secrets of Peer Code Review", 2006.
_LEAST_LINES = 400
_LEAST_FILES = 10
# The author cannot split these: they contain other changes, or revert one.
_NOT_WRITTEN_HERE = re.compile(r"^(revert|merge|back-?port|release)\b|^\w+\(release\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Extent:
    """Lines, files and folders of a change to review, without lock, generated and vendored files."""

    lines: int
    files: int
    folders: int
    production: int = 0


def analyze(change: Change, measured: Mapping[str, object]) -> list[Insight]:
    """A remark when this change is larger than 95 % of the past ones of its kind, else a note with the percentile.

    A change of code is compared with changes of code only, because version bumps are small.
    """
    extent = _extent(
        (file.path, (file.added or 0) + (file.deleted or 0)) for file in change.files if file.left_out is None
    )
    past = [_past_extent(one) for one in change.past]
    past = [one for one in past if one.lines and (one.production or not extent.production)]
    if not extent.lines:
        return []
    if len(past) < MIN_PAST:
        return [_insight_without_comparison(extent, len(past))]
    shares = {
        "lines": _below(extent.lines, [one.lines for one in past]),
        "files": _below(extent.files, [one.files for one in past]),
        "folders": _below(extent.folders, [one.folders for one in past]),
    }
    # A rename in many files has few lines and is quick to review.
    large = extent.lines >= _LEAST_LINES and (
        shares["lines"] >= _PERCENTILE or (shares["files"] >= _PERCENTILE and extent.files >= _LEAST_FILES)
    )
    return [_insight(change, extent, past, shares, large=large)]


def _extent(files: Iterable[tuple[str, int]]) -> Extent:
    read = [(path, lines) for path, lines in files if _read_by_people(path)]
    folders = {str(PurePosixPath(path).parent) for path, _ in read}
    production = sum(lines for path, lines in read if paths.is_production(path))
    return Extent(sum(lines for _, lines in read), len(read), len(folders), production)


def _past_extent(past: PastChange) -> Extent:
    return _extent((file.path, file.added + file.deleted) for file in past.files)


def _read_by_people(path: str) -> bool:
    return not (paths.is_lock(path) or paths.is_generated(path) or paths.is_vendored(path))


def _below(value: int, past: list[int]) -> float:
    """The share (0 to 1) of past changes that are smaller."""
    return bisect_left(sorted(past), value) / len(past)


def _insight(change: Change, extent: Extent, past: list[Extent], shares: dict[str, float], *, large: bool) -> Insight:
    lines = sorted(one.lines for one in past)
    median = lines[len(lines) // 2]
    share = round(100 * max(shares["lines"], shares["files"]))
    smaller = "any" if share == 100 else f"{share} %"
    kind = "changes of code" if extent.production else "changes"
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule="size/large-change" if large else "size/extent",
        title=f"This change is larger than {smaller} of the last {len(past)} {kind} here"
        if large
        else f"{count(extent.lines, 'line')} in {count(extent.files, 'file')}; the median here is {median} lines",
        description=f"{count(extent.lines, 'line')} to read in {count(extent.files, 'file')} "
        f"and {count(extent.folders, 'folder')}, "
        f"{extent.production} of them production code; the median of the last {len(past)} {kind} is {median} lines.",
        remedy="If parts of it can stand alone, separate pull requests are easier to review." if large else "",
        severity=Severity.LOW,
        confidence=Confidence(1.0 if len(past) >= 200 else 0.8, f"counted against {len(past)} past {kind}"),
        # Large changes of tests or documentation are rarely split, so they are a note.
        standing=Standing.REMARK
        if large and extent.production >= extent.lines / 4 and not _NOT_WRITTEN_HERE.search(change.title)
        else Standing.NOTE,
        evidence={
            "lines": extent.lines,
            "files": extent.files,
            "folders": extent.folders,
            "production_lines": extent.production,
            "smaller_past_changes": {name: round(value, 3) for name, value in shares.items()},
            "past_changes": len(past),
            "median_lines": median,
        },
        fingerprint=fingerprint("size", "extent"),
    )


def _insight_without_comparison(extent: Extent, past: int) -> Insight:
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule="size/extent",
        title=f"{count(extent.lines, 'line')} in {count(extent.files, 'file')}",
        description=f"Only {past} past changes of this kind to compare with; "
        f"{MIN_PAST} are needed to tell what is large here.",
        severity=Severity.INFO,
        confidence=Confidence(1.0, "counted"),
        standing=Standing.NOTE,
        evidence={"lines": extent.lines, "files": extent.files, "folders": extent.folders, "past_changes": past},
        fingerprint=fingerprint("size", "extent"),
    )


ANALYZER: Analyzer[object] = Analyzer(name="size", analyze=analyze)
