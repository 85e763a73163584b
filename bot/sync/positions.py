"""Where a pass over a resource goes on, and what one request of it brings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from bot.db.engine import Database
from bot.sync.source import Source


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader of one resource reads from.

    etags: of the last pass, by URL.
    began: when the pass began.
    """

    source: Source
    db: Database
    repository_id: UUID
    etags: Mapping[str, str]
    began: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a pass goes on. It is stored after each page.

    url: of the next page; None at the beginning, and for reviews between two pull requests.
    is_whole: the first pass, or the weekly one: it reads everything, also what GitHub says is unchanged.
    since: the pass is about what changed at this time or later; None: about everything.
    newest: what changed before this time is stored when the pass ends.
    repeated: how many elements at the beginning of the next page were read already.
    below: for reviews, the pull request whose reviews were read last. Those below it follow.
    etag, etag_url: of the first page, for the next pass.
    failures: failed tries of this page.
    """

    url: str | None = None
    is_whole: bool = False
    since: datetime | None = None
    newest: datetime | None = None
    repeated: int = 0
    below: int | None = None
    etag: str | None = None
    etag_url: str | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one request brought.

    found: what is to be stored.
    next: where the pass goes on; None: it has ended.
    last: the position with which it has ended, if it has.
    done: how many elements it brought that the pass had not read before.
    total: how many elements the pass will read, about; None if this page does not tell.
    is_unchanged: GitHub has nothing new since the last pass.
    """

    found: Sequence[Any] = ()
    next: Position | None = None
    last: Position
    done: int = 0
    total: int | None = None
    is_unchanged: bool = False


def position_json(position: Position) -> dict[str, Any]:
    """The stored form of a position."""
    stored: dict[str, Any] = msgspec.to_builtins(position)
    return {name: value for name, value in stored.items() if value is not None}


def read_position(stored: Mapping[str, Any]) -> Position:
    """The position of a stored form. One that this version cannot read is the beginning of the pass."""
    try:
        return msgspec.convert(stored, Position)
    except msgspec.ValidationError:
        return Position()
