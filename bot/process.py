"""Runs another program with limits on time, output, memory and files, and with its own environment.

Jobs start programs through this module. Arguments are lists; no shell is used.
"""

import asyncio
import os
import resource
import signal
from asyncio.subprocess import PIPE
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MIB = 1024 * 1024
_CHUNK = 256 * 1024
_MAX_STDERR = 64 * 1024
_CLOSING_SECONDS = 2.0


class ProcessFailed(Exception):
    """The program exceeded the timeout or the maximum output. It and its children were killed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Resource limits of a child process, see setrlimit(2).

    memory: bytes of address space.
    cpu: seconds of CPU time.
    file: the maximum size of a written file in bytes.
    files: the maximum number of open files.
    """

    memory: int = 1024 * MIB
    cpu: int = 60
    file: int = 16 * MIB
    files: int = 64


@dataclass(frozen=True, slots=True)
class Completed:
    """The result of a program. stderr: at most the first 64 KB."""

    returncode: int
    stdout: bytes
    stderr: bytes


def limiter(limits: Limits | None) -> Callable[[], None] | None:
    """Return the function that sets the limits in the child between fork and exec. None: no limits."""
    if limits is None:
        return None

    def apply() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
        resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu, limits.cpu + 1))
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file, limits.file))
        resource.setrlimit(resource.RLIMIT_NOFILE, (limits.files, limits.files))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    return apply


async def end_group(process: asyncio.subprocess.Process) -> None:
    """Kill a process that was started in its own session, and all its children, and wait for its end.

    asyncio's `wait` returns only when the pipes are closed, too. A pipe that nobody reads any more stays open if it was
    full (https://github.com/python/cpython/issues/119710), or if a process outside of the session has it.
    """
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    streams = [stream for stream in (process.stdout, process.stderr) if stream is not None]
    try:
        async with asyncio.timeout(_CLOSING_SECONDS):
            await asyncio.gather(process.wait(), *map(_discard, streams))
    except TimeoutError:
        # The process is dead: what holds its pipes is not ours. asyncio has no public way to close our ends.
        process._transport.close()  # type: ignore[attr-defined]


async def _discard(stream: asyncio.StreamReader) -> None:
    try:
        while await stream.read(_CHUNK):
            pass
    except RuntimeError:
        pass  # another task reads it to its end


async def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    stdin: bytes = b"",
    timeout: float = 60,
    max_output: int = 64 * MIB,
    limits: Limits | None = None,
) -> Completed:
    """Run a program and return its result.

    timeout: seconds.
    max_output: the maximum number of bytes of standard output.
    Raises ProcessFailed if one of them is exceeded, and FileNotFoundError if the program does not exist.
    """
    process = await asyncio.create_subprocess_exec(
        *argv,
        cwd=cwd,
        env=dict(env),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
        preexec_fn=limiter(limits),
    )
    try:
        async with asyncio.timeout(timeout):
            stdout, stderr = await _communicate(process, stdin, max_output)
            returncode = await process.wait()
    except TimeoutError:
        raise ProcessFailed(f"{argv[0]} took longer than {timeout:g} s") from None
    finally:
        if process.returncode is None:
            await end_group(process)
    return Completed(returncode, stdout, stderr)


async def _communicate(process: asyncio.subprocess.Process, stdin: bytes, max_output: int) -> tuple[bytes, bytes]:
    assert process.stdin and process.stdout and process.stderr  # noqa: S101 - all three are PIPE
    _, stdout, stderr = await asyncio.gather(
        _feed(process.stdin, stdin), _read(process.stdout, max_output), _drain(process.stderr)
    )
    return stdout, stderr


async def _feed(stream: asyncio.StreamWriter, content: bytes) -> None:
    try:
        stream.write(content)
        await stream.drain()
    except (BrokenPipeError, ConnectionResetError):
        pass  # the program ended without reading its input; its exit status says whether it failed
    finally:
        stream.close()


async def _read(stream: asyncio.StreamReader, limit: int) -> bytes:
    chunks = []
    size = 0
    while chunk := await stream.read(_CHUNK):
        size += len(chunk)
        if size > limit:
            raise ProcessFailed(f"wrote more than {limit:,} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


async def _drain(stream: asyncio.StreamReader) -> bytes:
    content = b""
    while chunk := await stream.read(_CHUNK):
        content += chunk[: max(0, _MAX_STDERR - len(content))]
    return content
