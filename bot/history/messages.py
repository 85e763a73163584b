"""Parses commit messages: the kind of the change, closed issues, reverted commits and co-authors. Pure.

docs/history.md lists the words and their exceptions.
"""

import re
from dataclasses import dataclass

from bot.domain.kinds import Kind
from bot.history.people import Ident
from bot.history.undone import Undone, named_causes, read_undone


@dataclass(frozen=True, slots=True)
class Message:
    """A parsed message.

    subject: the first line; for a merge the title of its pull request.
    body: the beginning of what follows the subject.
    stated: whether the kind is written down (a conventional type, git's sentence of a revert, a release, a bare merge);
        otherwise it is suggested by words only.
    undone: what the change reverts.
    causes: the shas that it names as the cause of the fault which it fixes; they may be abbreviated.
    pull: the number of the pull request, as GitHub and GitLab write it; None without one.
    """

    subject: str
    body: str
    kind: Kind
    stated: bool
    issues: tuple[int, ...]
    undone: Undone
    causes: tuple[str, ...]
    co_authors: tuple[Ident, ...]
    pull: int | None = None


_CONVENTIONAL = re.compile(r"^([A-Za-z]+)(?:\(([^)]*)\))?!?:\s")
_TYPES = {
    "fix": Kind.FIX, "bugfix": Kind.FIX, "hotfix": Kind.FIX, "feat": Kind.FEATURE, "feature": Kind.FEATURE,
    "refactor": Kind.REFACTOR, "perf": Kind.PERFORMANCE, "docs": Kind.DOCS, "doc": Kind.DOCS, "test": Kind.TEST,
    "tests": Kind.TEST, "style": Kind.CHORE, "ci": Kind.CHORE, "build": Kind.CHORE, "chore": Kind.CHORE,
    "deps": Kind.CHORE, "release": Kind.RELEASE, "lint": Kind.CHORE, "revert": Kind.REVERT,
}  # fmt: skip
# A release: only a version and words such as "release".
_RELEASE = re.compile(
    r"^\W*(?:(?:chore|release|build)(?:\(\w+\))?:\s*(?:[\w.-]+\s)?)?"
    r"(?:(?:releas(?:e|es|ed|ing)|bump(?:s|ed|ing)?|version|update[sd]?|prepare[sd]?|preparing|tag(?:ged)?|cut|set|new|the"
    r"|for|to|of)\s+)*(?:\w+-)?v?\d+\.\d+[\w.+-]*(?:\s+releases?)?\W*(?:\(#\d+\))?$",
    re.IGNORECASE,
)
# What release tools and habits write before and after a release, without its version.
_NEXT = re.compile(
    r"^\[(?:maven|gradle|nebula)[- ]release[- ]plugin\]"
    r"|^(?:prepar(?:e|es|ing)|set(?:ting)?|start(?:ing)?|begin(?:ning)?|bump(?:ing)?(?: to)?|back to)\b.{0,20}"
    r"\b(?:next )?(?:development|dev|snapshot) (?:iteration|versions?|cycle)\b|^post[- ]release\b"
    r"|^back to dev(?:elopment)?\b",
    re.IGNORECASE,
)
_ALWAYS_STATED = frozenset({Kind.REVERT, Kind.REAPPLY, Kind.RELEASE, Kind.MERGE})
_MAX_RELEASE_LENGTH = 100  # characters; the time of the pattern is quadratic
_MERGE = re.compile(r"^(Merge (pull request|branch|remote-tracking branch|tag|commit|PR)\b|Merged? .{0,200}\bfrom\b)")
_FAULT = re.compile(
    r"\b(crash(es|ed|ing)?|regressions?|deadlocks?|segfaults?|(memory|resource|fd) leaks?|race conditions?|null pointer"
    r"|infinite (loop|recursion)|off[- ]by[- ]one|vulnerabilit(y|ies)|cve-\d{4}-\d+)\b",
    re.IGNORECASE,
)
_FIX = re.compile(
    r"\b(fix(e[sd]|ing|up)?|bugs?|bugfix(es)?|hotfix(es)?|defects?|leak(s|ed|ing)?|incorrectly|wrongly)\b",
    re.IGNORECASE,
)
# Fixes of something other than the behaviour of the program. The word is at most three words after "fix". A word that
# can also name a behaviour ("fix url quoting") must be at the end of the phrase.
_NOT_BEHAVIOUR = re.compile(
    r"\bfix(e[sd]|ing|up)?\s+(?:[\w'`./-]+\s+){0,3}?(?:(typos?|spelling|grammar|wording|misspell\w*|lint(s|er|ers|ing)?"
    r"|formatting|whitespaces?|indent(ation)?|flake8|pep-?8|pep-?257|pycodestyle|pydocstyle|pyflakes|pylint|mypy|ruff"
    r"|black|isort|eslint|prettier|clang-format|(compil\w+|gcc|clang|msvc) warnings?|twistedchecker"
    r"|docs?|docstrings?|documentation|readme|change ?log|sphinx|tests?"
    r"|unit ?tests?|doctests?|test ?cases?|testsuite|ci|travis|appveyor|circleci|azure|github actions|workflows?"
    r"|coverage|codecov|annotations?|type hints?|typing|unused|copyright|licen[sc]e|merge conflicts?|packaging"
    r"|news ?fragments?|deprecation warnings?|line ?lengths?|clippy|rustfmt|gofmt|golint|deploy(ments?|ing)?)\b"
    r"|(format|style|comments?|links?|urls?|examples?|imports?|import order|conflicts?|warnings?|version( number)?"
    r"|changes|news|names?|specs?)\s*([.,!(]|$))"
    r"|\b(spelling|lint(er)?|formatting|style|whitespace|flake8|pep-?8|pylint|mypy|ruff|clippy|clang-format"
    r"|docs?|docstrings?|documentation|tests?|ci|coverage)\s+fix(es|ups?)?\b|\btypos?\b",
    re.IGNORECASE,
)
_FEATURE = re.compile(r"^(add(s|ed)?|implement(s|ed)?|introduce[sd]?|support(s|ed)?|allow(s|ed)?)\b", re.IGNORECASE)
_REFACTOR = re.compile(
    r"\b(refactor\w*|clean ?up|cleanup|simplif\w+|renam\w+|mov(e|es|ed|ing)|extract\w*)\b", re.IGNORECASE
)
_DOCS = re.compile(r"\b(docs?|documentation|docstrings?|readme|change ?log|typos?|spelling)\b", re.IGNORECASE)
_TEST = re.compile(r"^(add(s|ed)? )?(unit |more |missing )*tests?\b|\btest coverage\b", re.IGNORECASE)
_CHORE = re.compile(
    r"^(bump|update|upgrade|release|prepare|version|pin|unpin)\b|\b(lint|formatting|ci)\b", re.IGNORECASE
)
_CLOSES = re.compile(
    r"\b(fix(?:e[sd])?|close[sd]?|resolve[sd]?)\b:?\s+(?:[\w.-]+/[\w.-]+)?(?:#|gh-|https://github\.com/[\w.-]+/[\w.-]+/issues/)"
    r"(\d{1,9})\b",
    re.IGNORECASE,
)
# "fixes #n" as the purpose of the change. At the end of the subject and in the body it is as common for features, so
# that it does not count there.
_FIXES_ISSUE = re.compile(r"(^|\bto )fix(e[sd])?:?\s+(?:[\w.-]+/[\w.-]+)?(?:#|gh-)\d", re.IGNORECASE)
_PULL = re.compile(r"^Merge (?:pull request|PR) #(\d{1,9})\b|^Merged in .{0,200}\(pull request #(\d{1,9})\)")
_PULL_AT_END = re.compile(r"\(#(\d{1,9})\)\s*$")
_MERGE_REQUEST = re.compile(r"^See merge request \S{0,200}!(\d{1,9})\s*$", re.MULTILINE)
# A scope that says that only versions are raised.
_DEPENDENCIES = re.compile(r"^(?:dev-?)?(?:deps?|dependenc(?:y|ies))(?:-dev)?$", re.IGNORECASE)
# The body that is kept: the first lines tell what a change does; what follows is mostly lists and trailers.
_BODY_LINES = 12
_MAX_BODY = 800  # characters
_MAX_TEXT = 64 * 1024  # characters, as in the records of the history
_MAX_SUBJECT = 500
# Many patterns here and in `undone` take white space on both sides of an optional word: quadratic in a long run of it.
_LONG_GAP = re.compile(r"(?<!\s)\s{30,}")
_CO_AUTHOR = re.compile(r"^co-authored-by:\s*([^<\n]*?)\s*<([^>\n]*)>\s*$", re.IGNORECASE | re.MULTILINE)


