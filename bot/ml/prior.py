"""What is known of changes in general: a model of other projects, for repositories with little history of their own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bot.ml.columns import COLUMNS, PORTABLE, Floats, columns
from bot.ml.labels import History
from bot.ml.members import BadModel, Member, dump, load

FILE = Path(__file__).with_name("shipped.json")

_FORMAT = 1
# A project with more changes than this counts as if it had no more, or the largest would be the model.
_ENOUGH = 6000
_USUAL_RATE = 0.25


@dataclass(frozen=True, slots=True)
class Prior:
    """Members whose log-odds are averaged. It sees no experience of authors: that is told differently everywhere.

    It knows the order of changes, not how often faults happen in a repository: its log-odds need calibration there.
    `trained_on`: names of the projects, so that nobody judges it on what it has seen.
    """

    name: str
    members: tuple[Member, ...]
    trained_on: tuple[str, ...] = ()

    def log_odds(self, columns: Floats) -> Floats:
        """One number per row of `columns.columns`."""
        mean: Floats = np.mean([member.log_odds(columns) for member in self.members], axis=0)
        return mean


def fit_prior(named: Mapping[str, History], name: str) -> Prior:
    """Fitted on whole projects, each weighing at most about as much as `_ENOUGH` changes. Labels are taken as final."""
    from bot.ml import learn

    projects = list(named.values())
    table = np.vstack([columns(project.raw) for project in projects])
    faulty = np.concatenate([project.faulty for project in projects])
    weight = np.concatenate([_weight(project) for project in projects])
    members = [fit(table, faulty, weight, PORTABLE) for fit in (learn.linear, learn.kernel, learn.boosting)]
    return Prior(name, tuple(members), tuple(named))


def _weight(project: History) -> Floats:
    """What each change counts: the rarer its outcome in the project, the more (by the square root), since otherwise the
    prior learns to tell which project a change is from, and how often that one is at fault.
    """
    rate = float(np.clip(project.faulty.mean(), 0.01, 0.99))
    rarity = np.where(project.faulty > 0, _USUAL_RATE / rate, (1 - _USUAL_RATE) / (1 - rate))
    return np.asarray(min(1.0, _ENOUGH / len(project)) * np.sqrt(rarity))


def to_json(prior: Prior, *, source: str) -> str:
    """The prior as JSON text; `source` says what it was trained on, and under which licence."""
    members = [dump(member) for member in prior.members]
    about = {"format": _FORMAT, "name": prior.name, "source": source, "trained_on": prior.trained_on}
    values = {**about, "columns": COLUMNS, "members": members}
    return json.dumps(values, separators=(",", ":")) + "\n"


def from_json(text: str | bytes) -> Prior:
    """The prior that `to_json` wrote. BadModel if the text is damaged or was made for other columns."""
    try:
        values: Any = json.loads(text)
    except ValueError as wrong:
        raise BadModel(f"the model is not JSON: {wrong}") from wrong
    if not isinstance(values, dict) or values.get("format") != _FORMAT:
        raise BadModel(f"the model is not of format {_FORMAT}")
    if values.get("columns") != list(COLUMNS):
        raise BadModel("the model was made for other columns; run `python bench/risk.py train` again")
    members, name, trained_on = (values.get(key) for key in ("members", "name", "trained_on"))
    if not (isinstance(members, list) and members and isinstance(name, str) and isinstance(trained_on, list)):
        raise BadModel("the model has no members, no name, or no list of projects")
    return Prior(name, tuple(load(member) for member in members), tuple(map(str, trained_on)))


@cache
def shipped() -> Prior:
    """The prior that travels in the wheel. BadModel if its file is damaged."""
    try:
        return from_json(FILE.read_bytes())
    except OSError as missing:
        raise BadModel(f"the shipped model cannot be read: {missing}") from missing
