"""The risk model of a repository: fitted on its history index, kept beside it, and asked about one change."""

import logging
import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bot.domain.features import ChangeFeatures
from bot.domain.history import ChangeRisk
from bot.history.index import HistoryIndex
from bot.history.labels import LabelledTable, labelled_table, past_commits
from bot.ml.fit import MIN_CHANGES, fit_history
from bot.ml.labels import History, Labels, labels_at
from bot.ml.members import BadModel
from bot.ml.prior import shipped
from bot.ml.risk import RiskModel
from bot.ml.stored import from_json, to_json

log = logging.getLogger(__name__)
_GROWTH = 1.1
_KEPT = 12
_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class TrainingData:
    """The labelled changes of an index, oldest first, with what is known of them at its newest commit."""

    table: LabelledTable
    rows: History
    labels: Labels

    def __len__(self) -> int:
        return len(self.table.shas)


def training_data(index: HistoryIndex) -> TrainingData:
    """All changes that touch code. A fix within 90 days makes one faulty, from the day of that fix."""
    table = labelled_table(index)
    rows = History(
        when=table.when,
        raw=np.maximum(table.features, 0.0),
        faulty=table.faulty.astype(np.float64),
        known=np.where(table.faulty, table.known_at, np.inf),
    )
    return TrainingData(table, rows, labels_at(rows, float(index.clock)))


def model_folder(index: Path) -> Path:
    """Where the models of an index are kept: a cache, like the index itself."""
    return index.with_suffix(".risk")


def training_size(changes: int) -> int:
    """On how many of the oldest changes the model is fitted: all, as of the last time they had grown by a tenth.

    So the model depends on the history alone. At the same commit it is always the same one, and a change of the past
    is never judged by a model that knew its outcome.
    """
    if changes < MIN_CHANGES:
        return changes
    size = MIN_CHANGES
    while int(size * _GROWTH) <= changes:
        size = int(size * _GROWTH)
    return size


def current_model(data: TrainingData, folder: Path) -> RiskModel:
    """The model for this history, compared with all of it."""
    return fitted_model(data, training_size(len(data)), folder).updated(data.rows, data.labels)


def fitted_model(data: TrainingData, size: int, folder: Path) -> RiskModel:
    """The model of the oldest `size` changes, with the labels known then: kept from before, or fitted in seconds."""
    file = folder / f"{data.table.shas[size - 1][:20]}-{size}.json"
    model = _load(file)
    if model is None or model.rows != size:
        before = data.rows.before(size)
        text = to_json(fit_history(before, shipped(), float(before.when[-1])))
        _save(file, text)
        model = from_json(text)  # its numbers are rounded: the first answer is the same as later ones
    return model


def assess_risk(index: HistoryIndex, folder: Path, change: ChangeFeatures) -> ChangeRisk | None:
    """The risk of a change that starts from the index's newest commit; None without code in either."""
    data = training_data(index)
    if not change.nf or not len(data):
        return None
    model = current_model(data, folder)
    near = model.neighbours(model.score(change))
    ordinals = [data.table.ordinals[row] for row in near.faulty[:_EXAMPLES]]
    return replace(model.assess(change, near), examples=past_commits(index, ordinals))


def _load(file: Path) -> RiskModel | None:
    try:
        return from_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, BadModel) as wrong:
        log.warning("the kept model %s is fitted anew: %s", file.name, wrong)
        return None


def _save(file: Path, text: str) -> None:
    """Write all of it or nothing; delete the oldest beyond a few. A full disk costs the next caller a fit."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name(f"{file.name}.{os.getpid()}")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(file)
        for old in sorted(file.parent.iterdir(), key=lambda one: one.stat().st_mtime, reverse=True)[_KEPT:]:
            old.unlink(missing_ok=True)
    except OSError as problem:
        log.warning("the model %s could not be kept: %s", file.name, problem)
