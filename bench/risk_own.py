"""The change risk on the labels of our own history index, for any git repositories: the same table as `risk.py`.

    python bench/risk_own.py path/to/one.git path/to/another        # bare or not
    python bench/risk_own.py path/to/one.git --json

Each repository is indexed into a temporary folder. Judged are changes whose 90 days are over: the last fifth of them,
with the model that would have been fitted when that fifth began, on the labels known by then.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from risk_data import BadInput, Project
from risk_judge import Judged, judge
from risk_table import print_figures, print_sizes

from bot.domain.periods import FIX_WINDOW
from bot.git.history_stream import HistorySource, mailmap_bytes, tip
from bot.git.run import GitError
from bot.history.build import update
from bot.history.index import opened
from bot.learning.kinds import classifier
from bot.learning.risk_model import training_data
from bot.ml.prior import shipped

_PROGRESS = Console(stderr=True)


def main(argv: Sequence[str]) -> None:
    """Index and judge each repository, and print what came out."""
    arguments = _arguments(argv)
    results = []
    for repository in arguments.repositories:
        try:
            results.append(judged(repository))
        except BadInput as wrong:
            _PROGRESS.print(f"{repository} is left out: {wrong}", highlight=False)
        except GitError as wrong:
            raise SystemExit(f"error: {repository}: {wrong}") from None
    if not results:
        raise SystemExit("error: there is too little to judge by")
    if arguments.json:
        print(json.dumps({result.project: result.figures for result in results}, indent=2))
    else:
        print_figures(results)
        print_sizes(results)


def judged(repository: Path) -> Judged:
    """One repository's outcome. BadInput where there is too little to judge by."""
    git_dir = repository / ".git" if (repository / ".git").exists() else repository
    folder_name = repository.resolve()
    name = (folder_name.parent if folder_name.name == "repo" else folder_name).name.removesuffix(".git").split("+")[-1]
    head = tip(git_dir)
    if head is None:
        raise BadInput("there are no commits")
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "history.db"
        update(index, HistorySource(git_dir, head), mailmap=mailmap_bytes(git_dir, head), classifier=classifier())
        with opened(index) as open_index:
            past = training_data(open_index)
            clock = int(open_index.meta["clock"])
    ripe = int(np.searchsorted(past.rows.when, clock - FIX_WINDOW, side="right"))
    if ripe < 50:
        raise BadInput(f"only {ripe} changes of code are old enough to judge")
    rows = past.rows.before(ripe)
    _PROGRESS.print(f"{name}: {ripe:,} changes, {int(rows.faulty.sum()):,} needed a fix", highlight=False)
    return judge(Project(name, rows, final=False, end=clock), shipped())


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Example: risk_own.py ../requests ../express",
    )
    parser.add_argument("repositories", nargs="+", type=Path, metavar="REPOSITORY", help="a git repository's folder")
    parser.add_argument("--json", action="store_true", help="figures only, as JSON on standard output")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main(sys.argv[1:])
