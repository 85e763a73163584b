"""How well the history index labels changes: fixes against news fragments, causes against `Fixes:` trailers.

    python bench/labels.py path/to/mirror.git [...]

Fragments: which changes are fixes, told from the message and the files only, and with the fragments read. Trailers
(`Fixes: SHA ("subject")`): which of these changes are found as fixes without the trailer, and, given that they are
fixes, which change the lines name as the cause. A commit counts once; intervals are 95 % bootstrap intervals over
changes. A repository without at least 50 of either is left out of that table.
"""

import argparse
import re
import sqlite3
import sys
import tempfile
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.domain.kinds import Described, Kind
from bot.git.history_stream import HistorySource, mailmap_bytes, tip
from bot.history.commit_indexer import CommitIndexer
from bot.history.file_mix import mix_of
from bot.history.fragments import written_kind
from bot.history.idents import Idents
from bot.history.messages import read_message
from bot.history.patch import added_lines
from bot.history.prepare import PreparedCommit, prepared, with_written
from bot.history.programs import is_bot
from bot.history.records import ChangeRecord, read_changes, read_sides
from bot.history.revisions import read_patches
from bot.history.schema import open_index
from bot.history.side_branches import read_side_branches
from bot.history.store import Store
from bot.history.undone import named_causes
from bot.learning.kinds import classifier
from bot.news import is_fragment

_BATCH = 50  # changes that are classified before the model learns them
_TRAILER = re.compile(r"^fixes:\s*(?:commit\s+)?[0-9a-f]{7,64}\b.*$", re.IGNORECASE | re.MULTILINE)
_LEAST = 50
_ROUNDS = 1_000
_NOW = 2**31
_CHECKPOINT = 2_000

Counts = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fixes:
    """Whether each change with fragments is a fix, in truth and as found."""

    truth: list[bool]
    blind: list[bool]
    read: list[bool]


@dataclass(frozen=True, slots=True)
class Causes:
    """Of each change with trailers that name known commits: whether it is found as a fix, and (hits, found, named)."""

    found: list[bool]
    links: Counts


def fixes_by_fragments(repository: Path, head: str) -> Fixes:
    """Compare the kind of each change with that of its fragments, if these are of one kind."""
    truth, read, messages, described = [], [], [], []
    for record in read_changes(HistorySource(repository, head).changes()):
        message = read_message(record.message, merge=len(record.parents) > 1)
        if is_bot(record.name, record.email) or message.kind is Kind.RELEASE:
            continue
        patches, _ = read_patches(record, lines=True)
        pairs = list(zip(record.entries, patches, strict=True))
        added = [
            (entry.path, [line for body in patch.bodies for line in added_lines(body)])
            for entry, patch in pairs
            if entry.status == "A" and is_fragment(entry.path)
        ]
        kinds = {kind for one in added if (kind := written_kind([one]))}
        if len(kinds) != 1:
            continue
        files = mix_of((entry.path, entry.status, patch.added, patch.deleted) for entry, patch in pairs)
        truth.append(kinds.pop() is Kind.FIX)
        read.append(with_written(message, added).kind is Kind.FIX)
        messages.append(message)
        described.append(Described(message.subject, message.body, message.kind, files))
    guessed = _guessed(described, [Kind.FIX if fix else Kind.OTHER for fix in truth])
    blind = [
        (message.kind if message.stated else kind or message.kind) is Kind.FIX
        for message, kind in zip(messages, guessed, strict=True)
    ]
    return Fixes(truth, blind, read)


def _guessed(described: list[Described], written: list[Kind]) -> list[Kind | None]:
    """Return the kind of each change as the index would: by the shipped model, and by what was written down before."""
    make = classifier()
    if make is None:
        return [None] * len(described)
    model, guessed = make(b""), list[Kind | None]()
    for start in range(0, len(described), _BATCH):
        batch = described[start : start + _BATCH]
        guessed += model.kinds(batch)
        model.learn(batch, written[start : start + _BATCH])
    return guessed


