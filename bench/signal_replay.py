"""Replays past changes of a repository as the app would have seen them, and stores what it would have said.

The history index ends at the commit before the change, so that nothing later is known. A line of JSON per change is
written at once; a replay that was killed continues behind the last whole line.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from bot.errors import GiveUp
from bot.git.history_stream import HistorySource, mailmap_bytes, tip
from bot.git.parse import ParseError
from bot.git.read_file import resolve
from bot.git.run import GitError
from bot.history.build import update
from bot.history.index import opened
from bot.history.merged_changes import MergedChange
from bot.learning.kinds import classifier
from bot.pipeline.make_report import ReportRequest, make_report, read_config
from bot.report.insight_json import report_json
from bot.sandbox import Sandbox

PROGRESS = Console(stderr=True)
_COLUMNS = "ordinal, sha, clock, subject, parents, pull"
_HUMAN = "NOT bot AND NOT versions AND NOT imported AND parents > 0 AND files > 0 AND kind <> 'release'"


@dataclass(frozen=True, slots=True)
class Replayed:
    """A change and what was said of it.

    base, head: what was compared: the merge base with the second parent of a merge, or with the change itself.
    when: Unix seconds, by the clock of the history index.
    lines: changed lines of files that are analyzed, also in tests.
    paths: of these files at the head.
    insights: as `preview --format json` prints them, those that are no remarks too.
    problem: why the change could not be replayed; else empty.
    """

    repository: str
    sha: str
    base: str
    head: str
    when: int
    subject: str
    lines: int = 0
    paths: tuple[str, ...] = ()
    insights: tuple[dict[str, Any], ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files of one repository are.

    git_dir: of the clone. store: replayed changes, as JSON lines. early: the same, of their first commits.
    newest, moving: the history index at the last commit, and before the change that is replayed.
    """

    name: str
    git_dir: Path
    store: Path
    early: Path
    newest: Path
    moving: Path

    @classmethod
    def of(cls, repository: Path, folder: Path) -> "Place":
        """The name is OWNER/NAME where the folder is called OWNER__NAME.git."""
        git_dir = repository / ".git" if (repository / ".git").exists() else repository
        stem = repository.resolve().name.removesuffix(".git")
        return cls(
            stem.replace("__", "/"),
            git_dir,
            folder / f"{stem}.jsonl",
            folder / f"{stem}.early.jsonl",
            folder / f"{stem}.newest.db",
            folder / f"{stem}.moving.db",
        )


def move_index(place: Place, path: Path, head: str) -> None:
    """Bring an index to a commit of the default branch. It is continued if it ends before, else made again."""
    mailmap = mailmap_bytes(place.git_dir, head)
    update(path, HistorySource(place.git_dir, head), mailmap=mailmap, classifier=classifier())


def bring_up(place: Place) -> None:
    """Bring the index `newest` to the last commit."""
    head = tip(place.git_dir)
    if head is None:
        raise GitError("there are no commits")
    move_index(place, place.newest, head)


def chosen(place: Place, most: int, age: int) -> list[MergedChange]:
    """The newest changes by people that are at least `age` seconds older than the last commit, oldest first."""
    with opened(place.newest) as index:
        rows = index.connection.execute(
            f"SELECT {_COLUMNS} FROM commits WHERE {_HUMAN} AND clock <= ? ORDER BY ordinal DESC LIMIT ?",
            (index.clock - age, most),
        ).fetchall()
    return [
        MergedChange(ordinal, sha, when, subject, parents > 1, pull)
        for ordinal, sha, when, subject, parents, pull in reversed(rows)
    ]


def stored(store: Path) -> list[Replayed]:
    """The changes that were replayed already. A line that was not written whole is left out."""
    lines = store.read_bytes().splitlines(keepends=True) if store.exists() else []
    return [msgspec.json.decode(line, type=Replayed) for line in lines if line.endswith(b"\n")]


async def replay(place: Place, most: int, age: int) -> None:
    """Replay the chosen changes that are not stored yet. Raises GitError if the repository cannot be read."""
    bring_up(place)
    cut_off(place.store)
    done = {change.sha for change in stored(place.store)}
    wanted = [await _wanted(place, change) for change in chosen(place, most, age) if change.sha not in done]
    await replay_into(place, place.store, wanted)


async def replay_into(place: Place, store: Path, wanted: Sequence[Replayed]) -> None:
    """Replay changes, oldest first, and add them to a file."""
    async with Sandbox() as sandbox:
        with store.open("ab") as file:
            for number, change in enumerate(wanted, 1):
                file.write(msgspec.json.encode(await _replayed(place, change, sandbox)) + b"\n")
                file.flush()
                PROGRESS.print(f"{place.name}: {number} of {len(wanted)}", highlight=False)


def cut_off(store: Path) -> None:
    """Remove a last line that was not written whole."""
    if store.exists() and (text := store.read_bytes()) and not text.endswith(b"\n"):
        store.write_bytes(text[: text.rfind(b"\n") + 1])


async def _wanted(place: Place, change: MergedChange) -> Replayed:
    head = f"{change.sha}^2" if change.is_merge else change.sha
    return Replayed(
        repository=place.name,
        sha=change.sha,
        base=await resolve(place.git_dir, f"{change.sha}^1") or "",
        head=await resolve(place.git_dir, head) or "",
        when=change.when,
        subject=change.subject,
    )


async def _replayed(place: Place, wanted: Replayed, sandbox: Sandbox) -> Replayed:
    """The change with what is said of it, or why it could not be replayed."""
    try:
        await asyncio.to_thread(move_index, place, place.moving, wanted.base)
        report = await make_report(
            ReportRequest(
                git_dir=place.git_dir,
                base=wanted.base,
                head=wanted.head,
                repository=place.name,
                config=await read_config(place.git_dir, wanted.base),
                index=place.moving,
                title=wanted.subject,
            ),
            sandbox,
        )
    except (GitError, ParseError, GiveUp) as problem:
        return replace(wanted, problem=str(problem)[:200])
    return replace(
        wanted,
        base=report.merge_base,
        lines=sum(file.added + file.deleted for file in report.lines),
        paths=tuple(file.path for file in report.lines),
        insights=tuple(map(report_json, report.insights)),
    )
