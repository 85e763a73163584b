"""A fix or a feature without an entry in the change log, in a repository where nearly every one brings its own.

The habit is counted among past changes whose titles say the same of themselves. Where entries are made at a release, or
of commit messages, there is no habit, and nothing is said.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot import news, paths
from bot.analysis.analyzer import Analyzer
from bot.analysis.measured import share_of
from bot.analysis.production import is_production
from bot.analysis.statistics import lower_bound
from bot.domain.change import Change
from bot.domain.files import FileChange, PastChange
from bot.domain.insights import Insight, InsightType, Location, Severity, fingerprint
from bot.text import code

NAME = "changelog"
_WINDOW = 100
_LEAST_PAST = 20
_LEAST_SHARE = 0.6
# A habit that has ended is none.
_NEWEST = 10
_LEAST_NEWEST = 4
_EXAMPLES = 2
_MOST_TITLE = 300
_MOST_FILES = 60
# What a title begins with: an emoji, a ticket, the part it is about, and then the word that counts.
_SAYS = re.compile(
    r"\W{0,6}(?:\[[^\]\n]{1,40}\]\W{0,3}|[A-Z]{2,10}-\d{1,6}:?\s)?"
    r"(?:(?P<type>fix|bugfix|feat|feature)(?:\([^)\n]{1,40}\))?!?:"
    r"|(?P<fix>fix(?:e[sd])?\b|bug ?fix\b|prevent(?:s|ed)?\b)"
    r"|(?P<feature>supports?\b|allows?\b|add(?:s|ed)? support\b))",
    re.IGNORECASE,
)
# What users of a project do not notice, and a change log does not have.
_INNER = re.compile(
    r"\b(typos?|spelling|grammar|tests?|testing|docs?|docstrings?|documentation|comments?|examples?|readme|typing|types?"
    r"|type[- ]hints?|annotations?|ty|mypy|pyright|ruff|lint\w*|clippy|eslint|prettier|format(?:ting)?|warnings?|ci|cd"
    r"|workflows?|actions?|build|builds|benchmarks?|bench|changelog|release|refactor\w*|flaky|flakiness|pre-commit|internal"
    r"|private|clean-?up|dev|deps|dependenc\w+|regen\w*|scripts?|tools?|tooling|import order\w*|whitespace|coverage)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Habit:
    """Past fixes and features of production code, newest first, and those of them with an entry."""

    past: tuple[PastChange, ...]
    entered: tuple[PastChange, ...]

    @property
    def is_clear(self) -> bool:
        newest = sum(one in self.entered for one in self.past[:_NEWEST])
        enough = len(self.past) >= _LEAST_PAST and newest >= _LEAST_NEWEST
        return enough and lower_bound(len(self.entered), len(self.past)) >= _LEAST_SHARE


def analyze(change: Change, measured: Mapping[str, object]) -> list[Insight]:
    """At most one remark."""
    production = [file for file in change.files if file.left_out is None and is_production(file)]
    touched = [path for file in change.files for path in (file.path, file.old_path) if path]
    is_asked = said_kind(change.title) and change.pulls <= 1 and len(change.files) <= _MOST_FILES
    if not production or not is_asked or any(map(is_entry, touched)):
        return []
    habit = _habit(change.past)
    return [_insight(change, production, habit)] if habit.is_clear else []


def said_kind(title: str) -> str:
    """Return "fix" or "feature" if a title says that users will notice it; else an empty text."""
    found = _SAYS.match(title[:_MOST_TITLE])
    if found is None or _INNER.search(title[:_MOST_TITLE]):
        return ""
    is_fix = found["fix"] or (found["type"] or "").lower() in {"fix", "bugfix"}
    return "fix" if is_fix else "feature"


def is_entry(path: str) -> bool:
    """Return whether a file is a change log, or a part that one will be made of."""
    # `release.yml` is a workflow or the configuration of one.
    is_text = paths.is_docs(path) or not PurePosixPath(path).suffix
    return (paths.is_changelog(path) and is_text) or news.is_fragment(path)


def _habit(changes: Iterable[PastChange]) -> _Habit:
    comparable = [one for one in changes if _is_comparable(one)][:_WINDOW]
    return _Habit(tuple(comparable), tuple(one for one in comparable if any(is_entry(file.path) for file in one.files)))


def _is_comparable(past: PastChange) -> bool:
    return (
        len(past.files) <= _MOST_FILES
        and bool(said_kind(past.subject))
        and any(paths.is_production(file.path) for file in past.files)
    )


def _usual_place(habit: _Habit) -> str:
    """Return where most entries are: a file, or a folder with a slash."""
    places: Counter[str] = Counter()
    for one in habit.entered:
        entries = [file.path for file in one.files if is_entry(file.path)]
        places.update({path if paths.is_changelog(path) else f"{PurePosixPath(path).parent}/" for path in entries})
    return places.most_common(1)[0][0]


def _insight(change: Change, production: Sequence[FileChange], habit: _Habit) -> Insight:
    kind, place = said_kind(change.title), _usual_place(habit)
    largest = max(production, key=lambda file: (file.added or 0) + (file.deleted or 0))
    line = max(1, largest.hunks[0].new_start) if largest.hunks else 1
    receipts = " and ".join(code(one.sha[:10]) for one in habit.entered[:_EXAMPLES])
    entered, past = len(habit.entered), len(habit.past)
    return Insight(
        type=InsightType.PATTERN,
        rule="changelog/missing",
        title=f"This {kind} has no entry in {code(place)}",
        description=f"{entered} of the last {past} fixes and features of production code here brought one with them,"
        f" for example {receipts}.",
        remedy=f"Add an entry to {code(place)}, or say in the pull request that users will not notice this {kind}.",
        severity=Severity.LOW,
        confidence=share_of("changelog/missing", f"{entered} of {past} comparable past changes brought an entry"),
        evidence={
            "place": place,
            "past_changes": past,
            "with_entry": entered,
            "examples": [one.sha for one in habit.entered[:3]],
        },
        locations=(Location(largest.path, line, line),),
        fingerprint=fingerprint("changelog/missing", place),
    )


ANALYZER: Analyzer[object] = Analyzer(name=NAME, analyze=analyze)
