"""How well fixes are told from other changes: by rules, by the shipped model, and by the own one of a repository.

With 95 % bootstrap intervals. The own model predicts each change before it learns it.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kinds_data import Example

from bot.domain.kinds import Kind
from bot.ml.kinds import FIX, FIX_FROM, KindModel
from bot.ml.own_kinds import OwnKinds

_ROUNDS = 1_000
_BINS = 10
_BATCH = 50  # changes that the own model predicts before it learns them

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Score:
    """Of one way to tell fixes: precision, recall, F1 with its interval; for a model the expected calibration error."""

    precision: float
    recall: float
    f1: float
    low: float
    high: float
    ece: float | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came out for one repository."""

    project: str
    changes: int
    fixes: int
    rules: Score
    shipped: Score
    own: Score


def judge(project: str, rows: Sequence[Example], model: KindModel) -> Judgement:
    """Judge one repository by its news fragments."""
    found = [row for row in rows if row.source == "fragment" and row.kind and row.stated is not Kind.RELEASE]
    if len(found) < 50:
        raise SystemExit(f"error: {project}: only {len(found)} changes have a news fragment")
    truth = np.array([row.kind is Kind.FIX for row in found])
    by_rule = np.array([row.stated is Kind.FIX for row in found])
    by_model = np.asarray(model.probabilities([row.change for row in found])[:, FIX], dtype=np.float64)
    return Judgement(
        project, len(found), int(truth.sum()),
        _score(truth, by_rule), _score(truth, by_model >= FIX_FROM, by_model), _score(truth, _by_own(found, model)),
    )  # fmt: skip


def _by_own(rows: Sequence[Example], model: KindModel) -> Flags:
    own, flags = OwnKinds(model), list[bool]()
    for start in range(0, len(rows), _BATCH):
        changes = [row.change for row in rows[start : start + _BATCH]]
        flags += [kind is Kind.FIX for kind in own.kinds(changes)]
        own.learn(changes, [row.kind or Kind.OTHER for row in rows[start : start + _BATCH]])
    return np.array(flags)


def _score(truth: Flags, found: Flags, probability: Floats | None = None) -> Score:
    precision, recall, f1 = _f1(truth, found)
    generator = np.random.default_rng(0)
    samples = (generator.integers(0, len(truth), len(truth)) for _ in range(_ROUNDS))
    low, high = np.quantile([_f1(truth[sample], found[sample])[2] for sample in samples], (0.025, 0.975))
    ece = None if probability is None else calibration_error(truth, probability)
    return Score(precision, recall, f1, float(low), float(high), ece)


def _f1(truth: Flags, found: Flags) -> tuple[float, float, float]:
    hits = int((truth & found).sum())
    precision, recall = hits / max(1, int(found.sum())), hits / max(1, int(truth.sum()))
    return precision, recall, 2 * hits / max(1, int(truth.sum() + found.sum()))


def calibration_error(truth: Flags, probability: Floats) -> float:
    """Return the expected calibration error over ten bins of equal width."""
    bins = np.minimum((probability * _BINS).astype(int), _BINS - 1)
    gaps = (
        abs(probability[bins == number].mean() - truth[bins == number].mean()) * (bins == number).mean()
        for number in np.unique(bins)
    )
    return float(sum(gaps))


def table(results: Sequence[Judgement]) -> Table:
    """Return the figures as a table."""
    shown = Table("repository", "changes", "fixes", "way", "precision", "recall", "F1", "95 %", "ECE")
    for result in results:
        for number, (way, score) in enumerate(
            (("rules", result.rules), ("shipped", result.shipped), ("own", result.own))
        ):
            first = (result.project, str(result.changes), str(result.fixes)) if number == 0 else ("", "", "")
            shown.add_row(*first, way, *_cells(score))
    return shown


def _cells(score: Score) -> tuple[str, ...]:
    ece = "" if score.ece is None else f"{score.ece:.3f}"
    interval = f"{score.low:.3f} to {score.high:.3f}"
    return (f"{score.precision:.3f}", f"{score.recall:.3f}", f"{score.f1:.3f}", interval, ece)
