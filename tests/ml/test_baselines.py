"""The baselines of the model: when they are used instead of it, and what they predict."""

import numpy as np
import pytest

from bot.domain.features import FEATURES, ChangeFeatures
from bot.domain.history import Basis
from bot.domain.model_card import Comparison
from bot.ml.baselines import baseline, chosen, compare
from bot.ml.calibrate import sigmoid
from bot.ml.columns import CHURN, LINES, Floats, columns, matrix
from bot.ml.fit import fit
from bot.ml.labels import Labels
from bot.ml.stored import from_json, to_json
from tests.ml.samples import features, synthetic

DRAW = np.random.default_rng(4)
SIZES = np.round(DRAW.lognormal(3, 1, 600))
CHURNS = np.round(DRAW.lognormal(5, 1, 600))
TABLE = columns(matrix([features(la=size, ld=0.0, churn=churn) for size, churn in zip(SIZES, CHURNS, strict=True)]))


def outcomes(log_odds: Floats, settled: int = 600) -> Labels:
    """Return outcomes with these odds. settled: of so many changes, the first ones, they are final."""
    faulty = (np.random.default_rng(8).random(600) < sigmoid(log_odds)).astype(float)
    return Labels(faulty, np.ones(600), np.ones(600), np.arange(600) < settled)


def compared(*found: tuple[float, float]) -> tuple[Comparison, ...]:
    """Return comparisons with the lines and the churn. found: ROC-AUC of the baseline, and the lower end."""
    return tuple(
        Comparison(basis=basis, changes=9, needed_fix=5, auc=0.7, baseline_auc=auc, low=low, high=0.3)
        for basis, (auc, low) in zip((Basis.LINES, Basis.CHURN), found, strict=True)
    )


@pytest.mark.parametrize(
    ("found", "basis"),
    [
        (((0.6, 0.01), (0.5, 0.1)), Basis.MODEL),
        (((0.6, 0.0), (0.5, 0.1)), Basis.LINES),
        (((0.6, 0.01), (0.65, -0.02)), Basis.CHURN),
        (((0.72, -0.1), (0.71, -0.1)), Basis.LINES),
    ],
)
def test_the_model_is_used_only_if_it_is_better_than_both(found: tuple[tuple[float, float], ...], basis: Basis) -> None:
    assert chosen(compared(*found)) is basis


def test_without_enough_outcomes_the_lines_are_used() -> None:
    few = outcomes(np.full(600, -6.0))
    assert few.faulty.sum() < 5
    assert compare(TABLE[:, LINES], TABLE, few) == ()
    assert chosen(()) is Basis.LINES


def test_a_ranking_is_compared_on_final_outcomes_only() -> None:
    truth = 2 * (TABLE[:, CHURN] - 5) - 1
    lines, churn = compare(truth, TABLE, outcomes(truth))
    assert lines.changes == 600 and lines.low > 0.2
    assert churn.auc == churn.baseline_auc and (churn.low, churn.high) == (0, 0)
    assert compare(truth, TABLE, outcomes(truth, settled=300))[0].changes == 300


def test_a_baseline_is_calibrated_and_keeps_the_order_of_all_sizes() -> None:
    truth = 1.2 * TABLE[:, LINES] - 5
    blend = baseline(Basis.LINES, TABLE, outcomes(truth))
    assert np.abs(sigmoid(blend.log_odds(TABLE)) - sigmoid(truth)).mean() < 0.03
    large = columns(matrix([features(la=size, ld=0.0) for size in (0.0, 3.0, 80.0, 1e4, 1e6, 1e8)]))
    assert (np.diff(blend.log_odds(large)) > 0).all()


def test_what_is_used_and_what_is_not_are_both_stored() -> None:
    rows, _ = synthetic(700, rate=-3.5)
    model = fit(rows)
    again = from_json(to_json(model))
    assert again.basis is model.basis and again.compared == model.compared
    assert again.version == model.version
    assert (again.unused is None) == (model.basis is Basis.MODEL)
    table = columns(matrix([row.features for row in rows[:50]]))
    for one, other in ((model.blend, again.blend), (model.unused, again.unused)):
        if one is not None and other is not None:
            assert np.allclose(one.log_odds(table), other.log_odds(table), atol=1e-3)


def test_past_changes_of_the_same_size_have_half_to_twice_as_many_lines() -> None:
    rows, _ = synthetic(900)
    model = fit(rows)
    found = model.of_same_size(40.0)
    assert found.total == 50 and found.faulty
    lines = [rows[row].features.la + rows[row].features.ld for row in found.faulty]
    assert all(20 <= size <= 81 for size in lines)
    assert model.of_same_size(1e9).total == 0


def test_churn_is_the_last_feature_and_no_member_uses_it() -> None:
    assert FEATURES[-1] == ChangeFeatures._fields[-1] == "churn"
    rows, _ = synthetic(400)
    model = fit(rows)
    members = (model.unused or model.blend).members
    used = {int(column) for member in members for column in np.ravel(getattr(member, "feature", [])) if column >= 0}
    used |= {int(column) for member in members if hasattr(member, "scaling") for column in member.scaling.use}
    assert used and CHURN not in used
