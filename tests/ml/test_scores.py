"""Scores, compared with values computed by hand and with scikit-learn."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from bot.ml.scores import error_by_chance, evaluate, paired_bootstrap, quarters, recall_at_effort, roc_auc, spearman

DRAW = np.random.default_rng(3)
FAULTY = (DRAW.random(300) < 0.3).astype(float)
SCORE = np.round(DRAW.random(300) * 0.7 + 0.3 * FAULTY, 1)  # with many ties


def test_the_area_under_the_roc_curve_agrees_with_scikit_learn() -> None:
    assert roc_auc(FAULTY, SCORE) == pytest.approx(roc_auc_score(FAULTY, SCORE))


def test_the_rank_correlation_agrees_with_scipy() -> None:
    other = np.round(SCORE + DRAW.random(300), 1)
    assert spearman(SCORE, other) == pytest.approx(spearmanr(SCORE, other).statistic)
    assert spearman(SCORE, -SCORE) == pytest.approx(-1)
    assert spearman(SCORE, np.ones(300)) is None
    assert spearman(SCORE[:1], SCORE[:1]) is None


def test_a_score_that_is_only_the_size_says_nothing_inside_a_quarter() -> None:
    lines = np.repeat([1.0, 10, 100, 1000], 25)
    faulty = np.tile([1.0, 0, 0, 0, 0], 20)
    found = quarters(faulty, lines, lines)
    assert [(one.least, one.most, one.changes, one.faulty, one.auc) for one in found] == [
        (size, size, 25, 5, 0.5) for size in (1, 10, 100, 1000)
    ]
    assert [one.auc for one in quarters(faulty, faulty, lines)] == [1.0] * 4


def test_a_quarter_with_too_few_cases_has_no_figure() -> None:
    lines = np.arange(1.0, 101)
    faulty = (lines > 71).astype(float)  # four of the third quarter, and the whole last one
    assert [(one.changes, one.faulty, one.auc) for one in quarters(faulty, lines, lines)] == [
        (25, 0, None), (25, 0, None), (25, 4, None), (25, 25, None)
    ]  # fmt: skip
    equal = quarters(np.tile([1.0, 0], 50), lines, np.ones(100))
    assert [(one.changes, one.faulty) for one in equal] == [(100, 50)]


def test_order_scores_by_hand() -> None:
    faulty, probability = np.array([1.0, 0, 1, 0, 0, 1]), np.array([0.9, 0.8, 0.5, 0.5, 0.5, 0.1])
    found = evaluate(faulty, probability, np.ones(6))
    # Pairs of a faulty and a sound change: 3 in order by the first; a tie counts half.
    assert found.auc == pytest.approx((3 + (0 + 0.5 + 0.5) + 0) / 9)
    # Precision where a faulty change is found: 1/1, then 2/5 with all three of a tie, then 3/6.
    assert found.pr_auc == pytest.approx((1 / 1 + 2 / 5 + 3 / 6) / 3)


def test_calibration_by_hand() -> None:
    found = evaluate(np.array([0.0, 1, 0, 1]), np.array([0.15, 0.15, 0.85, 0.85]), np.ones(4))
    assert found.ece == pytest.approx(0.35)
    assert found.brier == pytest.approx((0.15**2 + 0.85**2) / 2)
    assert found.brier_skill == pytest.approx(1 - found.brier / 0.25)
    assert [(row.changes, row.observed) for row in found.calibration] == [(2, 0.5), (2, 0.5)]


def test_the_chance_error_of_correct_probabilities_falls_with_their_number() -> None:
    few, many = (error_by_chance(np.linspace(0.05, 0.95, changes)) for changes in (100, 10_000))
    assert 0.05 < few < 0.2
    assert many == pytest.approx(few / 10, rel=0.25)
    assert error_by_chance(np.zeros(50)) == 0


def test_a_constant_base_rate_has_no_skill() -> None:
    found = evaluate(FAULTY, np.full(300, FAULTY.mean()), np.ones(300))
    assert [found.brier_skill, found.ece, found.auc - 0.5] == pytest.approx([0, 0, 0])


def test_recall_counts_the_changes_in_a_fifth_of_the_lines() -> None:
    faulty, effort = np.array([1.0, 1, 1, 1, 0]), np.array([10.0, 10, 10, 10, 60])
    assert recall_at_effort(faulty, np.array([5.0, 4, 3, 2, 1]), effort) == pytest.approx(2 / 4)
    assert recall_at_effort(faulty, np.array([1.0, 2, 3, 4, 5]), effort) == 0


def test_an_interval_contains_the_difference_and_is_deterministic() -> None:
    noise = DRAW.random(300)
    found = paired_bootstrap(FAULTY, SCORE, noise, rounds=200)
    assert found.low < found.difference < found.high
    assert found.low > 0
    assert found == paired_bootstrap(FAULTY, SCORE, noise, rounds=200)
    same = paired_bootstrap(FAULTY, SCORE, SCORE, rounds=50)
    assert (same.difference, same.low, same.high) == (0, 0, 0)


@pytest.mark.parametrize("outcome", [0.0, 1.0])
def test_only_one_outcome_is_rejected(outcome: float) -> None:
    with pytest.raises(ValueError, match="with and without"):
        evaluate(np.full(5, outcome), np.full(5, 0.5), np.ones(5))
