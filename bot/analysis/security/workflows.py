"""Which findings in workflows are worth a remark, by what stands around them: secrets, permissions, pins. Pure.

zizmor's audits look at one line. Whether it asks for anything depends on whom a workflow calls, on how many jobs get a
permission, and on how the repository refers to its other actions. https://docs.zizmor.sh/audits/
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.change import Change
from bot.domain.files import FileChange, ToolFinding
from bot.domain.insights import Severity
from bot.domain.tree import Mention
from bot.text import code

# Fewer actions show no habit.
_LEAST_PINNED = 3
_MOST_LINES = 5_000
_MOST_CALL = 40
USES = re.compile(r"\s*(?:-\s+)?uses\s*:\s*[\"']?(?P<name>[\w.-]+/[\w./-]+)@(?P<ref>[\w./-]+)")
_SECRETS = re.compile(r"\s*secrets\s*:\s*[\"']?inherit\b")
_COMMIT = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")
_PERMISSION = re.compile(r"(?P<margin>\s*)(?P<name>[\w-]+)\s*:\s*(?P<value>[\w-]*)")
_OFFICIAL = frozenset({"actions", "github", "dependabot"})
# Verifies itself by the tag that it is called with: https://github.com/slsa-framework/slsa-github-generator
_BY_TAG = "slsa-framework/slsa-github-generator"


class _Owner(StrEnum):
    """Whose an action is. Repositories often pin those of strangers only."""

    OWN = "of this owner"
    OFFICIAL = "of GitHub"
    OTHER = "of others"


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding that is worth a remark.

    title: a sentence without a full stop.
    remedy: what to do instead.
    known: what it rests on.
    line: where it is shown, 1-based; 0 for the line of the finding.
    """

    title: str
    remedy: str
    severity: Severity
    known: str
    line: int = 0


def adds_unpinned(files: Sequence[FileChange]) -> bool:
    """Return whether a workflow gets an action that is not pinned, so that the others are worth a look."""
    return any(
        file.path.startswith(".github/workflows/") and any(_is_unpinned(text) for _, text in file.added_lines())
        for file in files
    )


def judged_in_workflow(change: Change, file: FileChange, finding: ToolFinding) -> Judged | None:
    """Return what a new finding asks for; None if nothing around it makes it worth a remark."""
    lines = (file.after or "").split("\n")[:_MOST_LINES]
    if change.whole_repository or not 0 < finding.line <= len(lines) or not _is_brought(file, finding):
        return None
    match finding.rule:
        case "secrets-inherit":
            return _inherited(change, lines, finding)
        case "excessive-permissions":
            return _permission(lines, finding)
        case "unpinned-uses":
            return _unpinned(change, lines[finding.line - 1])
    return None


def _is_brought(file: FileChange, finding: ToolFinding) -> bool:
    """Return whether the change adds the line of a finding, or gives the secrets to a call that was there."""
    added = dict(file.added_lines())
    below = range(finding.line, finding.line + _MOST_CALL) if finding.rule == "secrets-inherit" else ()
    return finding.line in added or any("inherit" in added.get(number, "") for number in below)


def _inherited(change: Change, lines: Sequence[str], finding: ToolFinding) -> Judged | None:
    """Secrets are given away where the called workflow belongs to somebody else, or where its code can be replaced."""
    found = next((found for line in lines[finding.line - 1 : finding.end_line] if (found := USES.match(line))), None)
    if found is None:
        return None
    # Without the owner of the repository, as in a clone, it is not known who is foreign.
    foreign = "/" in change.repository and _owner(found["name"], change.repository) is not _Owner.OWN
    pinned = bool(_COMMIT.match(found["ref"]))
    if pinned and not foreign:
        return None
    called = code(f"{found['name']}@{found['ref']}", 120)
    whose = ", which belongs to another owner" if foreign else ""
    moves = "" if pinned else f"; {code(found['ref'], 40)} can be moved to other code"
    return Judged(
        f"Every secret of this repository is given to {called}{whose}{moves}",
        "Name the secrets that it needs under `secrets:`" + ("." if pinned else ", and pin it by a commit."),
        Severity.MEDIUM if foreign and not pinned else Severity.LOW,
        "this call with `secrets: inherit` is new",
        _line_of_secrets(lines, finding.line),
    )


