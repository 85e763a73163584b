"""The install back-test: the newest merged pull requests replayed in silence, with what would have been said of each,
whether what came after bears it out, and the thresholds at which it would have been little enough.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
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


# Nothing in the history of the code tells whether these were right.
_NOT_TOLD = frozenset({"security", "dependency", "size", "split", "ownership", "tests"})


async def back_test(
    git_dir: Path, index: Path, *, repository: str, config: ReadConfig, progress: Progress | None = None
) -> BackTest:
    """Replay the newest merged changes; none of it is shown anywhere. Raises IndexUnusable."""
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
        remarks = [_judged(open_index, *said) for said in reports]
    shown = [select(report).remarks for _, report in reports]
    kept = tuple(remark for said in remarks for remark in said)
    spoken = sum(bool(said) for said in shown)
    return BackTest(
        changes=len(reports),
        spoken=spoken,
        failed=len(changes) - len(reports),
        since=min((change.when for change, _ in reports), default=0),
        until=max((change.when for change, _ in reports), default=0),
        remarks=kept,
        proposals=propose([one for said in shown for one in said], len(reports), config.values),
        summary=_summary(len(reports), spoken, kept),
        by_analyzer=_by_analyzer(kept),
    )


def _summary(changes: int, spoken: int, remarks: Sequence[ReplayedRemark]) -> str:
    """In one or two sentences."""
    if not changes:
        return "No change could be replayed."
    if not remarks:
        return f"Of the last {count(changes, 'merged change')}, none would have had a remark."
    verdicts = Counter(remark.verdict for remark in remarks)
    said = (
        f"Of the last {count(changes, 'merged change')}, {spoken} would have had a remark "
        f"({count(len(remarks), 'remark')} in all). "
    )
    known = verdicts[Verdict.RIGHT] + verdicts[Verdict.UNCONFIRMED]
    return said + (
        f"Of the {known} that the history can tell about by now, {verdicts[Verdict.RIGHT]} were borne out by what came "
        "within 90 days."
        if known
        else "The history cannot tell yet which of them were right."
    )


def _by_analyzer(remarks: Sequence[ReplayedRemark]) -> tuple[AnalyzerVerdicts, ...]:
    """How many remarks each analyzer would have made, and their verdicts."""
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
    """The report as it would have been; None where the change cannot be read any more."""
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


def _judged(index: HistoryIndex, change: MergedChange, report: Report) -> list[ReplayedRemark]:
    fixes = later_fixes(index, change)
    found = []
    for remark in select(report).remarks:
        path = remark.locations[0].path if remark.locations else ""
        came = _bearing_out(index, change, remark, path, {fix.path: fix.sha for fix in reversed(fixes)})
        found.append(
            ReplayedRemark(
                sha=change.sha,
                number=change.number,
                analyzer=remark.rule.partition("/")[0],
                rule=remark.rule,
                severity=remark.severity.value,
                title=without_spans(remark.title),
                path=path,
                verdict=_verdict(index, change, remark, came),
                came=came,
            )
        )
    return found


def _bearing_out(
    index: HistoryIndex, change: MergedChange, remark: Insight, path: str, fixes: dict[str, str]
) -> str | None:
    """The later commit that shows that a remark was worth heeding.

    For a risk: any fix or revert of the change. For a missing companion: its next change. For the rest: a fix of lines
    that the change brought into the file of the remark, or its revert.
    """
    if remark.type == "risk":
        return next(iter(fixes.values()), None)
    if remark.rule == "coupling/missing-companion":
        return next_change_of(index, change, str(remark.evidence["companion"]))
    return fixes.get(path) or fixes.get("")


def _verdict(index: HistoryIndex, change: MergedChange, remark: Insight, came: str | None) -> Verdict:
    if remark.rule.partition("/")[0] in _NOT_TOLD:
        return Verdict.UNKNOWN
    if came:
        return Verdict.RIGHT
    return Verdict.UNCONFIRMED if is_settled(index, change) else Verdict.TOO_YOUNG
