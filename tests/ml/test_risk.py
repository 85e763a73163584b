"""A fitted model: it foresees, says how sure it may be, sees no future, and keeps silent when it knows too little."""

from dataclasses import replace

import numpy as np
import pytest

from bot.domain.features import ChangeFeatures
from bot.domain.history import ChangeRisk
from bot.domain.periods import DAY
from bot.ml.calibrate import calibrate, sigmoid, surprise
from bot.ml.columns import Floats, matrix
from bot.ml.fit import choose, fit
from bot.ml.labels import Labels, Row
from bot.ml.prior import shipped
from bot.ml.risk import RiskModel
from bot.ml.scores import evaluate, roc_auc
from tests.ml.samples import START, features, made_up

TRAIN = 1200
ROWS, TRUTH = made_up(2000)
LATER = [row.features for row in ROWS[TRAIN:]]
OUTCOME = np.array([float(row.faulty) for row in ROWS[TRAIN:]])


def foreseen(model: RiskModel, changes: list[ChangeFeatures]) -> Floats:
    """Probabilities."""
    return sigmoid(model.log_odds(matrix(list(changes))))


@pytest.fixture(scope="module")
def model() -> RiskModel:
    return fit(ROWS[:TRAIN])


def test_it_foresees_what_can_be_foreseen(model: RiskModel) -> None:
    found = evaluate(OUTCOME, foreseen(model, LATER), np.ones(len(LATER)))
    assert found.auc > roc_auc(OUTCOME, TRUTH[TRAIN:]) - 0.03
    assert found.ece < 0.06
    assert found.brier_skill > 0.1


def test_the_order_in_which_rows_are_given_does_not_matter(model: RiskModel) -> None:
    assert np.array_equal(foreseen(fit(ROWS[:TRAIN][::-1]), LATER), foreseen(model, LATER))


def test_what_came_to_be_known_later_changes_nothing() -> None:
    rows, _ = made_up(400, delay=20)
    now = rows[-1].when
    blind = [replace(row, faulty=False, known_at=None) if (row.known_at or 0) > now else row for row in rows]
    assert sum(row.faulty for row in blind) < sum(row.faulty for row in rows)
    later = [row.features for row in made_up(50, seed=9)[0]]
    assert np.array_equal(foreseen(fit(rows, now=now), later), foreseen(fit(blind, now=now), later))


def test_a_prediction_does_not_depend_on_the_changes_after_it(model: RiskModel) -> None:
    assert np.array_equal(foreseen(model, LATER)[:100], foreseen(model, LATER[:100]))


def test_young_changes_are_no_negatives() -> None:
    """Faults show late; who takes the silent for sound foresees half of them."""
    rows, truth = made_up(2000, delay=60)
    now, later = rows[-1].when, [row.features for row in rows[-500:]]
    silent = [replace(row, faulty=(row.known_at or np.inf) <= now, known_at=None) for row in rows]
    expected = truth[-500:].mean()
    assert foreseen(fit(silent), later).mean() < 0.5 * expected
    assert 0.6 * expected < foreseen(fit(rows), later).mean() < 1.2 * expected


def assessed(model: RiskModel, change: ChangeFeatures) -> ChangeRisk:
    return model.assess(change, model.neighbours(model.score(change)))


@pytest.mark.parametrize(
    "rows", [ROWS[:199], [replace(row, faulty=place < 19) for place, row in enumerate(ROWS[:400])]]
)
def test_too_little_history_has_a_percentile_and_no_probability(rows: list[Row]) -> None:
    silent = fit(rows)
    assert not silent.has_probability
    risk = assessed(silent, features(la=5000, nf=20, entropy=4))
    assert (risk.probability, risk.similar, risk.similar_fixed) == (None, 0, 0)
    assert risk.percentile > 0.8
    assert risk.model_version == f"{shipped().name}-uncalibrated"
    assert risk.reasons[0].feature in {"la", "nf", "entropy"}


def test_enough_history_is_200_changes_and_20_faults() -> None:
    assert fit([replace(row, faulty=place % 10 == 0) for place, row in enumerate(ROWS[:200])]).has_probability


def test_reasons_name_what_stands_out(model: RiskModel) -> None:
    usual = [float(value) for value in np.median(model.window, axis=0)]
    plain = ChangeFeatures(*usual)
    assert all(reason.contribution == 0 for reason in model.reasons(plain))
    first = model.reasons(plain._replace(la=3000.0))[0]
    assert first.feature == "la"
    assert first.contribution > 0.5


def test_percentile_and_neighbours_go_with_the_score(model: RiskModel) -> None:
    small, large = assessed(model, features(la=0, nuc=60)), assessed(model, features(la=900, nuc=10))
    assert small.percentile < 0.3
    assert large.percentile > 0.8
    assert small.similar == large.similar == 50
    assert small.similar_fixed < large.similar_fixed
    assert small.probability is not None and large.probability is not None
    assert small.probability < 0.3 < large.probability


def test_neighbours_were_scored_before_their_outcome_was_known(model: RiskModel) -> None:
    assert model.scored is not None
    assert len(model.scored.log_odds) == TRAIN // 2


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="needs changes"):
        fit([])


@pytest.mark.parametrize(
    ("better", "changes", "share"), [("own", 800, 400 / 800), ("prior", 800, 0.0), ("prior", 40, 400 / 800)]
)
def test_the_prior_alone_is_taken_where_it_is_clearly_better(better: str, changes: int, share: float) -> None:
    draw = np.random.default_rng(5)
    good = draw.normal(0, 2, changes)
    faulty = (draw.random(changes) < sigmoid(good)).astype(float)
    bad = good + draw.normal(0, 2, changes)
    own, general = (good, bad) if better == "own" else (bad, good)
    known = Labels(faulty, np.ones(changes), np.ones(changes))
    blend, _ = choose(own, general, known, shipped(), positives=400)
    assert blend.own_share == share


def test_calibration_undoes_what_was_done() -> None:
    draw = np.random.default_rng(6)
    truth = draw.normal(-1, 1.5, 20_000)
    faulty = (draw.random(20_000) < sigmoid(truth)).astype(float)
    told = (truth - 1) * 2
    found = calibrate(told, faulty, np.ones(20_000))
    assert found.slope == pytest.approx(0.5, abs=0.03)
    assert found.bias == pytest.approx(1, abs=0.06)
    assert surprise(found.apply(told), faulty).mean() < surprise(told, faulty).mean()


def test_a_fault_of_long_ago_that_nobody_dated_is_final() -> None:
    rows = [Row(START + place * DAY, row.features, row.faulty) for place, row in enumerate(ROWS[:300])]
    assert fit(rows).has_probability
