"""Labels that are known at a time, and their weights."""

import numpy as np
import pytest

from bot.domain.periods import DAY
from bot.ml.labels import Row, history, labels_at, shown_within
from tests.ml.samples import features

NOW = 1_600_000_000.0


def row(age: float, faulty: bool = False, known: float | None = None) -> Row:
    """Return a row. age, known: days before now."""
    return Row(NOW - age * DAY, features(), faulty, None if known is None else NOW - known * DAY)


def test_a_fault_counts_from_the_time_it_is_known() -> None:
    rows = history([row(50, True, 10), row(40, True, -5)])
    assert labels_at(rows, NOW).faulty.tolist() == [1, 0]
    assert labels_at(rows, NOW - 20 * DAY).positives == 0
    assert labels_at(rows, NOW + 6 * DAY).positives == 2


def test_a_young_change_without_a_fault_has_a_small_weight() -> None:
    faults = [
        row(500, True, 470),
        row(500, True, 440),
        row(500, True, 410),
        row(500, True, 380),
    ]  # 30, 60, 90, 120 days
    labels = labels_at(history([*faults, row(400), row(75), row(10)]), NOW)
    assert labels.weight[-3:].tolist() == [1.0, 0.5, 0.0]
    assert labels.weight[:4].tolist() == [1, 1, 1, 1]


def test_without_known_delays_a_negative_must_be_ninety_days_old() -> None:
    labels = labels_at(history([row(100), row(80), row(5, True, -1)]), NOW)
    assert labels.weight.tolist() == [1, 0, 0]


def test_labels_without_dates_are_final() -> None:
    labels = labels_at(history([row(3, True), row(1)]), NOW)
    assert (labels.faulty.tolist(), labels.weight.tolist()) == ([1, 0], [1, 1])


def test_an_undated_fault_among_dated_ones_does_not_count() -> None:
    assert labels_at(history([row(90, True, 80), row(70, True)]), NOW).faulty.tolist() == [1, 0]


def test_rows_are_sorted_by_time() -> None:
    assert np.diff(history([row(1), row(9), row(5)]).when).min() > 0


def test_a_time_that_is_not_a_number_is_rejected() -> None:
    with pytest.raises(ValueError, match="finite"):
        history([Row(float("nan"), features(), False)])


def test_the_share_of_known_faults_follows_the_known_delays() -> None:
    rows = history([row(500, True, 470), row(500, True, 440), row(500, True, 410), row(100, True, -5), row(100)])
    ages = np.array([10, 30, 75, 1000]) * DAY
    assert shown_within(rows, NOW, ages).tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert shown_within(history([row(3, True), row(1)]), NOW, ages).tolist() == [1, 1, 1, 1]
