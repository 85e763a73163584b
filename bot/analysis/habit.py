"""How often past changes of one kind changed tests too: of one file where it has a past, else of a folder. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot import paths
from bot.analysis.statistics import lower_bound
from bot.domain.files import PastChange, PastFile
from bot.text import code

MIN_PAST = 20
_LEAST_SHARE = 0.6
# So many changes with most of their new code in a file say more of it than those of its folder.
_MIN_PAST_OF_FILE = 8
# From so many on, a file whose changes mostly have no tests is believed.
_MIN_AGAINST = 3
_LEAST_LINES = 10
_LEAST_GROWTH = 5
_LEAST_SHARE_OF_GROWTH = 1 / 3


@dataclass(frozen=True, slots=True)
class Habit:
    """Past changes that added production code in one place.

    path: of the file or the folder, which ends with a slash; "" for the whole repository.
    past: newest first. both: those of them that changed tests too.
    """

    path: str
    past: tuple[PastChange, ...]
    both: tuple[PastChange, ...]

    @property
    def share(self) -> float:
        """The share of them that changed tests, 0 to 1."""
        return len(self.both) / len(self.past) if self.past else 0.0

    @property
    def least(self) -> float:
        """The lower bound of the share."""
        return lower_bound(len(self.both), len(self.past))

    @property
    def words(self) -> str:
        """The changes and their place, as Markdown."""
        if self.path and not self.path.endswith("/"):
            return f"changes that mostly added code to {code(self.path)}"
        return f"changes of this kind {f'under {code(self.path)}' if self.path else 'here'}"


def habit_of(changes: Iterable[PastChange], touched: Iterable[str], largest: str) -> Habit | None:
    """Return the habit to change tests; None where it is not clear, or the file has another one.

    touched: the files to which a change adds code. largest: the one of them that gets most of it.
    """
    changes = list(changes)
    own = _habit(largest, (one for one in changes if _grown_most(one) == largest))
    if len(own.past) >= _MIN_PAST_OF_FILE:
        return own if own.least >= _LEAST_SHARE else None
    if len(own.past) >= _MIN_AGAINST and own.share < _LEAST_SHARE:
        return None
    area = area_of(touched)
    found = _habit(area, (one for one in changes if _is_comparable(one, area)))
    return found if len(found.past) >= MIN_PAST and found.least >= _LEAST_SHARE else None


def area_of(touched: Iterable[str]) -> str:
    """Return the top folder that all files share, with a slash, or "" for the whole repository."""
    tops = {f"{PurePosixPath(path).parts[0]}/" if len(PurePosixPath(path).parts) > 1 else "" for path in touched}
    return tops.pop() if len(tops) == 1 else ""


def grows(added: int, deleted: int) -> bool:
    """Return whether code is added. Lines that replace about as many are mostly old code that is edited or moved."""
    return added >= _LEAST_LINES and added - deleted >= max(_LEAST_GROWTH, added * _LEAST_SHARE_OF_GROWTH)


def _habit(path: str, changes: Iterable[PastChange]) -> Habit:
    past = tuple(changes)
    both = tuple(one for one in past if any(paths.is_test(file.path) or file.tests for file in one.files))
    return Habit(path, past, both)


def _is_comparable(past: PastChange, area: str) -> bool:
    """Return whether a past change added production code in the area."""
    return _grow(file for file in past.files if paths.is_production(file.path) and file.path.startswith(area))


def _grown_most(past: PastChange) -> str:
    """Return the file of production code to which a past change added most lines; "" if it added few."""
    production = [file for file in past.files if paths.is_production(file.path)]
    if not _grow(production):
        return ""
    return max(production, key=lambda file: file.added - file.tests).path


def _grow(files: Iterable[PastFile]) -> bool:
    found = list(files)
    return grows(sum(file.added - file.tests for file in found), sum(file.deleted for file in found))
