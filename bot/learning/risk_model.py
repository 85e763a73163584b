"""The change risk of a proposal: the model that its history deserves, fitted and kept, and what that says of it."""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.domain.files import FileChange
from bot.domain.history import ChangeRisk, Fix, Reason
from bot.history.index import HistoryIndex
from bot.history.labels import LabelledTable, labelled_table
from bot.history.messages import Kind, read_message
from bot.history.proposal import ProposedFile, proposed_features
from bot.history.schema import FEATURES
from bot.ml.features import NAMES, ChangeFeatures
from bot.ml.fit import FEWEST_CHANGES, fit_history
from bot.ml.labels import History, Labels, labels_at
from bot.ml.members import BadModel
from bot.ml.prior import shipped
from bot.ml.risk import Assessment, RiskModel
from bot.ml.stored import from_json, to_json

log = logging.getLogger(__name__)
_GROWTH = 1.1
_KEPT = 12
_EXAMPLES = 5
_PLACES = [FEATURES.index(name) for name in NAMES]


@dataclass(frozen=True, slots=True)
class Past:
    """The judged changes of an index, oldest first, with what is known of them at its newest commit."""

    table: LabelledTable
    rows: History
    labels: Labels

    def __len__(self) -> int:
        return len(self.table.shas)


def past_of(index: HistoryIndex) -> Past:
    """All changes of the index that touch code. A fix within 90 days makes one faulty, from the day of that fix."""
    table = labelled_table(index)
    rows = History(
        when=table.when,
        raw=np.maximum(table.features[:, _PLACES], 0.0),
        faulty=table.bug.astype(np.float64),
        known=np.where(table.bug, table.known_at, np.inf),
    )
    return Past(table, rows, labels_at(rows, float(index.meta.get("clock", 0))))


def model_folder(index: Path) -> Path:
    """Where the models of an index are kept: a cache, like the index itself."""
    return index.with_suffix(".risk")


def training_size(changes: int) -> int:
    """On how many of the oldest changes the model is fitted: all, as of the last time they had grown by a tenth.

    So the model is a matter of the history alone: whoever asks at the same commit gets the same one, and a change
    of the past is never judged by a model that knew its outcome.
    """
    if changes < FEWEST_CHANGES:
        return changes
    size = FEWEST_CHANGES
    while int(size * _GROWTH) <= changes:
        size = int(size * _GROWTH)
    return size


def model_of(past: Past, folder: Path) -> RiskModel:
    """The model for this history, compared with all of it."""
    return fitted(past, training_size(len(past)), folder).updated(past.rows, past.labels)


def fitted(past: Past, size: int, folder: Path) -> RiskModel:
    """The model of the oldest `size` changes, with what was known then: kept from before, or fitted now, in seconds."""
    file = folder / f"{past.table.shas[size - 1][:20]}-{size}.json"
    model = _kept(file)
    if model is None or model.rows != size:
        before = past.rows.before(size)
        text = to_json(fit_history(before, shipped(), float(before.when[-1])))
        _keep(file, text)
        model = from_json(text)  # its numbers are rounded: the first to ask is told what the others are
    return model


def risk_of(
    index: HistoryIndex, folder: Path, files: Sequence[FileChange], *, author: int | None, message: str, now: int
) -> ChangeRisk | None:
    """What the model says of a change that starts from the index's newest commit; None without code in either."""
    proposed = [_proposed(file) for file in files if file.left_out is None]
    fix = read_message(message).kind is Kind.FIX
    values = proposed_features(index, proposed, author=author, now=now, fix=fix)
    features = ChangeFeatures(**{name: values[place] for name, place in zip(NAMES, _PLACES, strict=True)})
    past = past_of(index)
    if not features.nf or not len(past):
        return None
    model = model_of(past, folder)
    return _as_fact(index, past, model, features, model.assess(features))


def _proposed(file: FileChange) -> ProposedFile:
    lines = None if file.before is None else file.before.count("\n") + (not file.before.endswith("\n"))
    return ProposedFile(file.path, file.old_path or file.path, file.added or 0, file.deleted or 0, lines)


def _as_fact(
    index: HistoryIndex, past: Past, model: RiskModel, features: ChangeFeatures, said: Assessment
) -> ChangeRisk:
    around = said.neighbours
    names, values = NAMES, features.values()
    usual = dict(zip(names, (sorted(column)[len(column) // 2] for column in model.window.T.tolist()), strict=True))
    own = dict(zip(names, values, strict=True))
    return ChangeRisk(
        model_version=said.model_version,
        probability=said.probability,
        percentile=said.percentile / 100,
        compared=len(model.recent),
        similar=around.total if around else 0,
        similar_fixed=around.faulty if around else 0,
        examples=_examples(index, past, around.examples[:_EXAMPLES]) if around else (),
        reasons=tuple(
            Reason(
                feature=one.feature,
                value=own[one.feature],
                usual=usual[one.feature],
                contribution=round(one.log_odds, 4),
            )
            for one in said.contributions
        ),
        features=tuple(own.items()),
    )


def _examples(index: HistoryIndex, past: Past, rows: Sequence[int]) -> tuple[Fix, ...]:
    """Past changes that needed a fix, as they were, with when they were made and their subjects."""
    query, table = "SELECT subject FROM commits WHERE ordinal = ?", past.table
    subjects = [index.connection.execute(query, (table.ordinals[row],)).fetchone()[0] for row in rows]
    return tuple(
        Fix(table.shas[row], int(table.when[row]), subject) for row, subject in zip(rows, subjects, strict=True)
    )


def _kept(file: Path) -> RiskModel | None:
    try:
        return from_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, BadModel) as wrong:
        log.warning("the kept model %s is made anew: %s", file.name, wrong)
        return None


def _keep(file: Path, text: str) -> None:
    """Written whole or not at all; the oldest beyond a few go. A disk that is full costs the next one a fit."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name(f"{file.name}.{os.getpid()}")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(file)
        for old in sorted(file.parent.iterdir(), key=lambda one: one.stat().st_mtime, reverse=True)[_KEPT:]:
            old.unlink(missing_ok=True)
    except OSError as problem:
        log.warning("the model %s could not be kept: %s", file.name, problem)
