"""Trains the shipped classification of changes, and judges it against what developers wrote down.

    python bench/kinds.py train MIRRORS               # writes bot/ml/kinds.npz
    python bench/kinds.py judge path/to/one.git ...   # any repositories with news fragments

MIRRORS is a folder with a bare or normal clone of each repository in TRAINING, as `owner+name/repo`, `owner/name` or
`name.git`. What is read from git is kept in a cache folder; nothing of it becomes part of the project but the weights.

Judged is whether a change is a fix: the truth is the kind of the news fragment that it adds. The fragment itself is
hidden: neither its name, nor its text, nor the file counts.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from rich.console import Console

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from kinds_data import Example, examples
from kinds_judge import Judgement, judge, table

from bot.domain.kinds import Kind
from bot.ml.kinds import FILE, KINDS, KindModel, shipped, to_bytes
from bot.ml.learn_kinds import fit_shipped, temperature_of

CONVENTIONAL = (
    "vuejs/core", "vitejs/vite", "electron/electron", "tauri-apps/tauri", "apache/opendal", "goreleaser/goreleaser",
    "googleapis/release-please", "python-semantic-release/python-semantic-release", "commitizen-tools/commitizen",
    "biomejs/biome", "argoproj/argo-cd", "angular/angular-cli", "grafana/loki", "dagger/dagger",
    "rust-lang/rust-analyzer", "withastro/astro",
)  # fmt: skip
FRAGMENTS = (
    "pypa/pip", "pytest-dev/pytest", "pypa/setuptools", "tox-dev/tox", "pypa/virtualenv", "buildbot/buildbot",
    "pyinstaller/pyinstaller",
)  # fmt: skip
TRAINING = CONVENTIONAL + FRAGMENTS
# Left out of a first fit; the temperature is found on them.
CALIBRATION = ("vitejs/vite", "grafana/loki", "pypa/pip", "tox-dev/tox")

# Per repository, so that none dominates; the newest changes of at most `_LIMIT` first-parent commits.
_MOST = 1_000
_LIMIT = 15_000
_FRAGMENT_WEIGHT = 2.0
_WITHOUT_FILES = 0.15  # the share of changes whose files are hidden, so that a title alone is understood too
_PROGRESS = Console(stderr=True)


def main(argv: Sequence[str]) -> None:
    """Train, or judge and print."""
    arguments = _arguments(argv)
    if arguments.command == "train":
        train(arguments.mirrors, arguments.cache)
        return
    results = [_judged(repository, arguments.cache) for repository in arguments.repositories]
    if arguments.json:
        print(json.dumps([asdict(result) for result in results], indent=2))
    else:
        Console().print(table(results))


def train(mirrors: Path, cache: Path) -> None:
    """Fit and calibrate the shipped model, and write it."""
    by_project = {name: _labelled(examples(_clone(mirrors, name), cache, _LIMIT), name) for name in TRAINING}
    _PROGRESS.print(f"{sum(map(len, by_project.values())):,} changes", highlight=False)
    first = _fitted({name: rows for name, rows in by_project.items() if name not in CALIBRATION})
    kept = [row for name in CALIBRATION for row in by_project[name]]
    temperature = temperature_of(first.scores([row.change for row in kept]), _kinds(kept))
    content = to_bytes(replace(_fitted(by_project), temperature=temperature))
    FILE.write_bytes(content)
    _PROGRESS.print(f"temperature {temperature:.2f}, {len(content):,} bytes", highlight=False)


def _labelled(rows: Sequence[Example], name: str) -> list[Example]:
    """Return the examples that are trained on: what a prefix says, or a fragment, but not a release."""
    source = "prefix" if name in CONVENTIONAL else "fragment"
    usable = {*KINDS, Kind.PERFORMANCE} | ({Kind.OTHER} if source == "fragment" else set())
    found = [row for row in rows if row.source == source and row.kind in usable and row.stated is not Kind.RELEASE]
    if len(found) > _MOST:
        chosen = np.random.default_rng(0).choice(len(found), _MOST, replace=False)
        found = [found[number] for number in sorted(chosen)]
    return found


def _fitted(by_project: dict[str, list[Example]]) -> KindModel:
    rows = [row for project in by_project.values() for row in project]
    weight = [_FRAGMENT_WEIGHT if row.source == "fragment" else 1.0 for row in rows]
    hidden = np.random.default_rng(1).random(len(rows)) < _WITHOUT_FILES
    changes = [replace(row.change, files=None) if hide else row.change for row, hide in zip(rows, hidden, strict=True)]
    return fit_shipped(changes, _kinds(rows), np.array(weight, dtype=np.float32))


def _kinds(rows: Sequence[Example]) -> list[Kind]:
    return [row.kind or Kind.OTHER for row in rows]


def _judged(repository: Path, cache: Path) -> Judgement:
    return judge(_name(repository), examples(repository, cache, _LIMIT), shipped())


def _name(repository: Path) -> str:
    named = repository.parent if repository.name == "repo" else repository
    return named.resolve().name.removesuffix(".git").rpartition("+")[2]


def _clone(mirrors: Path, name: str) -> Path:
    places = (mirrors / name.replace("/", "+") / "repo", mirrors / name, mirrors / f"{name.rpartition('/')[2]}.git")
    found = next((place for place in places if place.is_dir()), None)
    if found is None:
        raise SystemExit(f"error: there is no clone of {name} below {mirrors}")
    return found


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    training = commands.add_parser("train", help="fit the shipped model")
    training.add_argument("mirrors", type=Path, metavar="MIRRORS")
    judging = commands.add_parser("judge", help="compare with news fragments")
    judging.add_argument("repositories", nargs="+", type=Path, metavar="REPOSITORY")
    judging.add_argument("--json", action="store_true", help="figures only, as JSON on standard output")
    for command in (training, judging):
        command.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()), help="folder of what was read")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main(sys.argv[1:])