def causes_by_trailers(repository: Path, head: str) -> Causes:
    """Compare the causes that lines name with those that trailers name. The trailers are not read."""
    named: dict[str, tuple[str, ...]] = {}
    found: list[bool] = []

    make = classifier()

    def commits() -> Iterator[PreparedCommit]:
        source = HistorySource(repository, head)
        for commit in prepared(_without_trailers(source, named), make(b"") if make else None):
            if commit.record.sha not in named:
                yield commit
                continue
            found.append(commit.message.kind is Kind.FIX)
            yield replace(commit, message=replace(commit.message, kind=Kind.FIX, stated=True))

    with (
        tempfile.TemporaryDirectory(prefix="gitinsight-labels-") as folder,
        closing(open_index(Path(folder) / "labels.db", write=True)) as connection,
    ):
        _index(connection, repository, head, commits())
        shas = dict(connection.execute("SELECT sha, ordinal FROM commits"))
        shas |= dict(connection.execute("SELECT sha, ordinal FROM side_commits"))
        links: dict[int, set[int]] = {}
        for fix, cause in connection.execute(
            "SELECT DISTINCT fix, introduced_by FROM links WHERE how IN ('lines', 'around')"
        ):
            links.setdefault(fix, set()).add(cause)
    ordered = sorted(shas)
    rows = []
    for sha, causes in named.items():
        truth = {ordinal for cause in causes if (ordinal := _ordinal(ordered, shas, cause)) is not None}
        own = links.get(shas[sha], set())
        if truth:
            rows.append((len(truth & own), len(own), len(truth)))
    return Causes(found, np.array(rows, dtype=np.float64).reshape(-1, 3))


def _without_trailers(source: HistorySource, named: dict[str, tuple[str, ...]]) -> Iterator[ChangeRecord]:
    """Yield the changes without their trailers, and note what these name by sha."""
    for record in read_changes(source.changes()):
        causes = named_causes(record.message)
        if causes:
            named[record.sha] = causes
        yield replace(record, message=_TRAILER.sub("", record.message)) if causes else record


def _index(connection: sqlite3.Connection, repository: Path, head: str, commits: Iterator[PreparedCommit]) -> None:
    source = HistorySource(repository, head)
    store = Store(connection)
    idents = Idents(store, mailmap_bytes(repository, head), stored_digest=None)
    sides = read_side_branches(read_sides(source.sides()), head)
    indexer = CommitIndexer(store, idents, lambda: sides, {}, _NOW)
    for number, commit in enumerate(commits, 1):
        indexer.add(commit)
        if number % _CHECKPOINT == 0:
            indexer.checkpoint({})
    indexer.checkpoint({})


def _ordinal(ordered: Sequence[str], shas: dict[str, int], prefix: str) -> int | None:
    place = bisect_left(ordered, prefix)
    return shas[ordered[place]] if place < len(ordered) and ordered[place].startswith(prefix) else None


def _scores(hits: Counts, found: Counts, named: Counts) -> str:
    """Return precision, recall, and F1 with its interval. The arguments have a row per change."""
    chance = np.random.default_rng(0)
    picks = chance.integers(0, len(hits), (_ROUNDS, len(hits)))
    f1 = 2 * hits[picks].sum(axis=1) / np.maximum(1, found[picks].sum(axis=1) + named[picks].sum(axis=1))
    low, high = np.quantile(f1, (0.025, 0.975))
    total = 2 * hits.sum() / max(1, found.sum() + named.sum())
    precision, recall = hits.sum() / max(1, found.sum()), hits.sum() / max(1, named.sum())
    return f"{precision:.3f}, {recall:.3f}, {total:.3f} [{low:.3f}, {high:.3f}]"


def _flags(truth: Sequence[bool], guess: Sequence[bool]) -> str:
    one, other = np.array(truth, dtype=np.float64), np.array(guess, dtype=np.float64)
    return _scores(one * other, other, one)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path, metavar="REPOSITORY", help="a clone or a bare mirror")
    written = Table("repository", "changes, fixes", "blind: precision, recall, F1", "fragments read: the same")
    causes = Table("repository", "fixes with trailers", "found as fixes", "causes by lines: precision, recall, F1")
    for repository in parser.parse_args().repositories:
        git_dir = repository / ".git" if (repository / ".git").exists() else repository
        head = tip(git_dir)
        if head is None:
            raise SystemExit(f"error: {repository}: there are no commits")
        fixes = fixes_by_fragments(git_dir, head)
        if len(fixes.truth) >= _LEAST:
            row = (f"{len(fixes.truth):,}, {sum(fixes.truth):,}", _flags(fixes.truth, fixes.blind))
            written.add_row(repository.name, *row, _flags(fixes.truth, fixes.read))
        linked = causes_by_trailers(git_dir, head)
        if len(linked.links) >= _LEAST:
            share = f"{sum(linked.found) / len(linked.found):.3f}"
            causes.add_row(repository.name, f"{len(linked.links):,}", share, _scores(*linked.links.T))
    for table in (written, causes):
        if table.row_count:
            Console(width=160).print(table)


if __name__ == "__main__":
    main()
