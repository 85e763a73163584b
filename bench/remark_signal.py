"""What the remarks are worth: past changes replayed, and what came after them.

    python bench/remark_signal.py replay REPOSITORY ... -o DIR   # bare or not; can be killed and goes on
    python bench/remark_signal.py early REPOSITORY ... -o DIR    # which remarks were acted on before the merge
    python bench/remark_signal.py table REPOSITORY ... -o DIR    # what came after changes with and without a remark
    python bench/remark_signal.py shares REPOSITORY ... -o DIR   # of the remarks alone, for bot/analysis/measured.py
    python bench/remark_signal.py remarks REPOSITORY ... -o DIR  # the remarks as JSON lines, to be judged by readers

A folder OWNER__NAME.git is shown as OWNER/NAME. docs/signal.md says what is measured and how.
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from signal_early import print_early, replay_early
from signal_replay import PROGRESS, Place, Replayed, replay, stored
from signal_table import print_shares, print_table, rows_of

from bot.git.run import GitError

_DAY = 86_400


def main() -> None:
    """Run the subcommand."""
    arguments = _arguments()
    arguments.run(arguments)


def _replay(arguments: argparse.Namespace) -> None:
    arguments.output.mkdir(parents=True, exist_ok=True)
    for place in _places(arguments):
        try:
            asyncio.run(replay(place, arguments.changes, arguments.days * _DAY))
        except GitError as problem:
            PROGRESS.print(f"{place.name} is left out: {problem}", highlight=False)


def _early(arguments: argparse.Namespace) -> None:
    places = _places(arguments)
    for place in places:
        asyncio.run(replay_early(place))
    print_early(places)


def _table(arguments: argparse.Namespace) -> None:
    print_table(rows_of(_places(arguments)))


def _shares(arguments: argparse.Namespace) -> None:
    print_shares(rows_of(_places(arguments)))


def _remarks(arguments: argparse.Namespace) -> None:
    for place in _places(arguments):
        for change in stored(place.store):
            for insight in change.insights:
                if insight["standing"] == "remark":
                    print(json.dumps(_told(change, insight)))


def _told(change: Replayed, insight: dict[str, Any]) -> dict[str, Any]:
    """A remark for readers: without its confidence, so that they judge it blind."""
    first = (insight["locations"] or [{"path": "", "start_line": 0}])[0]
    where = {name: getattr(change, name) for name in ("repository", "sha", "base", "head")}
    told = {name: insight[name] for name in ("rule", "severity", "title", "description", "way_out")}
    return where | told | {"path": first["path"], "line": first["start_line"]}


def _places(arguments: argparse.Namespace) -> list[Place]:
    return [Place.of(repository, arguments.output) for repository in arguments.repositories]


_COMMANDS = (
    ("replay", _replay),
    ("early", _early),
    ("table", _table),
    ("shares", _shares),
    ("remarks", _remarks),
)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, run in (
        ("replay", _replay),
        ("early", _early),
        ("table", _table),
        ("shares", _shares),
        ("remarks", _remarks),
    ):
        command = commands.add_parser(name)
        command.add_argument("repositories", nargs="+", type=Path, metavar="REPOSITORY")
        command.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="where results are kept")
        command.set_defaults(run=run)
        if name == "replay":
            command.add_argument("--changes", type=int, default=300, help="of each repository, the newest old enough")
            command.add_argument("--days", type=int, default=90, help="how old a change must be at the last commit")
    return parser.parse_args()


if __name__ == "__main__":
    main()
