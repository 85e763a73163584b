"""The prior: a model of other projects, for repositories with a short history."""

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
# The total weight of a project is limited to this number of changes, so that the largest project does not dominate.
_MAX_PROJECT_WEIGHT = 6000
_REFERENCE_RATE = 0.25


@dataclass(frozen=True, slots=True)
class Prior:
    """The mean of the log-odds of its members.

    It does not use the experience of authors, because data sets count it differently. It ranks changes; it does not
    know how frequent faults are in a repository, so that its log-odds must be calibrated.
    trained_on: the names of the projects, so that no evaluation uses them.
    """

    name: str
    members: tuple[Member, ...]
    trained_on: tuple[str, ...] = ()

    def log_odds(self, columns: Floats) -> Floats:
        """One number per row of `columns.columns`."""
        mean: Floats = np.mean([member.log_odds(columns) for member in self.members], axis=0)
        return mean


def fit_prior(named: Mapping[str, History], name: str) -> Prior:
    """Fit a prior on whole projects. All labels count as final."""
    from bot.ml import learn

    projects = list(named.values())
    table = np.vstack([columns(project.raw) for project in projects])
    faulty = np.concatenate([project.faulty for project in projects])
    weight = np.concatenate([_weight(project) for project in projects])
    members = [fit(table, faulty, weight, PORTABLE) for fit in (learn.linear, learn.kernel, learn.boosting)]
    return Prior(name, tuple(members), tuple(named))


def _weight(project: History) -> Floats:
    """Return the weight of each change. It grows with the square root of the rarity of its outcome in the project.

    Otherwise the prior learns to recognize the project of a change and its rate of faults.
    """
    rate = float(np.clip(project.faulty.mean(), 0.01, 0.99))
    rarity = np.where(project.faulty > 0, _REFERENCE_RATE / rate, (1 - _REFERENCE_RATE) / (1 - rate))
    return np.asarray(min(1.0, _MAX_PROJECT_WEIGHT / len(project)) * np.sqrt(rarity))


def to_json(prior: Prior, *, source: str) -> str:
    """Return the prior as JSON. source: a text about the training data and its licence."""
    members = [dump(member) for member in prior.members]
    about = {"format": _FORMAT, "name": prior.name, "source": source, "trained_on": prior.trained_on}
    values = {**about, "columns": COLUMNS, "members": members}
    return json.dumps(values, separators=(",", ":")) + "\n"


def from_json(text: str | bytes) -> Prior:
    """Parse the result of `to_json`. Raises BadModel if it is damaged or has other columns."""
    try:
        values: Any = json.loads(text)
    except ValueError as error:
        raise BadModel(f"the model is not JSON: {error}") from error
    if not isinstance(values, dict) or values.get("format") != _FORMAT:
        raise BadModel(f"the format of the model is not {_FORMAT}")
    if values.get("columns") != list(COLUMNS):
        raise BadModel("the model has other columns; run `python bench/risk.py train` again")
    members, name, trained_on = (values.get(key) for key in ("members", "name", "trained_on"))
    if not (isinstance(members, list) and members and isinstance(name, str) and isinstance(trained_on, list)):
        raise BadModel("the model has no members, no name, or no list of projects")
    return Prior(name, tuple(load(member) for member in members), tuple(map(str, trained_on)))


@cache
def shipped() -> Prior:
    """Return the prior that is part of the package. Raises BadModel if its file is damaged."""
    try:
        return from_json(FILE.read_bytes())
    except OSError as error:
        raise BadModel(f"the shipped model cannot be read: {error}") from error