def read_message(text: str, *, merge: bool = False) -> Message:
    """Parse a message. merge: whether the commit has several parents."""
    text = _LONG_GAP.sub(lambda gap: "\n\n" if "\n" in gap[0] else " ", text[:_MAX_TEXT])
    lines = [line.strip()[:_MAX_SUBJECT] for line in text.split("\n") if line.strip()]
    subject = lines[0] if lines else ""
    bare_merge = merge and bool(_MERGE.match(subject))
    below = lines[1:]
    if bare_merge and below:
        subject, *below = below
        bare_merge = False
    issues = closed_issues(text)
    undone, causes = read_undone(subject, text), named_causes(text)
    kind = Kind.MERGE if bare_merge else _kind(subject, undone, causes)
    co_authors = tuple(_CO_AUTHOR.findall(text)) if "uthored-" in text or "UTHORED-" in text else ()
    body = "\n".join(below[:_BODY_LINES])[:_MAX_BODY]
    stated = kind in _ALWAYS_STATED or bool(causes) or conventional_kind(subject) is not None
    pull = _pull(lines[0] if lines else "", subject, text)
    return Message(subject, body, kind, stated, issues, undone, causes, co_authors[:20], pull)


def conventional_kind(subject: str) -> Kind | None:
    """Return the kind of a conventional type ("feat(scope): ..."), or None without a known one."""
    match = _CONVENTIONAL.match(subject)
    return _TYPES.get(match[1].lower()) if match else None


