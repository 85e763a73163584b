"""The back-test: replays the newest merged pull requests that are old enough to judge, without publishing anything.

Its result contains the remarks that they would have had, whether the later history confirms them, and thresholds that
would have reduced their number.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

from bot.domain.back_test import AnalyzerVerdicts, BackTest, ReplayedRemark, Verdict
from bot.domain.change import Report
from bot.domain.insights import Insight
from bot.errors import GiveUp
from bot.git.parse import ParseError
from bot.git.read_file import resolve
from bot.git.run import GitError
from bot.history.index import HistoryIndex, opened
from bot.history.merged_changes import MergedChange, is_settled, later_fixes, newest_merged, next_change_of
from bot.learning.thresholds import propose
from bot.pipeline.make_report import ReadConfig, ReportRequest, make_report
from bot.report.selection import select
from bot.sandbox import Sandbox
from bot.text import count, without_spans

log = logging.getLogger(__name__)
CHANGES = 30
Progress = Callable[[int, int], None]

# The history cannot confirm remarks of these analyzers.
_UNCONFIRMABLE = frozenset({"security", "dependency", "size", "split", "ownership", "tests"})


async def back_test(
    git_dir: Path, index: Path, *, repository: str, config: ReadConfig, progress: Progress | None = None
) -> BackTest:
    """Replay the newest merged changes without publishing anything. Raises IndexUnusable."""
    with opened(index) as open_index:
        changes = newest_merged(open_index, CHANGES)
    reports: list[tuple[MergedChange, Report]] = []
    async with Sandbox() as sandbox:
        for number, change in enumerate(changes, 1):
            report = await _replay(git_dir, index, change, repository, config, sandbox)
            if report is not None:
                reports.append((change, report))
            if progress:
                progress(number, len(changes))
    with opened(index) as open_index:
        replayed = tuple(
            remark for change, report in reports for remark in _replayed_remarks(open_index, change, report)
        )
    remarks = [select(report).remarks for _, report in reports]
    with_remarks = sum(map(bool, remarks))
    return BackTest(
        changes=len(reports),
        spoken=with_remarks,
        failed=len(changes) - len(reports),
        since=min((change.when for change, _ in reports), default=0),
        until=max((change.when for change, _ in reports), default=0),
        remarks=replayed,
        proposals=propose(list(chain.from_iterable(remarks)), len(reports), config.values),
        summary=_summary(len(reports), with_remarks, replayed),
        by_analyzer=_by_analyzer(replayed),
    )


def _summary(changes: int, with_remarks: int, remarks: Sequence[ReplayedRemark]) -> str:
    """Return one or two sentences about the result."""
    if not changes:
        return "No change could be replayed."
    if not remarks:
        return f"Of the last {count(changes, 'merged change')}, none would have had a remark."
    verdicts = Counter(remark.verdict for remark in remarks)
    total = (
        f"Of the last {count(changes, 'merged change')}, {with_remarks} would have had a remark "
        f"({count(len(remarks), 'remark')} in all). "
    )
    known = verdicts[Verdict.RIGHT] + verdicts[Verdict.UNCONFIRMED]
    if not known:
        return total + "The later history cannot confirm any of them yet."
    return total + f"Of the {known} that could be checked, later commits confirmed {verdicts[Verdict.RIGHT]}."


def _by_analyzer(remarks: Sequence[ReplayedRemark]) -> tuple[AnalyzerVerdicts, ...]:
    """Return the number of remarks of each analyzer, and their verdicts."""
    rows = []
    for name in sorted({remark.analyzer for remark in remarks}):
        verdicts = Counter(remark.verdict for remark in remarks if remark.analyzer == name)
        rows.append(
            AnalyzerVerdicts(
                analyzer=name,
                remarks=verdicts.total(),
                right=verdicts[Verdict.RIGHT],
                unconfirmed=verdicts[Verdict.UNCONFIRMED],
                too_young=verdicts[Verdict.TOO_YOUNG],
                unknown=verdicts[Verdict.UNKNOWN],
            )
        )
    return tuple(rows)


async def _replay(
    git_dir: Path, index: Path, change: MergedChange, repository: str, config: ReadConfig, sandbox: Sandbox
) -> Report | None:
    """Make the report on a past change. Returns None if the change cannot be read any more."""
    try:
        base = await resolve(git_dir, f"{change.sha}^1")
        head = await resolve(git_dir, f"{change.sha}^2") if change.is_merge else change.sha
        if base is None or head is None:
            return None
        request = ReportRequest(
            git_dir=git_dir,
            base=base,
            head=head,
            repository=repository,
            config=config,
            index=index,
            title=change.subject,
        )
        return await make_report(request, sandbox)
    except (GitError, ParseError, GiveUp) as problem:
        log.warning("%s could not be replayed: %s", change.sha[:10], problem)
        return None


def _replayed_remarks(index: HistoryIndex, change: MergedChange, report: Report) -> list[ReplayedRemark]:
    """Return the remarks of a report with their verdicts."""
    fixes = later_fixes(index, change)
    found = []
    for remark in select(report).remarks:
        path = remark.locations[0].path if remark.locations else ""
        confirming = _confirming_commit(index, change, remark, path, {fix.path: fix.sha for fix in reversed(fixes)})
        found.append(
            ReplayedRemark(
                sha=change.sha,
                number=change.number,
                analyzer=remark.rule.partition("/")[0],
                rule=remark.rule,
                severity=remark.severity.value,
                title=without_spans(remark.title),
                path=path,
                verdict=_verdict(index, change, remark, confirming),
                came=confirming,
            )
        )
    return found


def _confirming_commit(
    index: HistoryIndex, change: MergedChange, remark: Insight, path: str, fixes: dict[str, str]
) -> str | None:
    """Return the sha of the later commit that confirms a remark, or None.

    For a risk it is any fix or revert of the change. For a missing companion it is the next change of the companion.
    For other remarks it is a fix of lines that the change introduced in the file of the remark, or a revert.
    """
    if remark.type == "risk":
        return next(iter(fixes.values()), None)
    if remark.rule == "coupling/missing-companion":
        return next_change_of(index, change, str(remark.evidence["companion"]))
    return fixes.get(path) or fixes.get("")


def _verdict(index: HistoryIndex, change: MergedChange, remark: Insight, confirming: str | None) -> Verdict:
    if remark.rule.partition("/")[0] in _UNCONFIRMABLE:
        return Verdict.UNKNOWN
    if confirming:
        return Verdict.RIGHT
    return Verdict.UNCONFIRMED if is_settled(index, change) else Verdict.TOO_YOUNG
