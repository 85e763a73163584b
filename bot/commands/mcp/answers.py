"""The shapes of the answers, and how a value becomes JSON of a bounded size.

Names, titles and messages in an answer come from strangers. `text.visible` shows what is hidden in them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import UTC, datetime
from typing import Any

from bot.domain.history import ChangeRisk, Companion, FileHistory
from bot.domain.similar import SimilarChange
from bot.text import visible

MAX_BYTES = 256 * 1024
_MAX_ENTRIES = 200
_MAX_DEPTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A contributor of a file, without the mail address. last_active: the day of the newest change anywhere."""

    name: str
    is_bot: bool
    lines: int
    share: float
    changes: int
    last_active: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOwners:
    """Who wrote a file. Most lines first; people without a line of today's file come last."""

    path: str
    lines: int
    revisions: int
    contributors: tuple[Person, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCompanions:
    """What usually changes along with a file. Highest confidence first."""

    path: str
    revisions: int
    companions: tuple[Companion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskOfChange:
    """The risk of a change.

    history: the number of past changes that are known.
    risk: None if it could not be predicted.
    """

    head_sha: str
    merge_base: str
    history: int
    risk: ChangeRisk | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarChanges:
    """Past changes that are like a change. Most alike first."""

    head_sha: str
    merge_base: str
    changes: tuple[SimilarChange, ...]


def owners_of(file: FileHistory, limit: int) -> FileOwners:
    """Return who wrote a file; at most `limit` people."""
    people = tuple(
        Person(
            name=one.name,
            is_bot=one.is_bot,
            lines=one.lines,
            share=round(one.share, 3),
            changes=one.changes,
            last_active=datetime.fromtimestamp(one.last_active, UTC).date().isoformat(),
        )
        for one in file.contributors[:limit]
    )
    return FileOwners(path=file.path, lines=file.lines, revisions=file.revisions, contributors=people)


def as_data(value: Any, depth: int = 0) -> Any:
    """Return JSON values of a bounded size. Long texts and long lists are cut, each with an ellipsis."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, str):
        return visible(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth >= _MAX_DEPTH:
        return "…"
    if isinstance(value, Mapping):
        entries = list(value.items())[:_MAX_ENTRIES]
        return {visible(str(key), 200): as_data(one, depth + 1) for key, one in entries}
    if isinstance(value, Sequence | set | frozenset):
        kept = list(value)[:_MAX_ENTRIES]
        return [as_data(one, depth + 1) for one in kept] + (["…"] if len(value) > len(kept) else [])
    return visible(str(value))
