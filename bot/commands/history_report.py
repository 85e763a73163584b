"""What the history of a repository tells, for a terminal: the same contents that the pages show."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.text import plain

KINDS = ("hotspots", "ownership", "coupling", "model-card", "back-test")
_ROWS = 10


def print_history(console: Console, name: str, contents: Mapping[str, Mapping[str, Any]]) -> None:
    """Print hotspots, ownership, coupling, the model card and the back-test. contents: by kind of snapshot."""
    hotspots, ownership = contents.get("hotspots", {}), contents.get("ownership", {})
    console.print(Text(f"{plain(name)}: {hotspots.get('changes', 0):,} changes", style="bold"))
    _table(
        console,
        "Hotspots: often changed and complex",
        ("File", "Changes, last year", "Fixes", "Lines", "Complexity"),
        [
            (one["path"], one["revisions"], one["fixes"], one["lines"], one["complexity"])
            for one in hotspots.get("files", [])
        ],
    )
    if ownership.get("bus_factor") is not None:
        active = f"{ownership['active_authors']} of {ownership['authors']} people were active in the last 6 months"
        console.print(f"Bus factor {ownership['bus_factor']}; {active}.", highlight=False)
    _table(
        console,
        "Coupling: what usually changes along",
        ("When this changes", "this comes along", "How often"),
        [
            (one["one"], one["other"], f"{one['together']} of {one['changes']}")
            for one in contents.get("coupling", {}).get("pairs", [])
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
        ("On the judged changes", "ROC-AUC", "PR-AUC", "Brier", "Recall at 20 % effort"),
        [
            (row["name"], *(f"{row[figure]:.3f}" for figure in ("auc", "pr_auc", "brier", "recall20")))
            for row in card.get("scores", [])
        ],
    )


def _print_back_test(console: Console, past: Mapping[str, Any]) -> None:
    if not past:
        return
    console.print(Text("Back-test", style="bold"))
    console.print(past["summary"], highlight=False)
    _table(
        console,
        "",
        ("Change", "What would have been said", "Where", "And then"),
        [
            (row["sha"][:10], row["title"], row["path"], str(row["verdict"]).replace("_", " "))
            for row in past["remarks"]
        ],
        most=30,
    )
    for row in past["proposals"]:
        line = f"{row['setting']}: {row['proposed']} (now {row['now']}): {row['reason']}"
        console.print(f"Proposed: {line}", highlight=False)


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
