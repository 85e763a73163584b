"""The parent process: starts a child in advance, sends it a task, and tries again without the file that killed it."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from dataclasses import dataclass, replace
from types import TracebackType

import msgspec

from bot.analysis.functions.facts import FileFunctions
from bot.domain.change import Change, LeftOut
from bot.domain.insights import Insight
from bot.domain.open_pulls import TouchedFunction
from bot.process import MIB, Limits, end_group, limiter
from bot.sandbox.child import Result, Task

SECONDS_PER_FILE = 15.0
MAX_SECONDS = 300.0
MAX_DEATHS = 5
MAX_RESULT = 32 * MIB
_UNPARSED = "could not be parsed, so its functions are counted approximately"
LIMITS = Limits(memory=1024 * MIB, cpu=240, file=0, files=64)


class _ChildDied(Exception):
    """The child ended without a result.

    index: of the file that it measured, or None.
    """

    def __init__(self, index: int | None, reason: str) -> None:
        super().__init__(reason)
        self.index = index


@dataclass(frozen=True, slots=True)
class Analyzed:
    """The result of the analysis of a change.

    left_out: files whose analysis failed.
    functions: the functions that the change alters.
    unparsed: the files of which much could not be parsed. They are analyzed otherwise.
    """

    insights: list[Insight]
    left_out: list[LeftOut]
    functions: tuple[TouchedFunction, ...]
    unparsed: list[LeftOut]


class Sandbox:
    """Runs analyses in child processes. `__aenter__` starts the first child.

    async with Sandbox() as sandbox:
        await sandbox.analyze(change)
    """

    def __init__(self, limits: Limits = LIMITS, seconds_per_file: float = SECONDS_PER_FILE) -> None:
        self._limits = limits
        self._seconds_per_file = seconds_per_file
        self._child: Process | None = None

    async def __aenter__(self) -> "Sandbox":
        self._child = await self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    async def analyze(self, change: Change) -> Analyzed:
        """Analyze a change. Files that kill the child are left out; after MAX_DEATHS no file is measured."""
        text, left_out = await self._run(Task(change))
        result = msgspec.json.decode(text, type=Result)
        unparsed = [LeftOut(path, _UNPARSED) for path in result.unparsed]
        return Analyzed(result.insights, left_out, result.functions, unparsed)

    async def measure(self, change: Change) -> tuple[dict[str, FileFunctions], list[LeftOut]]:
        """Return the functions of each file at head by path, and the files that could not be measured."""
        text, left_out = await self._run(Task(change, functions=True))
        return msgspec.json.decode(text, type=dict[str, FileFunctions]), left_out

    async def _run(self, task: Task) -> tuple[bytes, list[LeftOut]]:
        files = task.change.files
        failed: dict[int, str] = {}
        async with asyncio.timeout(MAX_SECONDS):
            while True:
                skip = tuple(failed) if len(failed) < MAX_DEATHS else tuple(range(len(files)))
                try:
                    result = await self._run_once(replace(task, skip=skip))
                    break
                except _ChildDied as death:
                    if death.index is None or death.index in failed or len(failed) >= MAX_DEATHS:
                        raise
                    failed[death.index] = str(death)
        left_out = [LeftOut(files[index].path, reason) for index, reason in failed.items()]
        if len(failed) >= MAX_DEATHS:
            left_out.append(LeftOut("(all other files)", "the analysis of too many files failed"))
        return result, left_out

    async def _run_once(self, task: Task) -> bytes:
        child = self._child or await self._start()
        self._child = child
        try:
            return await self._exchange(child, msgspec.msgpack.encode(task))
        finally:
            await self._end()

    async def _exchange(self, child: Process, task: bytes) -> bytes:
        """Send a task to the child, and read its result. Raises _ChildDied."""
        assert child.stdin and child.stdout  # noqa: S101 - both are pipes
        current: int | None = None
        try:
            child.stdin.write(task)
            await child.stdin.drain()
            child.stdin.close()
            while True:
                async with asyncio.timeout(self._seconds_per_file):
                    line = await child.stdout.readline()
                if line.startswith(b"M "):
                    current = int(line[2:])
                elif line == b"R\n":
                    return await self._read_result(child.stdout)
                else:
                    raise _ChildDied(current, "its analysis ran out of memory or crashed")
        except TimeoutError:
            raise _ChildDied(current, f"its analysis took longer than {self._seconds_per_file:g} s") from None
        except (BrokenPipeError, ConnectionResetError):
            raise _ChildDied(current, "its analysis crashed") from None

    @staticmethod
    async def _read_result(stream: asyncio.StreamReader) -> bytes:
        result = bytearray()
        while chunk := await stream.read(MIB):
            result += chunk
            if len(result) > MAX_RESULT:
                raise _ChildDied(None, "the result of the analysis is too large")
        return bytes(result)

    async def _start(self) -> Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            "bot.sandbox.child",
            env={"LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"},
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            cwd="/",
            start_new_session=True,
            preexec_fn=limiter(self._limits),
        )

    async def _end(self) -> None:
        if self._child is not None:
            if self._child.returncode is None:
                await end_group(self._child)
            self._child = None
