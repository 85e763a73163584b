"""Prints the results of a repository's history in a terminal. The history page shows the same contents."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.domain.back_test import BackTest
from bot.domain.model_card import ModelCard
from bot.domain.snapshots import Coupling, Hotspots, Ownership
from bot.text import plain

_ROWS = 10


def print_history(
    console: Console,
    name: str,
    *,
    hotspots: Hotspots | None,
    ownership: Ownership | None,
    coupling: Coupling | None,
    card: ModelCard | None,
    back_test: BackTest | None,
) -> None:
    """Print hotspots, ownership, coupling, the model card and the back-test, as far as they are known."""
    console.print(Text(f"{plain(name)}: {hotspots.changes if hotspots else 0:,} changes", style="bold"))
    _table(
        console,
        "Hotspots: complex files that change often",
        ("File", "Changes in the last year", "Fixes", "Lines", "Complexity"),
        [
            (file.path, file.revisions, file.fixes, file.lines, file.complexity)
            for file in (hotspots.files if hotspots else ())
        ],
    )
    if ownership is not None and ownership.bus_factor is not None:
        active = f"{ownership.active_authors} of {ownership.authors} people were active in the last 6 months"
        console.print(f"Bus factor {ownership.bus_factor}; {active}.", highlight=False)
    _table(
        console,
        "Coupling: files that usually change together",
        ("When this file changes", "this file also changes", "How often"),
        [(pair.one, pair.other, f"{pair.together} of {pair.changes}") for pair in (coupling.pairs if coupling else ())],
    )
    if card is not None:
        _print_card(console, card)
    if back_test is not None:
        _print_back_test(console, back_test)


def _print_card(console: Console, card: ModelCard) -> None:
    console.print(Text("Change risk", style="bold"))
    console.print(card.summary, highlight=False)
    _table(
        console,
        "",
        ("On the evaluated changes", "ROC-AUC", "PR-AUC", "Brier", "Recall at 20 % effort", "Correlation with lines"),
        [
            (row.name, *map(_figure, (row.auc, row.pr_auc, row.brier, row.recall20, row.size_correlation)))
            for row in card.scores
        ],
    )
    _table(
        console,
        "",
        ("Lines changed", "Changes", "Needed a fix", "ROC-AUC"),
        [
            (
                f"{row.least:,} to {row.most:,}",
                row.changes,
                row.needed_fix,
                "too little data" if row.auc is None else _figure(row.auc),
            )
            for row in card.quarters or ()
        ],
    )


def _figure(value: float | None) -> str | None:
    return None if value is None else f"{value:.3f}"


def _print_back_test(console: Console, found: BackTest) -> None:
    console.print(Text("Back-test", style="bold"))
    console.print(found.summary, highlight=False)
    _table(
        console,
        "",
        ("Change", "Remark", "File", "Outcome"),
        [(row.sha[:10], row.title, row.path, row.verdict.replace("_", " ")) for row in found.remarks],
        most=30,
    )
    for row in found.proposals:
        line = f"{row.setting}: {row.proposed} instead of {row.now}, because {row.reason}"
        console.print(f"Proposed {line}", highlight=False)


def _table(
    console: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, most: int = _ROWS
) -> None:
    if not rows:
        return
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows[:most]:
        table.add_row(*(Text("–" if cell is None else plain(str(cell))) for cell in row))
    console.print(table)
    console.print()
