"""Fuzzes every parser of strangers' bytes: `bench/fuzz_targets.py` is the list of them.

    python bench/fuzz.py --minutes 10 --seed 1            # all targets, the same time for each
    python bench/fuzz.py --minutes 1 --target config      # one of them

Inputs are valid examples with edits (`bench/fuzz_inputs.py`). Of each input must hold: no exception but those that
the parser documents, and at most a second of CPU time. A failure prints the smallest input that was
found to fail; the same seed finds it again. Exit status 1: something failed. A minute of this runs with the tests.
"""

import argparse
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from fuzz_inputs import Chance
from fuzz_targets import TARGETS, Target

MOST_SECONDS = 1.0
_MOST_EDITS = 8
_SHOWN = 1_500
_TRIES = 300


@dataclass(slots=True)
class Outcome:
    """What a target did with its inputs.

    slowest: CPU seconds of one input. failure: how to see it again; empty if all held.
    """

    target: str
    inputs: int = 0
    refused: int = 0
    slowest: float = 0.0
    failure: str = ""


class TooSlow(Exception):
    """An answer took longer than a second."""


def fuzz(target: Target, seconds: float, seed: int) -> Outcome:
    """Give a target inputs until the time is over or one of them fails. The n-th input depends on the seed alone."""
    outcome, until = Outcome(target.name), time.monotonic() + seconds
    while time.monotonic() < until and not outcome.failure:
        value = _input(target, f"{seed}-{outcome.inputs}", _MOST_EDITS)
        outcome.inputs += 1
        if (problem := _attempt(target, value, outcome)) is not None:
            value, problem = _smallest(target, value, problem, f"{seed}-{outcome.inputs - 1}")
            outcome.failure = f"{type(problem).__name__}: {problem}\n{_where(problem)}\ninput: {_shown(value)}"
    return outcome


def _input(target: Target, seed: str, edits: int) -> Any:
    return target.make(Chance(random.Random(seed), edits))


def _attempt(target: Target, value: Any, outcome: Outcome) -> Exception | None:
    """Give the target one input; returns what it must not do."""
    begin = time.thread_time()
    try:
        target.call(value)
    except target.refuses:
        outcome.refused += 1
    except Exception as problem:
        return problem
    spent = time.thread_time() - begin
    outcome.slowest = max(outcome.slowest, spent)
    return TooSlow(f"{spent:.1f} s") if spent > MOST_SECONDS else None


def _smallest(target: Target, value: Any, problem: Exception, seed: str) -> tuple[Any, Exception]:
    """The shortest of some inputs with fewer edits that fails alike, or the input itself."""
    if isinstance(problem, TooSlow):
        return value, problem
    best, kept, place = len(repr(value)), problem, _where(problem)
    for number in range(_TRIES):
        other = _input(target, f"{seed}-{number}", 1 + number % 3)
        found = _attempt(target, other, Outcome(target.name)) if len(repr(other)) < best else None
        if type(found) is type(problem) and _where(found) == place:
            value, kept, best = other, found, len(repr(other))
    return value, kept


def _where(problem: BaseException) -> str:
    """The innermost lines of our own code."""
    found, trace = [], problem.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if "/bot/" in code.co_filename or "fuzz_targets" in code.co_filename:
            found.append(f"  {code.co_filename.rpartition('/bot/')[2]}:{trace.tb_lineno} in {code.co_name}")
        trace = trace.tb_next
    return "\n".join(found[-6:])


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text):,} characters)"


def main() -> None:
    """Fuzz the targets in turn and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0, help="over all targets (default 10)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--target", action="append", help="only targets whose name begins so; may be repeated")
    arguments = parser.parse_args()
    chosen = [one for one in TARGETS if not arguments.target or one.name.startswith(tuple(arguments.target))]
    console = Console()
    outcomes = []
    for target in chosen:
        console.print(f"{target.name} …", markup=False)
        outcomes.append(fuzz(target, arguments.minutes * 60 / len(chosen), arguments.seed))
        if outcomes[-1].failure:
            console.print(outcomes[-1].failure, markup=False, style="red", soft_wrap=True)
    console.print(_table(outcomes))
    sys.exit(any(outcome.failure for outcome in outcomes))


def _table(outcomes: Sequence[Outcome]) -> Table:
    table = Table("target", "inputs", "refused", "slowest", "")
    for one in outcomes:
        row = (one.target, f"{one.inputs:,}", f"{one.refused:,}", f"{one.slowest * 1000:,.0f} ms")
        table.add_row(*row, "failed" if one.failure else "")
    return table


if __name__ == "__main__":
    main()
