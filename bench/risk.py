"""How well faulty changes are foreseen: smallest change first, LApredict, logistic regression and GitInsight.

    python bench/risk.py DIR                # every CSV below DIR, each split 80/20 in time order
    python bench/risk.py DIR --json         # {project: {method: {auc, pr_auc, brier_skill, ece, recall20}}}
    python bench/risk.py DIR --prior        # also: own history only against prior and own history
    python bench/risk.py DIR --shipped      # with the prior that is shipped, where it has not seen the project
    python bench/risk.py train DIR -o bot/ml/shipped.json

`risk_data.py` says which data it reads, docs/risk.md what is measured and how.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from risk_data import BadInput, Project, read_projects
from risk_judge import judge
from risk_table import print_figures, print_prior

from bot.ml.prior import Prior, fit_prior, shipped, to_json

_FEWEST_OTHERS = 3
_PROGRESS = Console(stderr=True)
_SOURCE = "Trained on the data of https://github.com/ZZR0/ISSTA21-JIT-DP (MIT), projects: "


def main() -> None:
    try:
        train(sys.argv[2:]) if sys.argv[1:2] == ["train"] else judge_all(sys.argv[1:])
    except BadInput as wrong:
        raise SystemExit(f"error: {wrong}") from None


def train(argv: Sequence[str]) -> None:
    """Fit the prior that is shipped, on all projects with final labels below a folder."""
    parser = argparse.ArgumentParser(prog="risk.py train", description=train.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args(argv)
    projects = [project for project in read_projects(arguments.folder) if project.final]
    if not projects:
        raise BadInput("none of the files has final labels (a column `bug`)")
    names = [project.name for project in projects]
    prior = fit_prior({project.name: project.rows for project in projects}, "issta21-2")
    arguments.output.write_text(to_json(prior, source=_SOURCE + ", ".join(names)), encoding="utf-8")
    print(f"{arguments.output}: {arguments.output.stat().st_size / 1024:.0f} KB from {', '.join(names)}")


def judge_all(argv: Sequence[str]) -> None:
    """Judge every project below the folder, and print what came out."""
    arguments = _arguments(argv)
    projects = read_projects(arguments.folder)
    results = []
    for number, project in enumerate(projects, 1):
        _PROGRESS.print(f"[{number}/{len(projects)}] {project.name}: {len(project.rows):,} changes", highlight=False)
        results.append(
            judge(project, prior_for(project, projects, only_shipped=arguments.shipped), compare=arguments.prior)
        )
    if arguments.json:
        print(json.dumps({result.project: result.figures for result in results}, indent=2))
        return
    print_figures(results)
    if arguments.prior:
        print_prior(results)


def prior_for(project: Project, projects: Sequence[Project], *, only_shipped: bool = False) -> Prior | None:
    """One fitted on the other projects here whose labels were made the same way, or the shipped one.

    The shipped one knows projects with final labels; it stands in where fewer than `_FEWEST_OTHERS` others have dated
    ones, and never judges what it has seen.
    """
    general = shipped()
    seen = project.name in general.trained_on
    others = {other.name: other.rows for other in projects if other.final == project.final and other is not project}
    if not seen and (only_shipped or project.final or len(others) < _FEWEST_OTHERS):
        return general
    return fit_prior(others, "others") if others else None


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Example: risk.py data --prior",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="searched for CSV files, recursively")
    parser.add_argument("--json", action="store_true", help="figures only, as JSON on standard output")
    parser.add_argument("--prior", action="store_true", help="also compare with own history only (twice the time)")
    parser.add_argument(
        "--shipped", action="store_true", help="the shipped prior for all projects that it has not seen"
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
