"""The size of a change, compared with the repository's own past changes instead of a fixed limit."""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot import paths
from bot.analysis.analyzer import Analyzer
from bot.analysis.inline import added_tests
from bot.analysis.measured import share_of
from bot.analysis.shipped import Shipped, shipped_by
from bot.domain.change import Change
from bot.domain.files import FileChange, PastChange
from bot.domain.insights import Confidence, Insight, InsightType, Severity, Standing, fingerprint
from bot.text import count

MIN_PAST = 50
_PERCENTILE = 0.95
# Reviewers find less in more than 400 lines: J. Cohen, "Best Kept Secrets of Peer Code Review", 2006.
_LEAST_LINES = 400
_LEAST_FILES = 10
# Beyond all measure: so many times the largest past change, and more than two reviews can read.
_TIMES_LARGEST = 10
_LEAST_PRODUCTION = 2 * _LEAST_LINES


# The author cannot split these: they contain other changes, or revert one.
_NOT_WRITTEN_HERE = re.compile(r"^(revert|merge \w+ into|back-?port|release)\b|^\w+\(release\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Extent:
    """Lines, files and folders of a change to review: without what is generated, vendored or recorded.

    production: its lines of production code, styles and templates, without inline tests.
    """

    lines: int
    files: int
    folders: int
    production: int = 0


@dataclass(frozen=True, slots=True)
class _Compared:
    """A change among past ones of its kind. shares: of those that are smaller, by what is counted."""

    extent: Extent
    past: list[Extent]
    shares: Mapping[str, float]

    @property
    def large(self) -> bool:
        # A rename in many files has few lines and is quick to review.
        extent, shares = self.extent, self.shares
        return extent.lines >= _LEAST_LINES and (
            shares["lines"] >= _PERCENTILE or (shares["files"] >= _PERCENTILE and extent.files >= _LEAST_FILES)
        )

    @property
    def is_beyond_measure(self) -> bool:
        """Whether it has many times the lines of the largest past change, in production code."""
        largest = max(one.lines for one in self.past)
        return self.extent.production >= max(_LEAST_PRODUCTION, _TIMES_LARGEST * largest)


def analyze(change: Change, measured: Mapping[str, object]) -> list[Insight]:
    """A note with the percentile. Size alone asks for little that a contributor can do: `split` names the parts.

    A change beyond all measure is a remark, unless it only carries others as a merge does.
    A change of code is compared with changes of code only, because version bumps are small.
    """
    compared = _compared(change)
    if not compared.extent.lines:
        return []
    if len(compared.past) < MIN_PAST:
        return [_insight_without_comparison(compared.extent, len(compared.past))]
    remark = compared.is_beyond_measure and not carries_others(change.title)
    return [_insight(compared, Standing.REMARK if remark else Standing.NOTE)]


def carries_others(title: str) -> bool:
    """Return whether a title says that the change only carries or reverts others: a merge, a release, a backport."""
    return _NOT_WRITTEN_HERE.search(title) is not None


def compared_size(change: Change) -> str:
    """Return a sentence on a change that is larger than 95 % of the past ones of its kind; empty for the others."""
    compared = _compared(change)
    extent = compared.extent
    if len(compared.past) < MIN_PAST or not compared.large or extent.production < extent.lines / 4:
        return ""
    return f" {_large_title(compared.shares, f'of the last {len(compared.past)} changes of code here')}."


def _compared(change: Change) -> _Compared:
    shipped = shipped_by(change.past)
    extent = _extent(
        ((file.path, (file.added or 0) + (file.deleted or 0), added_tests(file)) for file in _analyzed(change)),
        shipped,
        {file.path for file in change.files if file.documentation},
    )
    past = [_past_extent(one, shipped) for one in change.past]
    past = [one for one in past if one.lines and (one.production or not extent.production)]
    if not past:
        return _Compared(extent, past, {"lines": 0.0, "files": 0.0, "folders": 0.0})
    shares = {
        "lines": _below(extent.lines, [one.lines for one in past]),
        "files": _below(extent.files, [one.files for one in past]),
        "folders": _below(extent.folders, [one.folders for one in past]),
    }
    return _Compared(extent, past, shares)


def _analyzed(change: Change) -> list[FileChange]:
    return [file for file in change.files if file.left_out is None]


def _extent(files: Iterable[tuple[str, int, int]], shipped: Shipped, documentation: Collection[str] = ()) -> Extent:
    """files: path, changed lines, and how many of them belong to inline tests. documentation: paths marked as such."""
    read = [file for file in files if paths.is_read(file[0])]
    folders = {str(PurePosixPath(path).parent) for path, _, _ in read}
    production = sum(lines - tests for path, lines, tests in read if shipped.has(path) and path not in documentation)
    return Extent(sum(lines for _, lines, _ in read), len(read), len(folders), production)


def _past_extent(past: PastChange, shipped: Shipped) -> Extent:
    return _extent(((file.path, file.added + file.deleted, file.tests) for file in past.files), shipped)


def _below(value: int, past: list[int]) -> float:
    """The share (0 to 1) of past changes that are smaller."""
    return bisect_left(sorted(past), value) / len(past)


def _insight(compared: _Compared, standing: Standing) -> Insight:
    extent, past, shares, large = compared.extent, compared.past, compared.shares, compared.large
    lines = sorted(one.lines for one in past)
    median = lines[len(lines) // 2]
    kind = "changes of code" if extent.production else "changes"
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule="size/large-change" if large else "size/extent",
        title=_large_title(shares, f"of the last {len(past)} {kind} here")
        if large
        else f"{count(extent.lines, 'line')} in {count(extent.files, 'file')}; the median here is {median} lines",
        description=f"{count(extent.lines, 'line')} to read in {count(extent.files, 'file')} "
        f"and {count(extent.folders, 'folder')}, "
        f"{extent.production} of them production code; the median of the last {len(past)} {kind} is {median} lines.",
        severity=Severity.LOW,
        confidence=_confidence(f"counted against {len(past)} past {kind}", large=large),
        standing=standing,
        remedy="Say in the description in which order to read it, or split off what can be reviewed by itself."
        if standing is Standing.REMARK
        else "",
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


def _confidence(counted: str, *, large: bool) -> Confidence:
    return share_of("size/large-change", counted) if large else Confidence(1.0, counted)


def _large_title(shares: Mapping[str, float], past: str) -> str:
    """What is large: the lines where they are, else the number of files."""
    unit = "lines" if shares["lines"] >= _PERCENTILE else "files"
    smaller = "any" if shares[unit] >= 1 else f"{int(100 * shares[unit])} %"
    return f"This change has more {unit} than {smaller} {past}"


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
