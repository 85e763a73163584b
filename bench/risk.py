"""How well faulty changes are foreseen: smallest change first, LApredict, logistic regression and GitInsight.

    python bench/risk.py DIR                # every CSV below DIR, each split 80/20 in time order
    python bench/risk.py DIR --json         # {project: {method: {auc, pr_auc, brier_skill, ece, recall20}}}
    python bench/risk.py DIR --prior        # also: own history only against prior and own history
    python bench/risk.py train DIR -o bot/ml/shipped.json

`risk_data.py` says which data it reads, docs/risk.md what is measured and how.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from risk_data import BadInput, Project, read_projects

from bot.ml.calibrate import sigmoid
from bot.ml.columns import Floats
from bot.ml.features import KAMEI, NAMES
from bot.ml.fit import fit_history
from bot.ml.labels import History, labels_at
from bot.ml.prior import Prior, fit_prior, shipped, to_json
from bot.ml.scores import Interval, evaluate, paired_bootstrap, roc_auc

METHODS = ("smallest_first", "lapredict", "logistic", "gitinsight")

_FIGURES = ("auc", "pr_auc", "brier_skill", "ece", "recall20")
_TRAIN = 0.8
_PROGRESS = Console(stderr=True)
_HEAD = (
    "| project | method | ROC-AUC | PR-AUC | Brier skill | ECE | recall at 20 % effort |\n|---|---|---|---|---|---|---|"
)
_SOURCE = "Trained on the data of https://github.com/ZZR0/ISSTA21-JIT-DP (MIT), projects: "

Figures = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Judged:
    """A project's outcome: the figures of each method, and differences of ROC-AUC with their intervals."""

    project: str
    tests: int
    figures: Mapping[str, Figures]
    over_lapredict: Interval
    model: str
    own_only: Figures | None = None
    over_own: Interval | None = None


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
    prior = fit_prior({project.name: project.rows for project in projects}, "issta21-1")
    arguments.output.write_text(to_json(prior, source=_SOURCE + ", ".join(names)), encoding="utf-8")
    print(f"{arguments.output}: {arguments.output.stat().st_size / 1024:.0f} KB from {', '.join(names)}")


def judge_all(argv: Sequence[str]) -> None:
    """Judge every project below the folder, and print what came out."""
    arguments = _arguments(argv)
    projects = read_projects(arguments.folder)
    results = []
    for number, project in enumerate(projects, 1):
        _PROGRESS.print(f"[{number}/{len(projects)}] {project.name}: {len(project.rows):,} changes", highlight=False)
        results.append(judge(project, prior_for(project, projects), compare=arguments.prior))
    if arguments.json:
        print(json.dumps({result.project: result.figures for result in results}, indent=2))
        return
    print_figures(results)
    if arguments.prior:
        _print_prior(results)


def prior_for(project: Project, projects: Sequence[Project]) -> Prior | None:
    """The shipped prior, unless it saw this project; then one of the other such projects here, if there are any."""
    general = shipped()
    if project.name not in general.trained_on:
        return general
    others = {other.name: other.rows for other in projects if other.final and other.name != project.name}
    return fit_prior(others, "others") if others else None


def judge(project: Project, prior: Prior | None, *, compare: bool = False) -> Judged:
    """Fit on the first 80 % with the labels known by then, and score the rest with its final labels."""
    cut = int(len(project.rows) * _TRAIN)
    past, now = project.rows.before(cut), float(project.rows.when[cut])
    raw, faulty = project.rows.raw[cut:], project.rows.faulty[cut:]
    if not 0 < faulty.sum() < len(faulty):
        raise BadInput(f"{project.name}: its last fifth has only one outcome")
    lines = raw[:, NAMES.index("la")] + raw[:, NAMES.index("ld")]
    model = fit_history(past, prior, now)
    ours = model.log_odds(raw)
    scored = {
        "smallest_first": (-lines, False),
        "lapredict": _regression(past, now, raw[:, [NAMES.index("la")]], only_added=True),
        "logistic": _regression(past, now, raw[:, : len(KAMEI)], only_added=False),
        "gitinsight": (ours, model.has_probability),
    }
    figures = {name: _figures(faulty, *score, lines) for name, score in scored.items()}
    over = paired_bootstrap(faulty, ours, scored["lapredict"][0])
    if not compare or prior is None:
        return Judged(project.name, len(faulty), figures, over, model.version)
    alone = fit_history(past, None, now)
    own = alone.log_odds(raw)
    own_only = _figures(faulty, own, alone.has_probability, lines)
    return Judged(
        project.name, len(faulty), figures, over, model.version, own_only, paired_bootstrap(faulty, ours, own)
    )


