"""The columns look backwards only, and do not drift."""

import numpy as np

from bot.ml.columns import COLUMNS, PORTABLE, STATIONARY, alternatives, columns, matrix
from tests.ml.samples import made_up

RAW = matrix([row.features for row in made_up(700)[0]])


def test_a_later_change_does_not_touch_an_earlier_row() -> None:
    other = RAW.copy()
    other[400:] *= 7
    assert np.array_equal(columns(RAW)[:400], columns(other)[:400])


def test_one_at_a_time_gives_what_all_at_once_gives() -> None:
    whole = columns(RAW)
    for place in (30, 499, 650):
        assert np.array_equal(columns(RAW[place : place + 1], RAW[:place])[0], whole[place])
        assert np.array_equal(alternatives(RAW[place : place + 1], RAW[:place])[0], whole[place])


def test_experience_that_only_grows_keeps_one_rank() -> None:
    ranks = columns(RAW)[50:, COLUMNS.index("rank exp")]
    assert ranks.min() > 0.98


def test_a_first_change_has_no_rank_yet() -> None:
    assert columns(RAW[:1])[0, COLUMNS.index("rank nuc")] == 0.5


def test_every_column_is_finite_even_for_empty_changes() -> None:
    assert np.isfinite(columns(np.zeros((3, RAW.shape[1])))).all()


def test_views() -> None:
    assert not any("exp" in COLUMNS[place] for place in PORTABLE)
    assert "log exp" not in {COLUMNS[place] for place in STATIONARY}
