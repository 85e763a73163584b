"""Fits the risk model of a repository on its history index, stores it beside the index, and predicts with it."""

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
_MAX_MODELS = 12
_MAX_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class TrainingData:
    """The labelled changes of an index, oldest first.

    labels: as they are known at the newest commit.
    """

    table: LabelledTable
    rows: History
    labels: Labels

    def __len__(self) -> int:
        return len(self.table.shas)


def training_data(index: HistoryIndex) -> TrainingData:
    """Read all changes of code. A change with a fix within 90 days is faulty from the time of that fix."""
    table = labelled_table(index)
    rows = History(
        when=table.when,
        raw=np.maximum(table.features, 0.0),
        faulty=table.faulty.astype(np.float64),
        known=np.where(table.faulty, table.known_at, np.inf),
    )
    return TrainingData(table, rows, labels_at(rows, float(index.clock)))


def model_folder(index: Path) -> Path:
    """Return the folder of the models of an index. It is a cache, as the index is."""
    return index.with_suffix(".risk")


def training_size(changes: int) -> int:
    """Return the number of oldest changes that the model is fitted on. It grows in steps of 10 %.

    So the model depends on the history only: for the same commit it is always the same model. A past change is never
    predicted by a model that knows its outcome.
    """
    if changes < MIN_CHANGES:
        return changes
    size = MIN_CHANGES
    while int(size * _GROWTH) <= changes:
        size = int(size * _GROWTH)
    return size


def current_model(data: TrainingData, folder: Path) -> RiskModel:
    """Return the model of this history, updated with all of its changes."""
    return fitted_model(data, training_size(len(data)), folder).updated(data.rows, data.labels)


def fitted_model(data: TrainingData, size: int, folder: Path) -> RiskModel:
    """Load or fit the model of the oldest `size` changes with the labels that were known then. A fit takes seconds."""
    file = folder / f"{data.table.shas[size - 1][:20]}-{size}.json"
    model = _load(file)
    if model is None or model.rows != size:
        before = data.rows.before(size)
        text = to_json(fit_history(before, shipped(), float(before.when[-1])))
        _save(file, text)
        model = from_json(text)  # with rounded numbers, so that the first result equals later ones
    return model


def assess_risk(index: HistoryIndex, folder: Path, change: ChangeFeatures) -> ChangeRisk | None:
    """Predict the risk of a change of the newest commit. Returns None if the change or the index has no code."""
    data = training_data(index)
    if not change.nf or not len(data):
        return None
    model = current_model(data, folder)
    neighbours = model.neighbours(model.score(change))
    ordinals = [data.table.ordinals[row] for row in neighbours.faulty[:_MAX_EXAMPLES]]
    return replace(model.assess(change, neighbours), examples=past_commits(index, ordinals))


def _load(file: Path) -> RiskModel | None:
    try:
        return from_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, BadModel) as error:
        log.warning("the stored risk model %s cannot be used and is fitted again: %s", file.name, error)
        return None


def _save(file: Path, text: str) -> None:
    """Write a model atomically and delete the oldest ones. On an error the model is fitted again the next time."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_name(f"{file.name}.{os.getpid()}")
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(file)
        for old in sorted(file.parent.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)[_MAX_MODELS:]:
            old.unlink(missing_ok=True)
    except OSError as error:
        log.warning("the risk model %s could not be stored: %s", file.name, error)
