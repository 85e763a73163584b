"""How fast and how right the complexity engine is: ours, lizard and radon over the same files, in one run.

    python bench/complexity.py                 # the standard library and the installed packages
    python bench/complexity.py DIR --limit 500 # any folder, any mix of languages

Times are CPU seconds of this process, so that a busy machine does not blur them; each tool counts the same texts.
"""

import argparse
import sys
import sysconfig
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import lizard
from radon.visitors import ComplexityVisitor

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.analysis.functions.grammar import grammar, language_of
from bot.analysis.functions.languages import Language
from bot.analysis.functions.measure import measure_both, measure_text

Counted = Callable[["Sample"], object]

# The reader of changes leaves out larger files.
_LARGEST = 512 * 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """One file to count."""

    path: str
    text: str
    table: Language


def main() -> None:
    arguments = _arguments()
    samples = _samples(arguments.folders, arguments.limit)
    if not samples:
        raise SystemExit("No file in a language that the engine has a table for.")
    for table in {sample.table.name: sample.table for sample in samples}.values():
        grammar(table)
    lines = sum(sample.text.count("\n") for sample in samples)
    languages = Counter(sample.table.name for sample in samples)
    print(f"{len(samples)} files, {lines / 1000:.0f} kLOC: {dict(languages.most_common())}\n")
    seconds = _timed(
        {
            "one": lambda sample: measure_text(sample.table, sample.text),
            "both": lambda sample: measure_both(sample.table, sample.text, _edited(sample.text)),
            "lizard": _by_lizard,
        },
        samples,
    )
    print(f"{'':34}{'files/s':>9}{'kLOC/s':>9}{'× lizard':>10}")
    _row("ours, one text", seconds["one"], len(samples), lines, seconds["lizard"])
    _row("ours, before and after", seconds["both"], len(samples), lines, 2 * seconds["lizard"])
    _row("lizard, one text", seconds["lizard"], len(samples), lines, seconds["lizard"])
    python = [sample for sample in samples if sample.table.name == "Python"]
    if python:
        _compare_with_radon(python)
        _agreement(python)


def _compare_with_radon(samples: list[Sample]) -> None:
    lines = sum(sample.text.count("\n") for sample in samples)
    counters: dict[str, Counted] = {
        "ours": lambda sample: measure_text(sample.table, sample.text),
        "lizard": _by_lizard,
        "radon": _by_radon,
    }
    seconds = _timed(counters, samples)
    for name in ("ours", "radon"):
        _row(f"{name}, one text, Python only", seconds[name], len(samples), lines, seconds["lizard"])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    paths = sysconfig.get_paths()
    parser.add_argument("folders", nargs="*", type=Path, default=[Path(paths["stdlib"]), Path(paths["purelib"])])
    parser.add_argument("--limit", type=int, default=600, help="count at most so many files (default: 600)")
    return parser.parse_args()


def _samples(folders: list[Path], limit: int) -> list[Sample]:
    """Files spread evenly over the folders, so that no package dominates."""
    found = {
        path
        for folder in folders
        for path in folder.rglob("*")
        if language_of(path.name) and path.is_file() and path.stat().st_size <= _LARGEST
    }
    chosen = sorted(found)[:: max(1, len(found) // limit)][:limit]
    samples = []
    for path in chosen:
        table = language_of(path.name)
        if table is not None:
            samples.append(Sample(str(path), path.read_text("utf-8", "replace"), table))
    return samples


def _edited(text: str) -> str:
    """The text with one line in its middle written twice: what a small change looks like."""
    lines = text.split("\n")
    middle = len(lines) // 2
    return "\n".join([*lines[: middle + 1], *lines[middle:]])


def _timed(counters: dict[str, Counted], samples: list[Sample]) -> dict[str, float]:
    """CPU seconds by counter. They take turns at each file, so that a slow moment of the machine hits all of them."""
    seconds = dict.fromkeys(counters, 0.0)
    for sample in samples:
        for name, count in counters.items():
            started = time.process_time()
            count(sample)
            seconds[name] += time.process_time() - started
    return seconds


def _by_lizard(sample: Sample) -> object:
    return lizard.analyze_file.analyze_source_code(sample.path, sample.text)


def _by_radon(sample: Sample) -> dict[int, int] | None:
    """CCN by first line; None for what this Python cannot parse."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            visitor = ComplexityVisitor.from_code(sample.text)
        except (SyntaxError, ValueError):
            return None
    functions, classes = list(visitor.functions), list(visitor.classes)
    for one in classes:
        functions += one.methods
        classes += one.inner_classes
    for function in functions:
        functions += function.closures
    return {function.lineno: function.complexity for function in functions}


def _row(name: str, seconds: float, files: int, lines: int, reference: float) -> None:
    print(f"{name:34}{files / seconds:9.0f}{lines / seconds / 1000:9.1f}{reference / seconds:10.2f}", flush=True)


def _agreement(samples: list[Sample]) -> None:
    counts: dict[str, Counter[str]] = {"ours": Counter(), "lizard": Counter()}
    for sample in samples:
        expected = _by_radon(sample)
        if expected is None:
            continue
        ours = {f.start_line: f.ccn for f in measure_text(sample.table, sample.text).functions}
        theirs = {
            f.start_line: f.cyclomatic_complexity
            for f in lizard.analyze_file.analyze_source_code(sample.path, sample.text).function_list
        }
        for name, found in (("ours", ours), ("lizard", theirs)):
            for line, ccn in expected.items():
                counts[name]["all"] += 1
                if line in found:
                    counts[name]["exact"] += found[line] == ccn
                    counts[name]["within 1"] += abs(found[line] - ccn) <= 1
    print(f"\n{'CCN as radon counts it':34}{'functions':>10}{'exact':>8}{'within 1':>10}")
    for name, count in counts.items():
        total = max(1, count["all"])
        print(f"{name:34}{count['all']:10}{count['exact'] / total:8.4f}{count['within 1'] / total:10.4f}")


if __name__ == "__main__":
    main()
