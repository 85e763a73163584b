"""A fitted model: its predictions and calibration. It uses no later labels, and needs enough history."""

from dataclasses import replace

import numpy as np
import pytest

from bot.domain.features import ChangeFeatures
from bot.domain.history import ChangeRisk
from bot.domain.periods import DAY
from bot.ml.calibrate import calibrate, log_loss, sigmoid
from bot.ml.columns import Floats, matrix
from bot.ml.fit import choose, fit
from bot.ml.labels import Labels, Row
from bot.ml.prior import shipped
from bot.ml.risk import RiskModel
from bot.ml.scores import evaluate, roc_auc
from tests.ml.samples import START, features, synthetic

TRAIN = 1200
ROWS, TRUTH = synthetic(2000)
LATER = [row.features for row in ROWS[TRAIN:]]
OUTCOME = np.array([float(row.faulty) for row in ROWS[TRAIN:]])


def predicted(model: RiskModel, changes: list[ChangeFeatures]) -> Floats:
    """Return the probabilities of the model itself, also where a baseline is used instead of it."""
    return sigmoid(replace(model, blend=model.unused or model.blend).log_odds(matrix(list(changes))))


@pytest.fixture(scope="module")
def model() -> RiskModel:
    return fit(ROWS[:TRAIN])


def test_its_predictions_are_nearly_as_good_as_the_true_probabilities(model: RiskModel) -> None:
    found = evaluate(OUTCOME, predicted(model, LATER), np.ones(len(LATER)))
    assert found.auc > roc_auc(OUTCOME, TRUTH[TRAIN:]) - 0.03
    assert found.ece < 0.06
    assert found.brier_skill > 0.1


def test_the_order_of_the_rows_does_not_matter(model: RiskModel) -> None:
    assert np.array_equal(predicted(fit(ROWS[:TRAIN][::-1]), LATER), predicted(model, LATER))


def test_labels_that_are_known_later_have_no_effect() -> None:
    rows, _ = synthetic(400, delay=20)
    now = rows[-1].when
    unknown = [replace(row, faulty=False, known_at=None) if (row.known_at or 0) > now else row for row in rows]
    assert sum(row.faulty for row in unknown) < sum(row.faulty for row in rows)
    later = [row.features for row in synthetic(50, seed=9)[0]]
    assert np.array_equal(predicted(fit(rows, now=now), later), predicted(fit(unknown, now=now), later))


def test_a_prediction_does_not_depend_on_the_changes_after_it(model: RiskModel) -> None:
    assert np.array_equal(predicted(model, LATER)[:100], predicted(model, LATER[:100]))


def test_young_changes_are_not_taken_as_negatives() -> None:
    """Faults are known late. A model that takes all other changes as negatives predicts less than half of them."""
    rows, truth = synthetic(2000, delay=60)
    now, later = rows[-1].when, [row.features for row in rows[-500:]]
    final = [replace(row, faulty=(row.known_at or np.inf) <= now, known_at=None) for row in rows]
    expected = truth[-500:].mean()
    assert predicted(fit(final), later).mean() < 0.5 * expected
    assert 0.6 * expected < predicted(fit(rows), later).mean() < 1.2 * expected


def assessed(model: RiskModel, change: ChangeFeatures) -> ChangeRisk:
    return model.assess(change, model.neighbours(model.score(change)))


@pytest.mark.parametrize(
    "rows", [ROWS[:199], [replace(row, faulty=place < 19) for place, row in enumerate(ROWS[:400])]]
)
def test_too_little_history_has_a_percentile_and_no_probability(rows: list[Row]) -> None:
    model = fit(rows)
    assert not model.has_probability
    risk = assessed(model, features(la=5000, nf=20, entropy=4))
    assert (risk.probability, risk.similar, risk.similar_fixed) == (None, 0, 0)
    assert risk.percentile > 0.8
    assert risk.model_version == f"{shipped().name}-uncalibrated"
    assert risk.reasons[0].feature in {"la", "nf", "entropy"}


def test_enough_history_is_200_changes_and_20_faults() -> None:
    assert fit([replace(row, faulty=place % 10 == 0) for place, row in enumerate(ROWS[:200])]).has_probability


def test_the_first_reason_is_the_unusual_feature(model: RiskModel) -> None:
    usual = [float(value) for value in np.median(model.window, axis=0)]
    median = ChangeFeatures(*usual)
    assert all(reason.contribution == 0 for reason in model.reasons(median))
    first = model.reasons(median._replace(la=3000.0))[0]
    assert first.feature == "la"
    assert first.contribution > 0.5


def test_percentile_and_neighbours_depend_on_the_score(model: RiskModel) -> None:
    small, large = assessed(model, features(la=0, nuc=60)), assessed(model, features(la=900, nuc=10))
    assert small.percentile < 0.3
    assert large.percentile > 0.8
    assert small.similar == large.similar == 50
    assert small.similar_fixed < large.similar_fixed
    assert small.probability is not None and large.probability is not None
    assert small.probability < 0.3 < large.probability


def test_only_forward_scored_changes_can_be_neighbours(model: RiskModel) -> None:
    assert model.scored is not None
    assert len(model.scored.log_odds) == TRAIN // 2


def test_fitting_without_rows_is_an_error() -> None:
    with pytest.raises(ValueError, match="needs changes"):
        fit([])


@pytest.mark.parametrize(
    ("better", "changes", "share"), [("own", 800, 400 / 800), ("prior", 800, 0.0), ("prior", 40, 400 / 800)]
)
def test_the_prior_alone_is_chosen_if_it_is_clearly_better(better: str, changes: int, share: float) -> None:
    draw = np.random.default_rng(5)
    good = draw.normal(0, 2, changes)
    faulty = (draw.random(changes) < sigmoid(good)).astype(float)
    bad = good + draw.normal(0, 2, changes)
    own, by_prior = (good, bad) if better == "own" else (bad, good)
    known = Labels(faulty, np.ones(changes), np.ones(changes), np.ones(changes, dtype=bool))
    blend, _ = choose(own, by_prior, known, shipped(), positives=400)
    assert blend.own_share == share


def test_calibration_inverts_a_linear_distortion() -> None:
    draw = np.random.default_rng(6)
    truth = draw.normal(-1, 1.5, 20_000)
    faulty = (draw.random(20_000) < sigmoid(truth)).astype(float)
    distorted = (truth - 1) * 2
    found = calibrate(distorted, faulty, np.ones(20_000))
    assert found.slope == pytest.approx(0.5, abs=0.03)
    assert found.bias == pytest.approx(1, abs=0.06)
    assert log_loss(found.apply(distorted), faulty).mean() < log_loss(distorted, faulty).mean()


def test_labels_without_dates_are_final() -> None:
    rows = [Row(START + place * DAY, row.features, row.faulty) for place, row in enumerate(ROWS[:300])]
    assert fit(rows).has_probability
