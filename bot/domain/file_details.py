"""What is stored of each file that changes often, for its page. The fields are the keys in the database."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMonth:
    """The changes of a file in one calendar month (UTC), without those of bots and of very many files.

    start: the first day of the month.
    fixes: how many of the changes corrected a fault.
    """

    start: date
    changes: int
    fixes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOwner:
    """A person who wrote lines of a file.

    share: of the lines with a known origin, 0 to 1.
    changes: of the file by the person.
    last_active: the last day of any activity of the person in the repository.
    is_active: whether that is less than `inactive_after_days` before the newest commit.
    """

    name: str
    lines: int
    share: float
    changes: int
    last_active: date
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCompanion:
    """A file that usually changes along with another one: `together` of `changes` changes of the other one.

    lift: how many times more often than by chance.
    """

    path: str
    together: int
    changes: int
    lift: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFix:
    """A change that corrected a fault in a file. subject: of its commit. pull: the pull request that it names."""

    sha: str
    on: date
    subject: str
    pull: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDetail:
    """A file that changes often.

    first_change: the day of its first indexed change.
    months: the last 24 calendar months, the oldest first. The newest one may not be over.
    owners: most lines first, at most 12, without bots.
    people: how many there are in all.
    companions: the strongest first, at most 12.
    fixes: of these months, newest first, at most 20.
    """

    path: str
    first_change: date
    months: tuple[FileMonth, ...]
    owners: tuple[FileOwner, ...] = ()
    people: int = 0
    companions: tuple[FileCompanion, ...] = ()
    fixes: tuple[FileFix, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDetails:
    """The hotspots in detail. inactive_after_days: days without activity after which a person counts as inactive."""

    files: tuple[FileDetail, ...]
    inactive_after_days: int

    def of(self, path: str) -> FileDetail | None:
        """The file with this path, if it is among them."""
        return next((file for file in self.files if file.path == path), None)
