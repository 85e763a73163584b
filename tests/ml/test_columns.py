"""The columns depend on earlier changes only, and do not drift."""

import numpy as np

from bot.ml.columns import COLUMNS, PORTABLE, STATIONARY, alternatives, columns, matrix
from tests.ml.samples import synthetic

RAW = matrix([row.features for row in synthetic(700)[0]])


def test_a_row_does_not_depend_on_later_changes() -> None:
    other = RAW.copy()
    other[400:] *= 7
    assert np.array_equal(columns(RAW)[:400], columns(other)[:400])


def test_rows_computed_one_by_one_equal_those_of_a_batch() -> None:
    batch = columns(RAW)
    for index in (30, 499, 650):
        assert np.array_equal(columns(RAW[index : index + 1], RAW[:index])[0], batch[index])
        assert np.array_equal(alternatives(RAW[index : index + 1], RAW[:index])[0], batch[index])


def test_the_rank_of_growing_experience_does_not_drift() -> None:
    ranks = columns(RAW)[50:, COLUMNS.index("rank exp")]
    assert ranks.min() > 0.98


def test_the_first_change_has_a_neutral_rank() -> None:
    assert columns(RAW[:1])[0, COLUMNS.index("rank nuc")] == 0.5


def test_all_columns_are_finite_for_empty_changes() -> None:
    assert np.isfinite(columns(np.zeros((3, RAW.shape[1])))).all()


def test_portable_and_stationary_columns_exclude_experience() -> None:
    assert not any("exp" in COLUMNS[index] for index in PORTABLE)
    assert "log exp" not in {COLUMNS[index] for index in STATIONARY}
