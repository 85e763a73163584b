"""Running another program with bounds: time, output, memory, files, and an environment of its own.

The only place that starts processes on behalf of a job. Argument lists, never a shell.
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
_STDERR_KEPT = 64 * 1024


class ProcessFailed(Exception):
    """The program broke a bound: it ran too long or wrote too much. It and its children are dead."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Resource limits of a child, as in setrlimit(2): bytes of memory and file, seconds of CPU."""

    memory: int = 1024 * MIB
    cpu: int = 60
    file: int = 16 * MIB
    files: int = 64


@dataclass(frozen=True, slots=True)
class Completed:
    """What a program left behind; stderr is cut at 64 KB."""

    returncode: int
    stdout: bytes
    stderr: bytes


def limiter(limits: Limits | None) -> Callable[[], None] | None:
    """A function for the child to call between fork and exec, or None for no limits."""
    if limits is None:
        return None

    def apply() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
        resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu, limits.cpu + 1))
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file, limits.file))
        resource.setrlimit(resource.RLIMIT_NOFILE, (limits.files, limits.files))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    return apply


def kill_group(process: asyncio.subprocess.Process) -> None:
    """End a process started with its own session, and everything it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


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
    """Run a program to its end.

    timeout: seconds; max_output: bytes of standard output. Raises ProcessFailed when either is exceeded,
    and FileNotFoundError when the program is not there.
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
    assert process.stdin and process.stdout and process.stderr  # noqa: S101 - PIPE was asked for
    try:
        async with asyncio.timeout(timeout):
            _, stdout, stderr = await asyncio.gather(
                _feed(process.stdin, stdin),
                _read(process.stdout, max_output),
                _drain(process.stderr),
            )
            returncode = await process.wait()
    except TimeoutError:
        raise ProcessFailed(f"{argv[0]} took longer than {timeout:g} s") from None
    finally:
        if process.returncode is None:
            kill_group(process)
            await process.wait()
    return Completed(returncode, stdout, stderr)


async def _feed(stream: asyncio.StreamWriter, content: bytes) -> None:
    try:
        stream.write(content)
        await stream.drain()
    except (BrokenPipeError, ConnectionResetError):
        pass  # the program ended without reading: its exit status tells
    finally:
        stream.close()


async def _read(stream: asyncio.StreamReader, limit: int) -> bytes:
    chunks = []
    size = 0
    while chunk := await stream.read(_CHUNK):
        size += len(chunk)
        if size > limit:
            raise ProcessFailed(f"wrote more than {limit} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


async def _drain(stream: asyncio.StreamReader) -> bytes:
    kept = b""
    while chunk := await stream.read(_CHUNK):
        kept += chunk[: max(0, _STDERR_KEPT - len(kept))]
    return kept
