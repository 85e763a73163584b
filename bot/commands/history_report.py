"""Prints the results of a repository's history in a terminal. The history page shows the same contents."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.text import plain

KINDS = ("hotspots", "ownership", "coupling", "model-card", "back-test")
_ROWS = 10


def print_history(console: Console, name: str, contents: Mapping[str, Mapping[str, Any]]) -> None:
    """Print hotspots, ownership, coupling, the model card and the back-test.

    contents: the content of each snapshot by its kind.
    """
    hotspots, ownership = contents.get("hotspots", {}), contents.get("ownership", {})
    console.print(Text(f"{plain(name)}: {hotspots.get('changes', 0):,} changes", style="bold"))
    _table(
        console,
        "Hotspots: complex files that change often",
        ("File", "Changes in the last year", "Fixes", "Lines", "Complexity"),
        [
            (file["path"], file["revisions"], file["fixes"], file["lines"], file["complexity"])
            for file in hotspots.get("files", [])
        ],
    )
    if ownership.get("bus_factor") is not None:
        active = f"{ownership['active_authors']} of {ownership['authors']} people were active in the last 6 months"
        console.print(f"Bus factor {ownership['bus_factor']}; {active}.", highlight=False)
    _table(
        console,
        "Coupling: files that usually change together",
        ("When this file changes", "this file also changes", "How often"),
        [
            (pair["one"], pair["other"], f"{pair['together']} of {pair['changes']}")
            for pair in contents.get("coupling", {}).get("pairs", [])
        ],
    )
    _print_card(console, contents.get("model-card", {}))
    _print_back_test(console, contents.get("back-test", {}))


def _print_card(console: Console, card: Mapping[str, Any]) -> None:
    if not card:
        return
    console.print(Text("Change risk", style="bold"))
    console.print(card["summary"], highlight=False)
    _table(
        console,
        "",
        ("On the evaluated changes", "ROC-AUC", "PR-AUC", "Brier", "Recall at 20 % effort"),
        [
            (row["name"], *(f"{row[figure]:.3f}" for figure in ("auc", "pr_auc", "brier", "recall20")))
            for row in card.get("scores", [])
        ],
    )


def _print_back_test(console: Console, content: Mapping[str, Any]) -> None:
    if not content:
        return
    console.print(Text("Back-test", style="bold"))
    console.print(content["summary"], highlight=False)
    _table(
        console,
        "",
        ("Change", "Remark", "File", "Outcome"),
        [
            (row["sha"][:10], row["title"], row["path"], str(row["verdict"]).replace("_", " "))
            for row in content["remarks"]
        ],
        most=30,
    )
    for row in content["proposals"]:
        line = f"{row['setting']}: {row['proposed']} instead of {row['now']}, because {row['reason']}"
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
