"""What `risk.py` and `risk_own.py` found, as tables in Markdown."""

from collections.abc import Sequence

from risk_judge import FIGURES, METHODS, Figures, Judged

from bot.ml.scores import Interval

_HEAD = (
    "| project | method | ROC-AUC | PR-AUC | Brier skill | ECE | recall at 20 % effort |\n|---|---|---|---|---|---|---|"
)


def print_figures(results: Sequence[Judged]) -> None:
    """The table of all methods, their means, and the intervals."""
    print(_HEAD)
    for result in results:
        for method in METHODS:
            _print_row(result.project, method, result.figures[method])
        if result.ever:
            _print_row(result.project, "gitinsight, found or not", result.ever)
    for method in METHODS:
        means = {name: _mean([result.figures[method][name] for result in results]) for name in FIGURES}
        _print_row("**mean**", method, means)
    if any(result.ever for result in results):
        plain = [result.ever or result.figures["gitinsight"] for result in results]
        means = {name: _mean([figures[name] for figures in plain]) for name in FIGURES}
        _print_row("**mean**", "gitinsight, found or not", means)
    chance = ", ".join(f"{result.project} {result.ece_by_chance:.3f}" for result in results)
    print(f"\nECE of gitinsight if each of its probabilities were exactly right: {chance}.")
    print("\nROC-AUC of gitinsight, found or not, above lapredict, with 95 % interval (paired bootstrap):\n")
    for result in results:
        print(f"- {result.project}: {_interval(result.over_lapredict)} ({result.tests:,} changes; {result.model})")


def print_sizes(results: Sequence[Judged]) -> None:
    """How far the model is more than the size of a change."""
    print(
        "\n| repository | changes | needed a fix | lines changed | churn of the files | the model | used | what is used"
        " | the model above lines changed | rank correlation with lines | inside quarters of size |\n"
        + "|---" * 11
        + "|"
    )
    sized = [(result, result.size) for result in results if result.size]
    for result, size in sized:
        aucs = f"{size.lines:.3f} | {size.churn:.3f} | {size.model:.3f} | {size.used:.3f}"
        parts = ", ".join(
            f"{'too little data' if part.auc is None else f'{part.auc:.3f}'} ({part.faulty} of {part.changes})"
            for part in size.quarters
        )
        correlation = "–" if size.correlation is None else f"{size.correlation:.2f}"
        print(
            f"| {result.project} | {result.tests:,} | {size.needed_fix} | {aucs} | {size.basis} |"
            f" {_interval(size.over_lines)} | {correlation} | {parts} |"
        )
    columns = [[getattr(size, name) for _, size in sized] for name in ("lines", "churn", "model", "used")]
    means = " | ".join(f"{_mean(column) or 0:.3f}" for column in columns)
    print(f"| **mean** | | | {means} | | | | |")


def print_prior(results: Sequence[Judged]) -> None:
    pairs = [(result, result.own_only) for result in results if result.own_only]
    print(f"\nOwn history only, against prior and own history:\n\n{_HEAD}")
    for result, own in pairs:
        _print_row(result.project, "own only", own)
        _print_row(result.project, "prior + own", result.figures["gitinsight"])
    _print_row("**mean**", "own only", {name: _mean([own[name] for _, own in pairs]) for name in FIGURES})
    both = {name: _mean([result.figures["gitinsight"][name] for result, _ in pairs]) for name in FIGURES}
    _print_row("**mean**", "prior + own", both)
    print()
    for result, _ in pairs:
        if result.over_own:
            print(f"- {result.project}: {_interval(result.over_own)} ROC-AUC over own history only")


def _print_row(project: str, method: str, figures: Figures) -> None:
    cells = ["–" if (value := figures[name]) is None else f"{value:.3f}" for name in FIGURES]
    print(f"| {project} | {method} | {' | '.join(cells)} |")


def _interval(found: Interval) -> str:
    return f"{found.difference:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"


def _mean(values: Sequence[float | None]) -> float | None:
    numbers = [value for value in values if value is not None]
    return sum(numbers) / len(numbers) if numbers else None