def without_prefix(subject: str) -> str:
    """Return a subject without its conventional type and scope."""
    return subject[match.end() :] if (match := _CONVENTIONAL.match(subject)) else subject


def closed_issues(text: str) -> tuple[int, ...]:
    """Return the numbers of the issues that a text says it closes, at most 20."""
    if "#" not in text and "gh-" not in text and "GH-" not in text and "/issues/" not in text:
        return ()
    return tuple(dict.fromkeys(int(number) for _, number in _CLOSES.findall(text)))[:20]


def _pull(first: str, subject: str, text: str) -> int | None:
    """Return the number of the pull request. first: the first line of the message."""
    if match := _PULL.match(first):
        return int(match[1] or match[2])
    if match := _PULL_AT_END.search(first) or _PULL_AT_END.search(subject):
        return int(match[1])
    return int(match[1]) if "See merge request " in text and (match := _MERGE_REQUEST.search(text)) else None


def _kind(subject: str, undone: Undone, causes: tuple[str, ...]) -> Kind:
    if undone.says:
        again = undone.again or undone.subject.lower().startswith('revert "')
        return Kind.REAPPLY if again else Kind.REVERT
    if causes:
        return Kind.FIX
    if len(subject) <= _MAX_RELEASE_LENGTH and (_RELEASE.match(subject) or _NEXT.match(subject)):
        return Kind.RELEASE
    if (match := _CONVENTIONAL.match(subject)) and (kind := _TYPES.get(match[1].lower())):
        if match[2] and _DEPENDENCIES.match(match[2]):
            return Kind.CHORE
        if kind is Kind.FIX and match[2] and _NOT_BEHAVIOUR.search(f"fix {match[2]}"):
            return Kind.CHORE
        return Kind.OTHER if kind is Kind.REVERT else kind
    if _FAULT.search(subject):
        return Kind.FIX
    if _NOT_BEHAVIOUR.search(subject):
        return _kind_without_fix(subject, Kind.CHORE)
    if _FIX.search(_CLOSES.sub("", subject)):  # without "(fixes #7)"
        return Kind.FIX
    return Kind.FIX if _FIXES_ISSUE.search(subject) else _kind_without_fix(subject, Kind.OTHER)


def _kind_without_fix(subject: str, default: Kind) -> Kind:
    rules = (
        (_TEST, Kind.TEST),
        (_DOCS, Kind.DOCS),
        (_CHORE, Kind.CHORE),
        (_FEATURE, Kind.FEATURE),
        (_REFACTOR, Kind.REFACTOR),
    )
    return next((kind for pattern, kind in rules if pattern.search(subject)), default)
