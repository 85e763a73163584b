"""New scanner findings (at head, not at base) and secrets on added lines.

A finding is not new if the same rule matched an equal line at the base, in any changed file (moved code), or if its
hunk replaced lines on which the rule matched.
"""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import PurePosixPath

from bot import paths
from bot.analysis.analyzer import Analyzer
from bot.analysis.measured import share_of
from bot.analysis.security.expressions import CHOSEN_BY, EXPRESSION, Source, source_of
from bot.analysis.security.redact import password_lines, quotable
from bot.analysis.security.rules import RULES, Rule
from bot.analysis.security.workflows import judged_in_workflow
from bot.domain.change import Change
from bot.domain.files import FileChange, Side, ToolFinding
from bot.domain.insights import Insight, InsightType, Location, Severity, Standing, fingerprint
from bot.text import code, plain

# By path and side.
Lines = Mapping[tuple[str, Side], list[str]]
# A privileged trigger is harmless if the workflow never gets the code of the head.
_UNTRUSTED_CODE = re.compile(
    r"\bhead[._](sha|ref|branch|repository)\b|\bhead\.repo\b|refs/pull/|pr checkout|download-artifact"
)
_SECRETS = "secrets"
_MOST_LINE = 1_000
_PROSE = frozenset({"doc", "docs", "documentation", "man"})
_EXAMPLES = frozenset({"example", "examples", "sample", "samples", "demo", "demos"})
_PROSE_NAME = re.compile(
    r"(^|/)(readme|changelog|changes|news|history|authors|copying|licen[cs]e|notice|todo)[\w.-]*\.txt$", re.IGNORECASE
)
_NON_PRODUCTION = ("example", "demo", "sample", "bench", "script", "docs", "doc", "tools")


def analyze(change: Change, measured: Mapping[str, None]) -> list[Insight]:
    """One insight per new finding and per secret."""
    insights = []
    secrets: Counter[tuple[str, str]] = Counter()
    for secret in (item for item in change.scans if item.tool == _SECRETS):
        secrets[secret.path, secret.rule] += 1
        insights.append(_secret(change, secret, secrets[secret.path, secret.rule]))
    files = {file.path: file for file in change.files}
    lines = _lines(change)
    seen: Counter[tuple[str, str]] = Counter()
    passwords = password_lines(change.scans)
    for finding in new_findings(change):
        password = (finding.side.value, finding.path, finding.line) in passwords
        line = quotable(_line_text(lines, finding), password=password)
        seen[finding.rule, line] += 1
        insights.append(_finding(change, files[finding.path], finding, line, seen[finding.rule, line]))
    return insights


def new_findings(change: Change) -> list[ToolFinding]:
    """Findings of ruff and zizmor at head that are not at base. Secrets are found on added lines only."""
    files = {file.path: file for file in change.files}
    lines = _lines(change)
    known = Counter(_identity(lines, item) for item in change.scans if item.side is Side.BASE)
    fresh: list[ToolFinding] = []
    seen: set[tuple[str, str, int]] = set()
    at_head = (item for item in change.scans if item.side is Side.HEAD and item.tool != _SECRETS)
    for item in (item for item in at_head if not _is_assert_of_test(item)):
        identity = _identity(lines, item)
        if known[identity] > 0:
            known[identity] -= 1
        elif not _replaced(files[item.path], item, change.scans) and (item.rule, item.path, item.line) not in seen:
            seen.add((item.rule, item.path, item.line))
            fresh.append(item)
    return fresh


def _is_assert_of_test(finding: ToolFinding) -> bool:
    """Whether it is an `assert` where asserts belong."""
    return finding.rule == "S101" and (paths.is_test(finding.path) or paths.is_tooling(finding.path))


def _lines(change: Change) -> Lines:
    """Return the lines of the texts with findings. Many findings can be in one text, which is split once."""
    with_findings = {(item.path, item.side) for item in change.scans}
    return {
        (file.path, side): (text or "").split("\n")
        for file in change.files
        for side, text in ((Side.BASE, file.before), (Side.HEAD, file.after))
        if (file.path, side) in with_findings
    }


def _identity(lines: Lines, finding: ToolFinding) -> tuple[str, str]:
    return finding.rule, _line_text(lines, finding)


def _line_text(lines: Lines, finding: ToolFinding) -> str:
    text = lines[finding.path, finding.side]
    return text[finding.line - 1].strip() if finding.line <= len(text) else ""


def _replaced(file: FileChange, finding: ToolFinding, scans: tuple[ToolFinding, ...]) -> bool:
    """Whether the lines that this finding's hunk replaced already had a finding of the same rule."""
    for hunk in file.hunks:
        if hunk.new_start <= finding.end_line and finding.line < hunk.new_start + hunk.new_count:
            old = range(hunk.old_start, hunk.old_start + hunk.old_count)
            return any(
                item.side is Side.BASE and item.rule == finding.rule and item.path == file.path and item.line in old
                for item in scans
            )
    return False


