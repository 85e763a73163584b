"""The child: reads one change from standard input, writes progress and the insights to standard output, and ends.

`M <index>` before each file, so that the parent knows which one was at hand when the child died; then `R` and the
`Answer` (or the functions) as JSON. The parent decodes JSON only: whatever a hostile file does to this process stays in
it.
"""

import ctypes
import sys
import types
from dataclasses import dataclass, replace

import msgspec

from bot.analysis import collision
from bot.analysis.functions.facts import FileFunctions
from bot.analysis.functions.file import measure_functions
from bot.analysis.registry import ANALYZERS
from bot.analysis.run import measure_files, run_analyzers
from bot.domain.change import Change
from bot.domain.insights import Insight
from bot.domain.open_pulls import TouchedFunction

MAX_FUNCTIONS = 2_000
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


@dataclass(frozen=True, slots=True)
class Task:
    """A change and the indexes of files that killed an earlier child.

    functions: only the facts of the functions of each file are wanted, not insights.
    """

    change: Change
    skip: tuple[int, ...] = ()
    functions: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What the analyzers say, and the functions that the change touches."""

    insights: list[Insight]
    functions: tuple[TouchedFunction, ...] = ()


def main() -> None:
    """Answer one task."""
    # detect-secrets imports it to ask services whether a secret is live. We never do, and its import costs more
    # than all analyzers together.
    sys.modules["requests"] = types.ModuleType("requests")
    _leave_network()
    task = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Task)
    answer = _functions(task) if task.functions else _insights(task)
    sys.stdout.buffer.write(b"R\n" + msgspec.json.encode(answer))
    sys.stdout.buffer.flush()


def _insights(task: Task) -> Answer:
    measured = measure_files(task.change, ANALYZERS, on_file=_mark, skip=frozenset(task.skip))
    touched = (one for functions in measured.facts.get(collision.ANALYZER.name, {}).values() for one in functions)
    return Answer(run_analyzers(task.change, measured), tuple(touched)[:MAX_FUNCTIONS])


def _functions(task: Task) -> dict[str, FileFunctions]:
    """By path; files in no language we know are left out. Signatures serve to compare two ends, and stay here."""
    found = {}
    for index, file in enumerate(task.change.files):
        if index not in task.skip:
            _mark(index)
            if (facts := measure_functions(file)) is not None and facts.after is not None:
                short = tuple(replace(one, signature=()) for one in facts.after.functions)
                found[file.path] = replace(facts, after=replace(facts.after, functions=short))
    return found


def _mark(index: int) -> None:
    sys.stdout.buffer.write(b"M %d\n" % index)
    sys.stdout.buffer.flush()


def _leave_network() -> None:
    """Move into an empty network namespace where the kernel lets us (unshare(2)); elsewhere the child simply has
    nothing to say to anybody: no address, no token.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


if __name__ == "__main__":
    main()