def _regression(past: History, now: float, raw: Floats, *, only_added: bool) -> tuple[Floats, bool]:
    """Logistic regression on lines added as they are (LApredict), or on the logarithms of all 14."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    known = labels_at(past, now).faulty
    if not 0 < known.sum() < len(known):
        return raw[:, 0], False
    if only_added:
        table, model = past.raw[:, [NAMES.index("la")]], LogisticRegression(max_iter=1000)
    else:
        logs = FunctionTransformer(np.log1p)
        table = past.raw[:, : len(KAMEI)]
        model = make_pipeline(logs, StandardScaler(), LogisticRegression(max_iter=1000))
    return np.asarray(model.fit(table, known).decision_function(raw), dtype=np.float64), True


def _figures(faulty: Floats, score: Floats, is_log_odds: bool, lines: Floats) -> Figures:
    if is_log_odds:
        scores = evaluate(faulty, sigmoid(score), lines)
        figures: Figures = {name: getattr(scores, name) for name in _FIGURES}
        # Probabilities that round to 1 would tie; the order is that of the log-odds.
        return {**figures, "auc": roc_auc(faulty, score)}
    # An order, no probability: as ranks between 0 and 1 it can be scored, but skill and calibration mean nothing.
    rank = np.searchsorted(np.sort(score), score) / len(score)
    scores = evaluate(faulty, rank, lines)
    return {"auc": scores.auc, "pr_auc": scores.pr_auc, "brier_skill": None, "ece": None, "recall20": scores.recall20}


def print_figures(results: Sequence[Judged]) -> None:
    """The table of all methods, their means, and the intervals."""
    print(_HEAD)
    for result in results:
        for method in METHODS:
            _print_row(result.project, method, result.figures[method])
    for method in METHODS:
        means = {name: _mean([result.figures[method][name] for result in results]) for name in _FIGURES}
        _print_row("**mean**", method, means)
    print("\nROC-AUC of gitinsight above lapredict, with 95 % interval (paired bootstrap over the test changes):\n")
    for result in results:
        print(f"- {result.project}: {_interval(result.over_lapredict)} ({result.tests:,} changes; {result.model})")


def _print_prior(results: Sequence[Judged]) -> None:
    pairs = [(result, result.own_only) for result in results if result.own_only]
    print(f"\nOwn history only, against prior and own history:\n\n{_HEAD}")
    for result, own in pairs:
        _print_row(result.project, "own only", own)
        _print_row(result.project, "prior + own", result.figures["gitinsight"])
    _print_row("**mean**", "own only", {name: _mean([own[name] for _, own in pairs]) for name in _FIGURES})
    both = {name: _mean([result.figures["gitinsight"][name] for result, _ in pairs]) for name in _FIGURES}
    _print_row("**mean**", "prior + own", both)
    print()
    for result, _ in pairs:
        if result.over_own:
            print(f"- {result.project}: {_interval(result.over_own)} ROC-AUC over own history only")


def _print_row(project: str, method: str, figures: Figures) -> None:
    cells = ["–" if (value := figures[name]) is None else f"{value:.3f}" for name in _FIGURES]
    print(f"| {project} | {method} | {' | '.join(cells)} |")


def _interval(found: Interval) -> str:
    return f"{found.difference:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"


def _mean(values: Sequence[float | None]) -> float | None:
    numbers = [value for value in values if value is not None]
    return sum(numbers) / len(numbers) if numbers else None


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Example: risk.py data --prior",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="searched for CSV files, recursively")
    parser.add_argument("--json", action="store_true", help="figures only, as JSON on standard output")
    parser.add_argument("--prior", action="store_true", help="also compare with own history only (twice the time)")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
