"""What readers thought of the remarks: the shares by rule, their agreement, and what a change of a rule wins and loses.

    python bench/judged.py                      # the judged set: bench/judged/*.jsonl
    python bench/judged.py compare -o DIR       # against what `remark_signal.py replay … -o DIR` says today
    python bench/judged.py add REMARKS A B SET  # remarks as JSON lines, and the verdicts of two readers, in one order

Two readers judged each remark, each alone, by the rules of bench/judged/rubric.md. It counts as useful if both say
so, and as wrong if one does. `tuned` are the repositories on which rules were changed after reading; `unseen` are
those on which they were not. docs/signal.md has the figures.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).with_name("judged")
_USEFUL, _MINOR, _WRONG = "useful", "minor", "wrong"


@dataclass(frozen=True, slots=True)
class Judged:
    """A remark and what two readers said of it. base, head: what was compared."""

    repository: str
    sha: str
    base: str
    head: str
    rule: str
    title: str
    description: str
    way_out: str
    path: str
    line: int
    verdicts: tuple[str, str]
    reasons: tuple[str, str]

    @property
    def verdict(self) -> str:
        """The verdict of both together."""
        if _WRONG in self.verdicts:
            return _WRONG
        return _USEFUL if self.verdicts == (_USEFUL, _USEFUL) else _MINOR

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What identifies the remark in a later replay, in which its words and lines may differ."""
        return self.repository, self.sha, self.rule, self.path


def main() -> None:
    """Run the subcommand."""
    arguments = _arguments()
    if arguments.command == "add":
        add(arguments.remarks, (arguments.a, arguments.b), FOLDER / f"{arguments.set}.jsonl")
        return
    sets = {file.stem: read(file) for file in sorted(FOLDER.glob("*.jsonl"))}
    console = Console()
    if arguments.command == "compare":
        console.print(_compared([one for found in sets.values() for one in found], _said(arguments.output)))
        return
    for name, found in sets.items():
        console.print(_table(name, found))


def add(remarks: Path, verdicts: tuple[Path, Path], file: Path) -> None:
    """Write the judged set of remarks. Raises SystemExit if the files are not of the same remarks."""
    rows, (first, second) = _lines(remarks), map(_lines, verdicts)
    with file.open("w", encoding="utf-8") as output:
        for row, a, b in zip(rows, first, second, strict=True):
            if not row["sha"] == a["sha"] == b["sha"] or not row["rule"] == a["rule"] == b["rule"]:
                raise SystemExit(f"error: the verdicts are not of {row['repository']} {row['sha']} {row['rule']}")
            known = {name: row[name] for name in Judged.__dataclass_fields__ if name in row}
            judged = Judged(**known, verdicts=(a["verdict"], b["verdict"]), reasons=(a["why"], b["why"]))
            output.write(json.dumps(asdict(judged), ensure_ascii=False) + "\n")


def read(file: Path) -> list[Judged]:
    """Read a judged set."""
    return [
        Judged(**{**row, "verdicts": tuple(row["verdicts"]), "reasons": tuple(row["reasons"])}) for row in _lines(file)
    ]


def agreement(pairs: Sequence[tuple[str, str]]) -> float:
    """Return Cohen's kappa of two readers (Educational and Psychological Measurement 20 (1), 1960); 1 is perfect."""
    kinds, count = (_USEFUL, _MINOR, _WRONG), max(1, len(pairs))
    same = sum(a == b for a, b in pairs) / count
    chance = sum(
        (sum(a == kind for a, _ in pairs) / count) * (sum(b == kind for _, b in pairs) / count) for kind in kinds
    )
    return 1.0 if chance == 1 else (same - chance) / (1 - chance)


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def _said(folder: Path) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """Return the rules and paths of the remarks of each replayed change."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for file in sorted(folder.glob("*.jsonl")):
        for row in _lines(file):
            remarks = found.setdefault((str(row["repository"]), str(row["sha"])), set())
            insights = row["insights"]
            remarks |= {
                (one["rule"], one["locations"][0]["path"] if one["locations"] else "")
                for one in insights
                if one["standing"] == "remark"
            }
    return found


def _compared(judged: Sequence[Judged], said: dict[tuple[str, str], set[tuple[str, str]]]) -> Table:
    shown = Table("verdict", "judged", "replayed", "still said", "silent now")
    replayed = [one for one in judged if (one.repository, one.sha) in said]
    for verdict in (_USEFUL, _MINOR, _WRONG):
        mine = [one for one in replayed if one.verdict == verdict]
        still = sum((one.rule, one.path) in said[one.repository, one.sha] for one in mine)
        total = sum(one.verdict == verdict for one in judged)
        shown.add_row(verdict, *map(str, (total, len(mine), still, len(mine) - still)))
    known = {one.key for one in replayed}
    changes = {(one.repository, one.sha) for one in replayed}
    new = sum((*change, *remark) not in known for change in changes for remark in said[change])
    shown.add_row("not judged yet", "", "", str(new), "")
    return shown


def _table(name: str, judged: Sequence[Judged]) -> Table:
    kappa = agreement([one.verdicts for one in judged])
    shown = Table("rule", "remarks", _USEFUL, _MINOR, _WRONG, title=f"{name}: kappa {kappa:.2f}")
    for rule in (*sorted({one.rule for one in judged}), "all"):
        mine = [one.verdict for one in judged if rule in {one.rule, "all"}]
        shown.add_row(rule, str(len(mine)), *(str(mine.count(kind)) for kind in (_USEFUL, _MINOR, _WRONG)))
    return shown


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command")
    comparing = commands.add_parser("compare", help="against today's replay")
    comparing.add_argument("-o", "--output", type=Path, required=True, help="the folder of `remark_signal.py replay`")
    adding = commands.add_parser("add", help="write a judged set")
    for name in ("remarks", "a", "b"):
        adding.add_argument(name, type=Path)
    adding.add_argument("set", choices=("tuned", "unseen"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
