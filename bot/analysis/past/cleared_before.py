"""Cleared before: a security finding or a dependency that an earlier fix took out of this file comes back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bot import paths
from bot.analysis.analyzer import Analyzer
from bot.analysis.dependency.compare import Difference, Kind
from bot.analysis.dependency.facts import FileFacts
from bot.analysis.dependency.facts import measure as measure_dependencies
from bot.analysis.dependency.formats import format_of
from bot.analysis.measured import share_of
from bot.analysis.past.cleared import Found, is_cleared, is_security_work, raised_to, took_out, unwrapped
from bot.analysis.past.wording import commit_json, names, receipt
from bot.analysis.security.analyzer import new_findings
from bot.analysis.security.expressions import CHOSEN_BY, Source
from bot.analysis.security.redact import password_lines, quotable
from bot.analysis.security.rules import RULES
from bot.domain.change import Change
from bot.domain.earlier import EarlierCommit, EarlierFile
from bot.domain.files import FileChange, ToolFinding
from bot.domain.insights import Insight, InsightType, Location, Severity, Standing, fingerprint
from bot.text import code, plain

RULE = "history/cleared-before"
_MOST_INSIGHTS = 5
_EXACT = "the earlier commit took the same line out of this file"
_SAME_RULE = "the earlier commit took what the rule matches out of this file"
_DEPENDENCY = "both files are read by the same parser; the versions are those of the earlier lines"


@dataclass(frozen=True, slots=True)
class _Cleared:
    """A finding that an earlier commit cleared. found: what the commit took out."""

    finding: ToolFinding
    commit: EarlierCommit
    found: Found
    file: FileChange


def measure(file: FileChange) -> FileFacts | None:
    """Return the differences of a manifest; None for lock files and other files."""
    form = format_of(file.path)
    return measure_dependencies(file) if form is not None and not form.manifest else None


def analyze(change: Change, measured: Mapping[str, FileFacts]) -> list[Insight]:
    """One insight per rule and earlier commit, and per dependency."""
    commits = [one for one in change.earlier.commits if one.is_clearing]
    if not commits:
        return []
    found = [*_findings(change, commits), *_dependencies(change, measured, commits)]
    return found[:_MOST_INSIGHTS]


def _findings(change: Change, commits: list[EarlierCommit]) -> Iterator[Insight]:
    grouped: dict[tuple[str, str, str], list[_Cleared]] = {}
    files = {file.path: file for file in change.files}
    known = tuple(one for one in change.scans if one.rule in RULES)
    for finding in new_findings(replace(change, scans=known)):
        if cleared := _cleared(files[finding.path], finding, commits):
            grouped.setdefault((finding.path, finding.rule, cleared.commit.sha), []).append(cleared)
    for found in grouped.values():
        yield _finding_insight(change, found)


def _cleared(file: FileChange, finding: ToolFinding, commits: list[EarlierCommit]) -> _Cleared | None:
    """Return the newest commit that cleared a finding."""
    for commit in commits:
        for earlier in commit.files:
            if earlier.path == file.path and (found := is_cleared(finding, commit, earlier, file)):
                return _Cleared(finding, commit, found, file)
    return None


def _finding_insight(change: Change, found: list[_Cleared]) -> Insight:
    first = found[0]
    finding, commit = first.finding, first.commit
    rule = RULES[finding.rule]
    hidden = (finding.side.value, finding.path, finding.line) in password_lines(change.scans)
    what = quotable(first.found.what.strip(), password=hidden)
    told = names(change.earlier.message, commit)
    # The title goes into mails and webhooks, which hold no code.
    title = f"{code(finding.path)} has again what an earlier fix took out of it"
    back = "The same is back" if first.found.exact else "It is back in another form"
    most = Severity.LOW if finding.severity is Severity.INFO else Severity.MEDIUM
    return Insight(
        type=InsightType.SECURITY,
        rule=RULE,
        title=title,
        description=f"{back}: {code(what, 80)}. {_says(first)} ({finding.tool} {finding.rule}). "
        f"The fix is {receipt(commit)}.",
        remedy="" if told else _remedy(first),
        severity=min(rule.severity, most, key=lambda one: one.rank),
        confidence=share_of(RULE, _EXACT if first.found.exact else _SAME_RULE),
        standing=Standing.NOTE if told or _is_doubtful(first) else Standing.REMARK,
        evidence={
            "tool": finding.tool,
            "rule": finding.rule,
            "cleared_by": commit_json(commit),
            "line": plain(what, 160),
            "same_line": first.found.exact,
        },
        locations=tuple(
            Location(one.finding.path, one.finding.line, max(one.finding.line, one.finding.end_line))
            for one in found[:3]
        ),
        fingerprint=fingerprint(RULE, finding.rule, finding.path, commit.sha),
    )


def _says(cleared: _Cleared) -> str:
    """Return what the rule is about; of an expression, who chooses its value."""
    source = cleared.found.source
    return CHOSEN_BY[source] if source is not None else RULES[cleared.finding.rule].title


def _is_doubtful(cleared: _Cleared) -> bool:
    """Return whether it is not known who chooses the value, or the code is a test or a tool."""
    if cleared.found.source is not None:
        return cleared.found.source is Source.UNKNOWN
    return cleared.finding.tool == "ruff" and (
        paths.is_test(cleared.finding.path) or paths.is_tooling(cleared.finding.path)
    )


def _remedy(cleared: _Cleared) -> str:
    """Return what to do: never what the change itself takes out."""
    if cleared.found.source is not None and unwrapped(cleared.found.what, cleared.file):
        return "Keep the variable of `env:`, in double quotes, outside of single quotes: the shell expands it there."
    return RULES[cleared.finding.rule].remedy


def _dependencies(change: Change, measured: Mapping[str, FileFacts], commits: list[EarlierCommit]) -> Iterator[Insight]:
    for path, facts in measured.items():
        pairs = [(one, file) for one in commits for file in one.files if file.path == path]
        for difference in facts.differences if pairs else ():
            if found := _dependency(change, path, facts, difference, pairs):
                yield found


def _dependency(
    change: Change,
    path: str,
    facts: FileFacts,
    difference: Difference,
    pairs: list[tuple[EarlierCommit, EarlierFile]],
) -> Insight | None:
    name = difference.package.written or difference.package.name
    for commit, file in pairs:
        if difference.kind is Kind.ADDED and took_out(name, commit, file):
            said = f"{code(name)} was taken out of {code(path)} by an earlier fix and is back"
            return _dependency_insight(change, path, difference, commit, said, "removed")
        if difference.kind is Kind.LOWERED and (version := raised_to(name, difference, facts.ecosystem, file)):
            said = f"{code(name)} in {code(path)} falls below {code(version)}, to which an earlier fix raised it"
            return _dependency_insight(change, path, difference, commit, said, "raised")
    return None


def _dependency_insight(
    change: Change, path: str, difference: Difference, commit: EarlierCommit, title: str, how: str
) -> Insight:
    told = names(change.earlier.message, commit)
    strong = is_security_work(commit) or difference.package.name.lower() in commit.subject.lower()
    before, after = (end.version if end else "" for end in (difference.before, difference.after))
    return Insight(
        type=InsightType.DEPENDENCY,
        rule=RULE,
        title=title,
        description=f"The fix is {receipt(commit)}.",
        remedy="" if told else "Check that the reason of the fix is gone.",
        severity=Severity.MEDIUM if is_security_work(commit) else Severity.LOW,
        confidence=share_of(RULE, _DEPENDENCY),
        standing=Standing.REMARK if strong and not told else Standing.NOTE,
        evidence={
            "name": plain(difference.package.name),
            "how": how,
            "before": plain(before),
            "after": plain(after),
            "cleared_by": commit_json(commit),
        },
        locations=(Location(path, difference.line, difference.line),) if difference.line else (),
        fingerprint=fingerprint(RULE, "dependency", path, difference.package.name, commit.sha),
        tags=("dependency",),
    )


ANALYZER = Analyzer(name="cleared-before", measure=measure, analyze=analyze)