def _finding(change: Change, file: FileChange, finding: ToolFinding, line: str, ordinal: int) -> Insight:
    """line: the line without secrets. ordinal: among the findings of this rule on equal lines."""
    rule = RULES.get(finding.rule)
    found = f"{finding.tool} rule {finding.rule} on {code(line, 120)}."
    judged = judged_in_workflow(change, file, finding) if finding.tool == "zizmor" else None
    chosen = _chosen_by(file, finding) if finding.rule == "template-injection" else None
    at = judged.line if judged and judged.line else finding.line
    where = f"{code(finding.path)} line {at}"
    title = chosen or (judged.title if judged else rule.title if rule else f"{finding.tool} {finding.rule}")
    told = judged or rule
    return Insight(
        type=InsightType.SECURITY,
        rule=f"security/{finding.rule}",
        title=f"{title}: {where}" if told else f"{title} in {where}",
        description=found if change.whole_repository else f"New in this change: {found}",
        remedy=f"{told.remedy} {_mute(finding)}" if told else "",
        severity=judged.severity if judged else _severity(rule, finding),
        confidence=share_of(f"security/{finding.rule}", judged.known if judged else _known(rule, finding)),
        standing=Standing.NOTE if chosen else Standing.REMARK if judged else _standing(rule, finding, file),
        evidence={"tool": finding.tool, "rule": finding.rule, "line": plain(line), "url": finding.url},
        locations=(Location(finding.path, at, at if at != finding.line else max(at, finding.end_line)),),
        fingerprint=fingerprint("security", finding.rule, finding.path, line, str(ordinal)),
        tags=(finding.tool, finding.rule),
    )


def _chosen_by(file: FileChange, finding: ToolFinding) -> str | None:
    """What to say of an expression that no outsider can choose, such as the name of the base branch; None otherwise."""
    text = file.after or ""
    lines = text.split("\n")[finding.line - 1 : finding.end_line]
    sources = [source_of(one, text) for line in lines for one in EXPRESSION.findall(line[:_MOST_LINE])]
    freest = max(sources, default=Source.OUTSIDER)
    return None if freest is Source.OUTSIDER else CHOSEN_BY.get(freest, "An expression becomes part of the script")


def _mute(finding: ToolFinding) -> str:
    comment = f"noqa: {finding.rule}" if finding.tool == "ruff" else f"zizmor: ignore[{finding.rule}]"
    return f"If it is intended, add `# {comment}` to the line."


def _known(rule: Rule | None, finding: ToolFinding) -> str:
    if rule is None:
        return f"{finding.tool} rates it {finding.confidence:.0%}"
    return f"{finding.tool} {finding.rule} matches the pattern, and does not know where the values come from"


def _severity(rule: Rule | None, finding: ToolFinding) -> Severity:
    """The severity of the table, at most zizmor's for this finding; ruff rates all findings of a rule alike."""
    if rule is None:
        return Severity.INFO
    return min(rule.severity, finding.severity, key=_rank) if finding.tool == "zizmor" else rule.severity


def _rank(severity: Severity) -> int:
    return severity.rank


def _standing(rule: Rule | None, finding: ToolFinding, file: FileChange) -> Standing:
    """A note for tests, examples and scripts, which may do what production code should not."""
    if finding.tool == "zizmor" and _severity(rule, finding).rank < Severity.MEDIUM.rank:
        return Standing.NOTE
    if finding.rule == "dangerous-triggers" and not _UNTRUSTED_CODE.search(file.after or ""):
        return Standing.NOTE
    parts = finding.path.lower().split("/")
    non_production = paths.is_test(finding.path) or any(part.startswith(_NON_PRODUCTION) for part in parts)
    doubtful = rule is not None and min(rule.confidence, finding.confidence) < 0.5
    return Standing.NOTE if rule is None or doubtful or (non_production and finding.tool == "ruff") else Standing.REMARK


def _secret(change: Change, secret: ToolFinding, ordinal: int) -> Insight:
    """ordinal: among the secrets of this kind in the file."""
    rehearsal = _is_rehearsal(secret.path)
    verb = "is" if change.whole_repository else "is added"
    return Insight(
        type=InsightType.SECURITY,
        rule="security/secret",
        title=f"{secret.message} {verb} in {code(secret.path)} line {secret.line}",
        description="Everyone who can read the repository can use it, and it stays in the git history.",
        remedy="Revoke it where it was issued, then remove it here and read it from the environment. "
        "If it is not a secret, add `pragma: allowlist secret` to the line.",
        severity=Severity.MEDIUM if rehearsal else secret.severity,
        confidence=share_of(
            "security/secret",
            "the format matches"
            + (", but tests, examples and documentation often contain made-up ones" if rehearsal else ""),
        ),
        standing=Standing.NOTE if rehearsal else Standing.REMARK,
        evidence={"kind": secret.rule, "value": "redacted"},
        locations=(Location(secret.path, secret.line, secret.line),),
        fingerprint=fingerprint("security/secret", secret.rule, secret.path, str(ordinal)),
        tags=("secret",),
    )


def _is_rehearsal(path: str) -> bool:
    """Whether a file is a test, an example or documentation. A `.txt` is prose only by its name or its folder."""
    folders = {part.lower() for part in PurePosixPath(path).parts[:-1]}
    prose = paths.is_docs(path) and (not path.lower().endswith(".txt") or _PROSE_NAME.search(path) or folders & _PROSE)
    return bool(paths.is_test(path) or prose or folders & _EXAMPLES)


ANALYZER = Analyzer(name="security", analyze=analyze)
