"""Finds the past changes that have a remark, so that `up --local` can replay them first.

The stand-in starts it as a process of its own: at low priority, because the analyses of the pull requests come first.
"""

import asyncio
import os
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path

import click
import msgspec

from bot.commands.prepare import part_argv
from bot.commands.supervisor import die_with_parent
from bot.errors import GiveUp
from bot.git.parse import ParseError
from bot.git.read_file import resolve
from bot.git.run import GitError
from bot.local import Candidate
from bot.pipeline.history import update_index
from bot.pipeline.make_report import ReportRequest, make_report, read_config
from bot.report.selection import select
from bot.sandbox import Sandbox

_SECONDS = 300.0
_NICE = 15


async def remarked(git_dir: Path, changes: Sequence[Candidate]) -> AsyncIterator[str]:
    """Yield the heads of the changes that have a remark, in their order, as soon as each is found."""
    process = await asyncio.create_subprocess_exec(
        *part_argv("find-remarks", str(git_dir)), stdin=PIPE, stdout=PIPE, preexec_fn=die_with_parent
    )
    try:
        assert process.stdin and process.stdout  # noqa: S101 - both are PIPE
        with suppress(ConnectionError):
            process.stdin.write(msgspec.json.encode(changes))
            await process.stdin.drain()
        process.stdin.close()
        async for line in process.stdout:
            yield line.decode().strip()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()


def run_find(git_dir: Path, listed: bytes) -> None:
    """Print the heads of the listed changes that have a remark. listed: as `remarked` writes it."""
    os.nice(_NICE)
    asyncio.run(_find(git_dir, msgspec.json.decode(listed, type=list[Candidate])))


async def _find(git_dir: Path, changes: Sequence[Candidate]) -> None:
    newest = await resolve(git_dir, "HEAD")
    index = git_dir.with_suffix(".history.db")
    usable = newest is not None and await update_index(git_dir, index, newest)
    config = await read_config(git_dir, newest)
    deadline = time.monotonic() + _SECONDS
    async with Sandbox() as sandbox:
        for change in changes:
            if time.monotonic() > deadline:
                return
            request = ReportRequest(
                git_dir=git_dir,
                base=change.base,
                head=change.head,
                repository=git_dir.stem,
                config=config,
                index=index if usable else None,
                title=change.title,
            )
            with suppress(GitError, ParseError, GiveUp):
                if select(await make_report(request, sandbox)).remarks:
                    click.echo(change.head)
