"""Loads a data file of issues, pull requests and what belongs to them into the stand-in's tables.

The file has a record per line, as JSON (docs/data-file.md). It is read line by line and stored in one transaction.
"""

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from bot.errors import GiveUp
from bot.local.item_records import (
    Comment,
    Contributor,
    Issue,
    Label,
    Milestone,
    Pull,
    Record,
    Release,
    Response,
    Review,
    ReviewComment,
)
from bot.local.items import Items
from bot.local.records import PullRequest
from bot.local.stored import Stored

_MAX_LINE = 4 * 1024 * 1024
_BATCH = 1_000
_FIRST_ID = 1_000_000_000


def digest_of(path: Path) -> str:
    """Return the digest of a file. Raises GiveUp if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise GiveUp(f"{path} cannot be read: {problem.strerror}") from problem


def load(path: Path, items: Items, connection: sqlite3.Connection, full_name: str) -> int:
    """Store all records of a file; those with a known key are replaced. Returns their number.

    full_name: of the served repository.
    Raises GiveUp, which names the line, if one line is not a record; nothing is stored then.
    """
    waiting: defaultdict[type[Record], list[Any]] = defaultdict(list)
    tables = _tables(items)
    count = 0
    with connection:
        for number, record in _records(path):
            kind = type(record)
            if isinstance(record, Response | Release) and not record.id:
                record.id = _FIRST_ID + number
            waiting[kind].append(_as_pull_request(record, full_name) if isinstance(record, Pull) else record)
            count += 1
            if len(waiting[kind]) >= _BATCH:
                tables[kind].insert(waiting.pop(kind))
        for kind, records in waiting.items():
            tables[kind].insert(records)
    return count


def _tables(items: Items) -> dict[type[Record], Stored[Any]]:
    return {
        Issue: items.all,
        Pull: items.all,
        Comment: items.comments,
        Review: items.reviews,
        ReviewComment: items.review_comments,
        Label: items.labels,
        Milestone: items.milestones,
        Release: items.releases,
        Contributor: items.contributors,
    }


def _records(path: Path) -> Iterator[tuple[int, Record]]:
    decoder = msgspec.json.Decoder(Record)
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(_MAX_LINE + 1), b""), 1):
            if len(line) > _MAX_LINE:
                raise GiveUp(f"{path}, line {number}: longer than {_MAX_LINE // 1024 // 1024} MB")
            if not line.strip():
                continue
            try:
                yield number, decoder.decode(line)
            except (msgspec.MsgspecError, UnicodeError, RecursionError) as problem:
                raise GiveUp(f"{path}, line {number}: {problem}") from None


def _as_pull_request(pull: Pull, full_name: str) -> PullRequest:
    merged = pull.merged_at is not None
    closed_at = pull.closed_at or pull.merged_at
    return PullRequest(
        number=pull.number,
        title=pull.title,
        body=pull.body or "",
        author=pull.user,
        head_ref=pull.head_ref,
        head_sha=pull.head_sha,
        head_repository=full_name if pull.head_repository is msgspec.UNSET else pull.head_repository,
        base_ref=pull.base_ref,
        base_sha=pull.base_sha,
        state="closed" if merged else pull.state,
        draft=pull.draft,
        merged=merged,
        merge_commit_sha=pull.merge_commit_sha,
        created_at=pull.created_at,
        updated_at=pull.updated_at or closed_at or pull.created_at,
        closed_at=closed_at,
        merged_at=pull.merged_at,
        merged_by=pull.merged_by,
        labels=pull.labels,
        milestone=pull.milestone,
        commits=pull.commits,
        additions=pull.additions,
        deletions=pull.deletions,
        changed_files=pull.changed_files,
    )
