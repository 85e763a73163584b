"""Programs that write more than is read, or leave their pipes to others: they end, and nobody waits for them."""

import asyncio
import os
import signal
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.local.git_upload_pack import upload_pack
from bot.process import ProcessFailed, end_group, run
from tests.repository import Repository

ENV = {"PATH": os.environ["PATH"]}


async def started(command: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        "sh", "-c", command, stdout=PIPE, stderr=PIPE, env=ENV, start_new_session=True
    )


async def test_a_program_whose_output_nobody_reads_any_more_ends() -> None:
    process = await started("cat /dev/zero")
    assert process.stdout
    await process.stdout.read(1)
    while len(process.stdout._buffer) < 128 * 1024:  # type: ignore[attr-defined] # noqa: ASYNC110 - then it pauses, silently
        await asyncio.sleep(0.001)
    async with asyncio.timeout(10):
        await end_group(process)
    assert process.returncode == -signal.SIGKILL


async def test_a_pipe_that_another_session_holds_is_left_to_it() -> None:
    process = await started("setsid sleep 60 & echo $!; sleep 60")
    assert process.stdout
    other = int(await process.stdout.readline())
    try:
        began = time.monotonic()
        async with asyncio.timeout(10):
            await end_group(process)
        assert process.returncode == -signal.SIGKILL and time.monotonic() - began < 5
    finally:
        os.kill(other, signal.SIGKILL)


async def test_too_much_output_and_too_much_time_end_a_program() -> None:
    for limits in ({"max_output": 1_000_000}, {"timeout": 0.3}):
        began = time.monotonic()
        with pytest.raises(ProcessFailed):
            await run(["sh", "-c", "cat /dev/zero"], env=ENV, **({"max_output": 2**40} | limits))
        assert time.monotonic() - began < 5


async def test_a_clone_that_is_cut_off_leaves_no_git(tmp_path: Path) -> None:
    repository = Repository.create(tmp_path / "project")
    head = repository.commit("large", {"blob": os.urandom(8_000_000)})
    lines = [f"want {head}\n", "", "done\n"]
    request = b"".join(f"{len(line) + 4:04x}{line}".encode() if line else b"0000" for line in lines)

    async def body() -> AsyncIterator[bytes]:
        yield request

    chunks = upload_pack(repository.git_dir, body())
    assert await anext(chunks)
    async with asyncio.timeout(10):
        await chunks.aclose()
