"""Contributors of the changed files: who could review the change, and files whose authors are inactive.

Shares are of lines, as `git blame` counts them. People are suggested, but not notified and not ranked.
"""

from collections.abc import Mapping, Sequence

from bot import paths
from bot.analysis.analyzer import Analyzer
from bot.analysis.code_owners import CodeOwners
from bot.analysis.measured import share_of
from bot.analysis.production import is_production
from bot.domain.change import Change
from bot.domain.files import FileChange, FileStatus
from bot.domain.history import Contributor, FileHistory, HistoryFacts
from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, Standing, fingerprint
from bot.domain.periods import DAY, INACTIVE
from bot.text import code, plain

_ORPHANED_SHARE = 0.75
_LEAST_FILE, _LEAST_CHANGE = 100, 20
_LEAST_SHARE = 0.05
# Of the lines of a file, so many need a known author: code that was imported has none.
_LEAST_KNOWN = 0.5
_SUGGESTED = 3


def analyze(change: Change, measured: Mapping[str, object]) -> list[Insight]:
    """An insight on the largest orphaned file, and a note that suggests reviewers."""
    history = change.history
    if history is None:
        return []
    rules = CodeOwners(change.codeowners)
    files = {file.path: file for file in change.files if _is_changed_code(file)}
    known = [past for past in history.files if past.path in files and past.contributors]
    if not known:
        return []
    orphaned = [past for past in known if not rules.of(past.path) and _is_orphaned(files[past.path], past, history)]
    tested = any(paths.is_test(file.path) for file in change.files)
    insights = [_orphaned_insight(files[past.path], past, history, tested) for past in _largest(orphaned)[:1]]
    return [*insights, *_reviewers_insight(files, known, history, rules)]


def _is_changed_code(file: FileChange) -> bool:
    return file.status in {FileStatus.MODIFIED, FileStatus.RENAMED} and is_production(file)


def _largest(pasts: Sequence[FileHistory]) -> list[FileHistory]:
    return sorted(pasts, key=lambda past: (-past.lines, past.path))


def _is_active(owner: Contributor, history: HistoryFacts) -> bool:
    """Whether a person is active here. Who takes part in this change is, whenever the last change was."""
    return (
        history.now - owner.last_active < INACTIVE or owner.person in history.present or owner.person == history.author
    )


def _is_orphaned(file: FileChange, past: FileHistory, history: HistoryFacts) -> bool:
    inactive = sum(owner.share for owner in past.contributors if not owner.is_bot and not _is_active(owner, history))
    return (
        past.lines >= _LEAST_FILE
        and sum(owner.lines for owner in past.contributors) >= past.lines * _LEAST_KNOWN
        and (file.added or 0) + (file.deleted or 0) >= _LEAST_CHANGE
        and inactive >= _ORPHANED_SHARE
        and not any(_takes_part(owner, history) and owner.share >= _LEAST_SHARE for owner in past.contributors)
    )


def _takes_part(owner: Contributor, history: HistoryFacts) -> bool:
    return owner.person == history.author or owner.person in history.present


def _active(past: FileHistory, history: HistoryFacts) -> list[Contributor]:
    """Active contributors with at least 5 % of the lines, without those who take part in the change."""
    return [
        owner
        for owner in past.contributors
        if not owner.is_bot
        and owner.share >= _LEAST_SHARE
        and not _takes_part(owner, history)
        and _is_active(owner, history)
    ]


def _orphaned_insight(file: FileChange, past: FileHistory, history: HistoryFacts, tested: bool) -> Insight:
    inactive = sum(owner.share for owner in past.contributors if not owner.is_bot and not _is_active(owner, history))
    active = sorted(code(owner.name) for owner in _active(past, history)[:_SUGGESTED])
    line = max(1, file.hunks[0].new_start) if file.hunks else 1
    return Insight(
        type=InsightType.OWNERSHIP,
        rule="ownership/orphaned",
        title=f"The authors of {inactive:.0%} of {code(past.path)} have not been active here for 6 months",
        description=f"Active people who know parts of it: {', '.join(active)}."
        if active
        else "No active person wrote a substantial part of it.",
        remedy="Before you change it, add a test of what it does today.",
        severity=Severity.LOW,
        confidence=share_of(
            "ownership/orphaned",
            f"from the origin of {past.lines} lines; people who only review without a trace in git may be missed",
        ),
        evidence={
            "lines": past.lines,
            "inactive_share": round(inactive, 3),
            "active": [plain(owner.name) for owner in _active(past, history)],
            "inactive_after_days": INACTIVE // DAY,
        },
        locations=(Location(past.path, line, line),),
        # In an old project most files are orphaned. With an active contributor, or with tests, there is nothing to do.
        standing=Standing.NOTE if active or tested else Standing.REMARK,
        fingerprint=fingerprint("ownership/orphaned", past.path),
    )


def _reviewers_insight(
    files: Mapping[str, FileChange], known: Sequence[FileHistory], history: HistoryFacts, rules: CodeOwners
) -> list[Insight]:
    """Contributors of the changed files, weighted by the changed lines; code owners are listed separately.

    Nothing without an active one: that git knows nobody else does not mean that nobody knows the code.
    """
    weights: dict[str, float] = {}
    for past in known:
        changed = (files[past.path].added or 0) + (files[past.path].deleted or 0)
        for owner in _active(past, history):
            weights[owner.name] = weights.get(owner.name, 0.0) + owner.share * changed
    chosen = sorted(sorted(weights, key=lambda name: (-weights[name], name))[:_SUGGESTED])
    owners = sorted({owner for past in known for owner in rules.of(past.path)})
    if not chosen:
        return []
    names = ", ".join(code(name) for name in chosen)
    insight = Insight(
        type=InsightType.OWNERSHIP,
        rule="ownership/reviewers",
        title="Who knows the changed lines",
        description=f"Active and familiar with these files: {names}.",
        severity=Severity.INFO,
        confidence=Confidence(0.9, "lines by origin"),
        standing=Standing.NOTE,
        evidence={
            "suggested": [plain(name) for name in chosen],
            "code_owners": [plain(owner) for owner in owners],
            "files": [
                {
                    "path": past.path,
                    "people": sum(not owner.is_bot for owner in past.contributors),
                    "main_share": round(max(owner.share for owner in past.contributors), 3),
                    "minor_contributors": sum(owner.share < _LEAST_SHARE for owner in past.contributors),
                }
                for past in known[:50]
            ],
        },
        fingerprint=fingerprint("ownership/reviewers"),
    )
    return [insight]


ANALYZER: Analyzer[object] = Analyzer(name="ownership", analyze=analyze)