def _line_of_secrets(lines: Sequence[str], call: int) -> int:
    """Return the line of `secrets: inherit` of a call, in either order; the line of the call if it is not found."""
    margin = _margin(lines[call - 1])
    for step in (1, -1):
        for number in range(call + step, call + step * _MOST_CALL, step):
            if not 0 < number <= len(lines) or (lines[number - 1].strip() and _margin(lines[number - 1]) < margin):
                break
            if _SECRETS.match(lines[number - 1]):
                return number
    return call


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())


def _permission(lines: Sequence[str], finding: ToolFinding) -> Judged | None:
    """A write permission of a whole workflow, where several jobs get it."""
    text = lines[finding.line - 1]
    found = _PERMISSION.match(text)
    if found is None or found["value"] not in {"write", "write-all"} or (jobs := _jobs(lines)) < 2:
        return None
    if found["margin"]:
        above = (line for line in reversed(lines[: finding.line - 1]) if line.strip() and not line[0].isspace())
        if not next(above, "").startswith("permissions:"):
            return None
    elif found["name"] != "permissions":
        return None
    return Judged(
        f"All {jobs} jobs of this workflow get {code(text.strip(), 60)}",
        "Give it to the job that needs it. A job with `permissions` of its own gets no others: name all that it needs.",
        Severity.MEDIUM,
        "the permission is new, and stands above the jobs",
    )


def _jobs(lines: Sequence[str]) -> int:
    """Return how many jobs a workflow has: the keys of the first indentation below `jobs:`."""
    start = next((number for number, line in enumerate(lines) if re.match(r"jobs\s*:", line)), len(lines))
    margin, jobs = 0, 0
    for line in lines[start + 1 :]:
        text = line.lstrip(" ")
        if not text or text.startswith("#"):
            continue
        here = len(line) - len(text)
        if not here:
            break
        margin = margin or here
        jobs += here == margin
    return jobs


def _unpinned(change: Change, line: str) -> Judged | None:
    """An action by a tag or a branch, where the repository pins all others of its kind by commits."""
    found = USES.match(line)
    if found is None or found["name"].startswith(_BY_TAG):
        return None
    owner = _owner(found["name"], change.repository)
    if owner is _Owner.OWN:
        return None
    others = list(_others(change, owner))
    if len(others) < _LEAST_PINNED or not all(others):
        return None
    return Judged(
        f"{code(found['name'] + '@' + found['ref'], 120)} is not pinned; the {len(others)} other uses of actions"
        f" {owner.value} here are pinned by commits",
        "Pin it by the commit of its release too, with the version as a comment.",
        Severity.LOW,
        f"all {len(others)} other uses in the workflows at the head were read",
    )


def _others(change: Change, owner: _Owner) -> Iterator[bool]:
    """Yield of each use of an action of such an owner that the change does not add whether it is pinned."""
    added = {(file.path, number) for file in change.files for number, _ in file.added_lines()}
    for use in change.tree.uses:
        found = USES.match(use.text)
        if found and _owner(found["name"], change.repository) is owner and not found["name"].startswith(_BY_TAG):
            pinned = bool(_COMMIT.match(found["ref"]))
            if pinned or not _is_added(use, added):
                yield pinned


def _is_added(use: Mention, added: set[tuple[str, int]]) -> bool:
    return (use.path, use.line) in added


def _is_unpinned(line: str) -> bool:
    found = USES.match(line[:300])
    return found is not None and not _COMMIT.match(found["ref"])


def _owner(name: str, repository: str) -> _Owner:
    owner = name.partition("/")[0].lower()
    if owner == repository.partition("/")[0].lower():
        return _Owner.OWN
    return _Owner.OFFICIAL if owner in _OFFICIAL else _Owner.OTHER
