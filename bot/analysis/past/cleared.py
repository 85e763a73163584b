"""Whether an earlier commit took a finding or a dependency out of a file. Pure.

A finding was cleared by a commit that deleted the same line, or that left less of what its rule matches.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.analysis.dependency.compare import Difference
from bot.analysis.dependency.packages import Ecosystem
from bot.analysis.dependency.versions import key_of, read_range
from bot.analysis.past.lines import bare, bare_lines, changed_lines
from bot.analysis.security.expressions import EXPRESSION, Source, source_of
from bot.domain.earlier import EarlierCommit, EarlierFile, is_about_security
from bot.domain.files import FileChange, ToolFinding

_LEAST_BARE = 8
_MOST = 2_000  # characters of a line that are looked at
# An expression as the whole value of a key, as in `env:`: there it is harmless.
_VALUE = re.compile(r"^\s*(?:-\s+)?[\w.-]+\s*:\s*[\"']?\$\{\{[^{}]{1,200}\}\}[\"']?\s*$")
# What a rule matches on a line. Rules that match something missing, or a whole file, are compared by the line only.
_MATCHED = {
    "S102": r"\bexec\s*\(",
    "S201": r"\bdebug\s*=\s*True",
    "S202": r"\bextractall\s*\(",
    "S301": r"\b(?:c?[pP]ickle|dill|shelve|jsonpickle)\.\w+",
    "S302": r"\bmarshal\.loads?",
    "S306": r"\bmktemp\s*\(",
    "S307": r"\beval\s*\(",
    "S323": r"\b_create_unverified_context\b",
    "S324": r"\b(?:md5|sha1)\b",
    "S501": r"\bverify\s*=\s*False|\bCERT_NONE\b",
    "S506": r"\byaml\.load\s*\(",
    "S507": r"\b(?:AutoAdd|Warning)Policy\b",
    "S602": r"\bshell\s*=\s*True",
    "S605": r"\bos\.(?:system|popen)\s*\(",
    "dangerous-triggers": r"\b(?:pull_request_target|workflow_run)\b",
    "secrets-inherit": r"\bsecrets:\s*inherit\b",
    "insecure-commands": r"\bACTIONS_ALLOW_UNSECURE_COMMANDS\b",
    "github-env": r"\bGITHUB_(?:ENV|PATH)\b",
}
_MATCHERS = {rule: re.compile(pattern) for rule, pattern in _MATCHED.items()}


@dataclass(frozen=True, slots=True)
class Found:
    """What an earlier commit took out. exact: whether it is the same line or the same expression.

    source: who can choose the value of an expression; None if it is no expression.
    """

    what: str
    exact: bool
    source: Source | None = None


def is_security_work(commit: EarlierCommit) -> bool:
    """Return whether a commit says that it is about security."""
    return is_about_security(commit.subject) or is_about_security(commit.body)


def is_cleared(finding: ToolFinding, commit: EarlierCommit, earlier: EarlierFile, file: FileChange) -> Found | None:
    """Return what a commit took out of a file that a finding brings back.

    What the file still had at the merge base does not come back.
    """
    rule = finding.rule
    lines = (file.after or "").split("\n")[finding.line - 1 : finding.end_line]
    if rule == "template-injection":
        return _expression(lines, earlier, file)
    added = set(map(bare, earlier.added))
    deleted = {bare(line) for line in earlier.deleted} - added
    same = [line for line in lines if len(bare(line)) >= _LEAST_BARE and bare(line) in deleted]
    kept_lines = bare_lines(file.before) if same else set()
    for line in same:
        if bare(line) not in kept_lines and _says(rule, line, commit):
            return Found(line, exact=True)
    matcher = _MATCHERS.get(rule)
    if matcher is None or not is_security_work(commit):
        return None
    gone = _matched(matcher, earlier.deleted) - _matched(matcher, earlier.added)
    kept = _matched(matcher, (file.before or "").split("\n"))
    texts = (found[0] for line in lines for found in matcher.finditer(line[:_MOST]))
    text = next((text for text in texts if gone[_plain(text)] and not kept[_plain(text)]), None)
    return None if text is None else Found(text, exact=False)


def _says(rule: str, line: str, commit: EarlierCommit) -> bool:
    """Return whether the line shows what the rule is about, or the commit says that it is about security."""
    matcher = _MATCHERS.get(rule)
    return is_security_work(commit) or (matcher is not None and matcher.search(line[:_MOST]) is not None)


def _matched(matcher: re.Pattern[str], lines: Iterable[str]) -> Counter[str]:
    """Return what a rule matches on lines, without white space."""
    return Counter(_plain(found[0]) for line in lines for found in matcher.finditer(line[:_MOST]))


def _plain(text: str) -> str:
    return "".join(text.split())


def _expression(lines: Sequence[str], earlier: EarlierFile, file: FileChange) -> Found | None:
    """Return the expression that the commit took out of scripts of the file, if it is new here and somebody chooses it.

    A commit that passes an expression on as the value of a key, as in `env:`, takes it out.
    """
    gone = Counter(_expressions(earlier.deleted)) - Counter(_expressions(earlier.added))
    before = set(_expressions((file.before or "").split("\n")))
    back = {one: source_of(one, file.after or "") for one in _expressions(lines) if gone[one] and one not in before}
    freest = max(back, key=lambda one: back[one], default="")
    if not freest or back[freest] is Source.NOBODY:
        return None
    return Found(f"${{{{ {freest} }}}}", exact=True, source=back[freest])


def _expressions(lines: Iterable[str]) -> list[str]:
    """Return the expressions that stand in text, not as the whole value of a key."""
    return [one for line in lines if not _VALUE.match(line[:_MOST]) for one in _in(line)]


def _in(line: str) -> list[str]:
    return [" ".join(one.split()) for one in EXPRESSION.findall(line[:_MOST])]


def unwrapped(what: str, file: FileChange) -> bool:
    """Return whether the change deletes a line that passes this expression on as the value of a key."""
    name = _in(what)
    lines = [line.text for line in changed_lines(file).deleted]
    return bool(name) and any(_VALUE.match(line[:_MOST]) and name[0] in _in(line) for line in lines)


def took_out(name: str, commit: EarlierCommit, file: EarlierFile) -> bool:
    """Return whether a commit took a dependency out of a manifest, and says so or is about security."""
    named = _named(name)
    if not any(map(named.search, file.deleted)) or any(map(named.search, file.added)):
        return False
    return is_security_work(commit) or named.search(commit.subject) is not None


def raised_to(name: str, difference: Difference, ecosystem: Ecosystem, file: EarlierFile) -> str | None:
    """Return the version to which a commit raised a dependency, if the change goes below it."""
    before, after = (
        read_range(end.version, ecosystem) if end else None for end in (difference.before, difference.after)
    )
    if before is None or after is None or before.lower is None or after.lower is None:
        return None
    old, new = (_version(name, lines) for lines in (file.deleted, file.added))
    if old is None or new is None:
        return None
    low, high = key_of(old, ecosystem), key_of(new, ecosystem)
    if low is None or high is None or not low < high:
        return None
    return new if after.lower < high <= before.lower else None


def _version(name: str, lines: Iterable[str]) -> str | None:
    pattern = re.compile(_named(name).pattern + r"[^\d\n]{0,40}?(\d[\w.+-]{0,60})")
    return next((found[1] for line in lines if (found := pattern.search(line[:400]))), None)


def _named(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w@/.-]){re.escape(name[:200])}(?![\w-]|\.\w)")
