"""What the patterns of fixes share: the changes of a file, the words of titles, the parts of fixes, tests of shares."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from bot import paths
from bot.domain.changed_files import ChangedFiles
from bot.domain.fix_patterns import FixedPart, Repaired
from bot.domain.history import PastCommit
from bot.domain.patch_details import PatchDetails
from bot.domain.periods import DAY, YEAR
from bot.domain.project import ProjectChange
from bot.patterns.intervals import LEVEL
from bot.patterns.selection import Work
from bot.patterns.words import words_of

SOON = 30 * DAY
MOST_COMMITS = 60
_NEWEST = 3
_LONGEST_TITLE = 200
# `fix(scope): ` of conventional commits: the scope says where the cause lies.
_PREFIX = re.compile(r"\A\s*[A-Za-z]{2,12}(?:\((?P<scope>[^()]{1,60})\))?!?:\s")
_SYSTEM = re.compile(r"\bWindows\b|\[windows\]")
_WINDOW = re.compile(r"\bwindow\b", re.IGNORECASE)
_NUMBER = re.compile(r"\(?#\d{1,9}\)?")
_NO_BEHAVIOUR = re.compile(
    r"\b(?:comments?|typos?|spelling|docs?|docstrings?|documentation|readme|lint(?:er|ing)?|scanning|alerts|godoc|typing"
    r"|mypy|pyright|(?:type[ -])?annotations?|type[ -]hints?|perf|performance|speed(?:s|ing)?|faster|slow(?:er)?"
    r"|optimi[sz]\w{1,8}|refactor\w{0,5}|benchmarks?|rename[sd]?|modernize|unused)\b",
    re.IGNORECASE,
)
# A title that says itself that a fault is mended, so that a reader can judge it without our classification.
_SAYS_FIX = re.compile(
    r"\b(?:fix(?:e[sd]|ing|up)?|bugs?|bugfix(?:es)?|hotfix(?:es)?|regress(?:ions?|ed)?|crash(?:es|ed|ing)?|panics?|deadlocks?"
    r"|segfaults?|leak(?:s|ed|ing)?|broken|wrongly|incorrectly|corrupt(?:s|ed|ion)?|hangs?"
    r"|behebt|behoben|corrig\w{1,6}|исправ\w{1,8})\b|修[复復正]|버그",
    re.IGNORECASE,
)
# Words that say that something is mended, but not what: they stand in the titles of fixes because these are fixes.
_NO_CAUSE = frozenset(
    """address adjust again allow apply avoid bad bring broken change clean cleanup correct correctly crash
    detect disable don enable ensure error exclude failure fixe fixing flakey flakiness flaky flakyness force
    handle handling hide ignore improper inconsistent incorrect incorrectly instead introduce invalid keep lint
    linter merge minor misleading missing mistake non one panic pass patch prevent previou previous proper
    properly pull race reapply redundant refactor regression remove rename replace resolve respect restore
    revert rework show simplify skip stop switch tweak typo unexpected unnecessarily unnecessary unused updated
    upgrade warning wrongly""".split()
)


@dataclass(frozen=True, slots=True)
class Fixes:
    """The changes of the period with what their patches say.

    places: by path, the places in the work of the changes of a file. test_places: of changes with a test.
    place_of: the place of a change, by its sha. tests_at: the code of tests that the change at a place changes.
    """

    work: Work
    details: PatchDetails
    places: Mapping[str, tuple[int, ...]]
    test_places: frozenset[int]
    place_of: Mapping[str, int]
    tests_at: Mapping[int, tuple[str, ...]]

    def change(self, place: int) -> ProjectChange:
        """The change at a place."""
        return self.work.changes[place]

    def of(self, path: str) -> tuple[int, ...]:
        """The places of the changes of a file."""
        return self.places.get(path, ())

    def repairs(self, places: Iterable[int], path: str = "") -> tuple[Repaired, ...]:
        """What these fixes repaired in a file (in any, if the path is empty) at most 30 days later, newest first."""
        found: dict[tuple[str, str], Repaired] = {}
        for place in sorted(places, reverse=True):
            fix = self.change(place)
            for sha, where in self.details.repaired.get(fix.sha, ()):
                if sha not in self.place_of or not self.is_fix(place) or (path and where not in ("", path)):
                    continue
                change = self.change(self.place_of[sha])
                if 0 <= fix.when - change.when <= SOON:
                    days = round((fix.when - change.when) / DAY, 1)
                    found[fix.sha, sha] = Repaired(change=named(change), repair=named(fix), days=days)
        return tuple(found.values())

    def is_fix(self, place: int) -> bool:
        """Whether a change mends a fault of the program and says so in its title. Reverts are none: no test is missing.

        Comments, types, speed and remarks of tools are no faults. What only words of the message, an issue or a model
        call a fix (`docs/history.md`) is not enough for a recommendation.
        """
        change = self.change(place)
        says = _SAYS_FIX.search(change.subject) and not _NO_BEHAVIOUR.search(change.subject)
        return change.is_fix and change.kind != "revert" and bool(says)

    def recent(self, places: Iterable[int]) -> list[int]:
        """The changes of the last two years: a test of what is older may have come since."""
        return [place for place in places if self.work.until - self.change(place).when < 2 * YEAR]

    def tests_of(self, places: Iterable[int], path: str = "") -> tuple[FixedPart, ...]:
        """The files of tests that changed most often with these changes, else with the changes of a file; at most 2."""
        for chosen in (places, self.of(path)):
            found: dict[str, list[int]] = defaultdict(list)
            for place in chosen:
                for name in self.tests_at.get(place, ()):
                    found[name].append(place)
            if parts := self.parts(found, 2):
                return parts[:2]
        return ()

    def functions(self, places: Sequence[int], paths_of: Callable[[int], Iterable[str]]) -> tuple[FixedPart, ...]:
        """The functions that most of these changes change, at least three of them and a tenth."""
        found: dict[str, list[int]] = defaultdict(list)
        for place in places:
            sha = self.change(place).sha
            names = {name for path in paths_of(place) for name in self.details.functions.get((sha, path), ())}
            for name in names:
                found[name].append(place)
        return self.parts(found, max(3, len(places) // 10))

    def parts(self, found: Mapping[str, Sequence[int]], least: int) -> tuple[FixedPart, ...]:
        """At most three parts with so many changes, the largest first."""
        often = sorted((-len(places), name) for name, places in found.items() if len(places) >= least)
        return tuple(
            FixedPart(name=name, fixes=-size, newest=self.commits(found[name], _NEWEST)) for size, name in often[:3]
        )

    def commits(self, places: Iterable[int], most: int = MOST_COMMITS) -> tuple[PastCommit, ...]:
        """The newest of these changes, newest first."""
        return tuple(named(self.change(place)) for place in sorted(places, reverse=True)[:most])


def fixes_of(work: Work, changed: ChangedFiles, details: PatchDetails) -> Fixes:
    """The changes of the period by file."""
    places: dict[str, list[int]] = defaultdict(list)
    tests = {place for place, change in enumerate(work.changes) if change.sha in details.tested}
    for place, numbers in enumerate(work.files):
        for number in numbers:
            path = changed.files[number].path
            places[path].append(place)
            if paths.is_test(path):
                tests.add(place)
    known = {path: tuple(found) for path, found in places.items()}
    tests_at: dict[int, list[str]] = defaultdict(list)
    for path, found in places.items():
        if paths.is_test(path) and paths.is_code(path) and "conftest" not in path:
            for place in found:
                tests_at[place].append(path)
    place_of = {one.sha: place for place, one in enumerate(work.changes)}
    return Fixes(work, details, known, frozenset(tests), place_of, {at: tuple(all_) for at, all_ in tests_at.items()})


def named(change: ProjectChange) -> PastCommit:
    """The change as it is shown."""
    number = f"#{change.pull}" if change.pull is not None else ""
    # Of a merge, the title is that of its pull request, and git shows the number only.
    shown = change.subject if number in change.subject else f"{change.subject[: _LONGEST_TITLE - 12]} ({number})"
    return PastCommit(change.sha, change.when, shown[:_LONGEST_TITLE])


def title_words(subject: str) -> frozenset[str]:
    """The words of a title that may name a cause, without the type of conventional commits and numbers of items."""
    text = _NUMBER.sub(" ", _PREFIX.sub(lambda match: f"{match['scope'] or ''} ", subject[:_LONGEST_TITLE]))
    words = frozenset(word for word in words_of(text) if word not in _NO_CAUSE and len(word) > 2)
    # The system is not the plural of `window`.
    return words - {"window"} | {"windows"} if _SYSTEM.search(text) and not _WINDOW.search(text) else words


def most_hits(hits: int, drawn: int, marked: int, total: int) -> float:
    """The p-value that so many or more of the drawn are marked (hypergeometric; Fisher 1935).

    By hand, because importing `scipy.stats` costs a process 90 MB.
    """
    top = min(drawn, marked)
    if hits > top:
        return 0.0
    ways = np.arange(max(hits, drawn - (total - marked), 0), top + 1, dtype=np.float64)
    logs = _choose(marked, ways) + _choose(total - marked, drawn - ways) - _choose(total, np.array([float(drawn)]))
    return float(min(1.0, np.exp(logs).sum()))


def _choose(total: int, some: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(gammaln(total + 1) - gammaln(some + 1) - gammaln(total - some + 1), dtype=np.float64)


def tarone(smallest: Sequence[float], level: float = LEVEL) -> float:
    """The level of a single test: Bonferroni's over those that could be significant at all (Tarone 1990).

    smallest: the smallest p-value that each test can have with its margins.
    """
    ordered = np.sort(np.asarray(smallest, dtype=np.float64))
    count = 1
    while count < len(ordered) and np.searchsorted(ordered, level / count, "right") > count:
        count += 1
    return level / count
