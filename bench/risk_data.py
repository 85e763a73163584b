"""The open data sets of changes: a CSV file for each project.

Two formats are told apart by their columns: that of ZZR0/ISSTA21-JIT-DP (`bug`, labels final) and that of
Verssae/NeuroJIT (`buggy`, with the date at which the fix was known).
"""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.features import KAMEI, ChangeFeatures
from bot.ml.columns import matrix
from bot.ml.labels import History, Row, history

_FEWEST = 50


class BadInput(Exception):
    """A folder or file that cannot be judged. The message is for the user."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project's changes; `final`: its labels carry no date at which they were known.

    end: the moment (Unix seconds) up to which faults were looked for: the last date, of a change or a fix, in the data.
    """

    name: str
    rows: History
    final: bool
    end: float


def read_projects(folder: Path) -> list[Project]:
    """Every CSV file below the folder, by name. BadInput if there is none, or one of them cannot be read."""
    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder")
    files = sorted(folder.rglob("*.csv"))
    if not files:
        raise BadInput(f"no CSV file below {folder}")
    projects = [read_project(file) for file in files]
    twice = {project.name for project in projects if sum(other.name == project.name for other in projects) > 1}
    if twice:
        raise BadInput(f"two files for the same project: {', '.join(sorted(twice))}")
    return projects


def read_project(file: Path) -> Project:
    """One file in either format, its rows in time order."""
    name = file.stem.removesuffix("_k_feature")
    with file.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.DictReader(text)
        have = {column.strip().lower(): column for column in reader.fieldnames or ()}
        if "entrophy" in have:
            have.setdefault("entropy", have["entrophy"])
        final = "bug" in have
        wanted = [*KAMEI, "date", *(["bug"] if final else ["buggy", "fix_date"])]
        missing = [column for column in wanted if column not in have]
        if missing:
            raise BadInput(f"{file}: missing columns: {', '.join(missing)}")
        rows = []
        for number, line in enumerate(reader, 2):
            try:
                rows.append(_row({column: (line[have[column]] or "").strip() for column in wanted}, final=final))
            except ValueError as wrong:
                raise BadInput(f"{file}, line {number}: {wrong}") from None
    if len(rows) < _FEWEST:
        raise BadInput(f"{file}: {len(rows)} changes are too few, {_FEWEST} are needed")
    dates = [date for row in rows for date in (row.when, row.known_at) if date is not None and math.isfinite(date)]
    return Project(name, history(rows), final, max(dates))


def _row(cells: Mapping[str, str], *, final: bool) -> Row:
    features = ChangeFeatures(**{name: _number(cells[name], name) for name in KAMEI})
    matrix([features])  # raises for what is no measure
    if final:
        return Row(_time(cells["date"]), features, _number(cells["bug"], "bug") > 0)
    faulty, fixed = _number(cells["buggy"], "buggy") > 0, cells["fix_date"]
    # A row with no date of its fix is never known to be faulty; one that is sound needs none.
    return Row(_time(cells["date"]), features, faulty, _time(fixed) if faulty and fixed else math.inf)


def _number(cell: str, name: str) -> float:
    words = {"true": 1.0, "false": 0.0}
    try:
        number = words[cell.lower()] if cell.lower() in words else float(cell)
    except ValueError:
        raise ValueError(f"{name} is {cell!r}, not a number") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} is {cell!r}, not a finite number")
    return number


def _time(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        moment = datetime.fromisoformat(cell)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
