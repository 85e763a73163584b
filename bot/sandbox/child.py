"""The child process: reads one task from standard input, and writes progress and the result to standard output.

It writes `M <index>` before it measures each file, so that the parent knows which file killed it. Then it writes `R`
and the `Result` (or the functions) as JSON. The parent decodes JSON only, so that a malicious file can affect only the
child.
"""

import sys
from dataclasses import dataclass, replace

import msgspec

from bot.analysis import collision, complexity
from bot.analysis.functions.facts import FileFunctions
from bot.analysis.functions.file import measure_functions
from bot.analysis.registry import ANALYZERS
from bot.analysis.run import measure_files, run_analyzers
from bot.domain.change import Change
from bot.domain.insights import Insight
from bot.domain.open_pulls import TouchedFunction
from bot.isolation import leave_network

MAX_FUNCTIONS = 2_000


@dataclass(frozen=True, slots=True)
class Task:
    """The input of a child.

    skip: the indexes of files that killed an earlier child.
    functions: measure the functions of each file instead of computing insights.
    """

    change: Change
    skip: tuple[int, ...] = ()
    functions: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """The insights of the analyzers, and the functions that the change alters.

    unparsed: the files of which much could not be parsed.
    """

    insights: list[Insight]
    functions: tuple[TouchedFunction, ...] = ()
    unparsed: tuple[str, ...] = ()


def main() -> None:
    """Run one task."""
    leave_network()
    task = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Task)
    result = _functions(task) if task.functions else _insights(task)
    sys.stdout.buffer.write(b"R\n" + msgspec.json.encode(result))
    sys.stdout.buffer.flush()


def _insights(task: Task) -> Result:
    measured = measure_files(task.change, ANALYZERS, on_file=_report_file, skip=frozenset(task.skip))
    by_file = measured.facts.get(collision.ANALYZER.name, {}).values()
    touched = (function for functions in by_file for function in functions)
    functions = measured.facts.get(complexity.ANALYZER.name, {})
    unparsed = tuple(path for path, found in functions.items() if found.unparsed)
    return Result(run_analyzers(task.change, measured), tuple(touched)[:MAX_FUNCTIONS], unparsed)


def _functions(task: Task) -> dict[str, FileFunctions]:
    """Return the functions by path. Files in unknown languages are left out, and so are signatures."""
    found = {}
    for index, file in enumerate(task.change.files):
        if index not in task.skip:
            _report_file(index)
            if (facts := measure_functions(file)) is not None and facts.after is not None:
                functions = tuple(replace(function, signature=()) for function in facts.after.functions)
                found[file.path] = replace(facts, after=replace(facts.after, functions=functions))
    return found


def _report_file(index: int) -> None:
    """Tell the parent which file is measured next."""
    sys.stdout.buffer.write(b"M %d\n" % index)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
