"""How well the kind of an issue is told by its title, against the label that its project gave it.

    python bench/issue_kinds.py issues_test.csv

The file has the columns `repo`, `label` (bug, feature or question), `title` and `body`, as that of the NLBSE 2024 tool
competition on issue report classification has them. Labels are hidden from the classification. The figures of a kind
are of all issues; an issue of no kind counts as missed.
"""

import argparse
import csv
import sys
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.ml.issue_kinds import IssueText, issue_kinds
from bot.ml.kinds import shipped

_KINDS = ("bug", "feature", "question")


def main() -> None:
    """Classify the issues of a file, and print precision, recall and F1 of each kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--bodies", action="store_true", help="let the model read the bodies too; the app does not")
    arguments = parser.parse_args()
    csv.field_size_limit(10_000_000)
    with arguments.file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    texts = [IssueText(row["title"], row["body"] if arguments.bodies else "") for row in rows]
    found = [kind.value if kind else "none" for kind in issue_kinds(texts, shipped())]
    pairs = Counter(zip((row["label"].lower() for row in rows), found, strict=True))
    Console().print(_table(pairs))


def _table(pairs: Counter[tuple[str, str]]) -> Table:
    shown = Table("kind", "issues", "told", "right", "precision", "recall", "F1")
    for kind in _KINDS:
        issues = sum(count for (label, _), count in pairs.items() if label == kind)
        told = sum(count for (_, found), count in pairs.items() if found == kind)
        right = pairs[kind, kind]
        shares = (right / max(1, told), right / max(1, issues), 2 * right / max(1, told + issues))
        shown.add_row(kind, *(f"{number:,}" for number in (issues, told, right)), *(f"{share:.3f}" for share in shares))
    none = sum(count for (_, found), count in pairs.items() if found == "none")
    shown.add_row("none", "", f"{none:,}", "", "", "", "")
    return shown


if __name__ == "__main__":
    main()
