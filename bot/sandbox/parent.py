"""The parent's side: start a child early, hand it the change, survive its death."""

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
from bot.process import MIB, Limits, kill_group, limiter
from bot.sandbox.child import Answer, Task

SECONDS_PER_FILE = 15.0
SECONDS_AT_ALL = 300.0
MAX_DEATHS = 5
MAX_ANSWER = 32 * MIB
LIMITS = Limits(memory=1024 * MIB, cpu=240, file=0, files=64)


class _Died(Exception):
    """The child ended without an answer; `index` is the file at hand, None when it was not measuring."""

    def __init__(self, index: int | None, reason: str) -> None:
        super().__init__(reason)
        self.index = index


@dataclass(frozen=True, slots=True)
class Analyzed:
    """What came of a change. left_out: files whose analysis died. functions: those that the change touches."""

    insights: list[Insight]
    left_out: list[LeftOut]
    functions: tuple[TouchedFunction, ...]


class Sandbox:
    """`async with Sandbox() as sandbox: await sandbox.analyze(change)`: the first child starts at once."""

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
        """All of it, some files left out if they must be. After MAX_DEATHS only what needs no measuring is said."""
        text, left_out = await self._answered(Task(change))
        answer = msgspec.json.decode(text, type=Answer)
        return Analyzed(answer.insights, left_out, answer.functions)

    async def measure(self, change: Change) -> tuple[dict[str, FileFunctions], list[LeftOut]]:
        """The functions of each file at head, by path, and files whose measuring died."""
        text, left_out = await self._answered(Task(change, functions=True))
        return msgspec.json.decode(text, type=dict[str, FileFunctions]), left_out

    async def _answered(self, task: Task) -> tuple[bytes, list[LeftOut]]:
        files = task.change.files
        lost: dict[int, str] = {}
        async with asyncio.timeout(SECONDS_AT_ALL):
            while True:
                skip = tuple(lost) if len(lost) < MAX_DEATHS else tuple(range(len(files)))
                try:
                    answer = await self._once(replace(task, skip=skip))
                    break
                except _Died as death:
                    if death.index is None or death.index in lost or len(lost) >= MAX_DEATHS:
                        raise
                    lost[death.index] = str(death)
        left_out = [LeftOut(files[index].path, reason) for index, reason in lost.items()]
        if len(lost) >= MAX_DEATHS:
            left_out.append(LeftOut("(all other files)", "too many files exhausted their analysis"))
        return answer, left_out

    async def _once(self, task: Task) -> bytes:
        child = self._child or await self._start()
        self._child = child
        try:
            return await self._converse(child, msgspec.msgpack.encode(task))
        finally:
            await self._end()

    async def _converse(self, child: Process, task: bytes) -> bytes:
        assert child.stdin and child.stdout  # noqa: S101 - PIPE was asked for
        at_hand: int | None = None
        try:
            child.stdin.write(task)
            await child.stdin.drain()
            child.stdin.close()
            while True:
                async with asyncio.timeout(self._seconds_per_file):
                    line = await child.stdout.readline()
                if line.startswith(b"M "):
                    at_hand = int(line[2:])
                elif line == b"R\n":
                    return await self._answer(child.stdout)
                else:
                    raise _Died(at_hand, "its analysis ran out of memory or crashed")
        except TimeoutError:
            raise _Died(at_hand, f"its analysis took longer than {self._seconds_per_file:g} s") from None
        except (BrokenPipeError, ConnectionResetError):
            raise _Died(at_hand, "its analysis crashed") from None

    @staticmethod
    async def _answer(stream: asyncio.StreamReader) -> bytes:
        answer = bytearray()
        while chunk := await stream.read(MIB):
            answer += chunk
            if len(answer) > MAX_ANSWER:
                raise _Died(None, "the analysis said too much")
        return bytes(answer)

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
                kill_group(self._child)
            await self._child.wait()
            self._child = None
