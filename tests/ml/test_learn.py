"""Members taken out of scikit-learn score as scikit-learn does, and survive the way through JSON."""

import json

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from bot.ml import learn
from bot.ml.columns import ABSOLUTE, columns, matrix
from bot.ml.members import Member, dump, load
from tests.ml.samples import made_up

ROWS, TRUTH = made_up(600)
TABLE = columns(matrix([row.features for row in ROWS]))
FAULTY = np.array([float(row.faulty) for row in ROWS])
WEIGHT = np.ones(len(ROWS))


def test_flattened_trees_score_as_their_model(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: list[tuple[HistGradientBoostingClassifier, tuple[int, ...]]] = []
    flatten = learn._flattened

    def spy(model: HistGradientBoostingClassifier, use: tuple[int, ...]) -> object:
        fitted.append((model, use))
        return flatten(model, use)

    monkeypatch.setattr(learn, "_flattened", spy)
    trees = learn.boosting(TABLE, FAULTY, WEIGHT, trees=40)
    model, seen = fitted[0]
    assert set(seen) < set(ABSOLUTE)  # columns that never vary are not asked
    assert trees.log_odds(TABLE) == pytest.approx(model.decision_function(TABLE[:, list(seen)]))


@pytest.mark.parametrize("kind", [learn.linear, learn.kernel, learn.boosting])
def test_members_learn_and_survive_json(kind: object) -> None:
    assert callable(kind)
    member: Member = kind(TABLE, FAULTY, WEIGHT)
    scores = member.log_odds(TABLE)
    assert np.corrcoef(scores, np.log(TRUTH / (1 - TRUTH)))[0, 1] > 0.6
    back = load(json.loads(json.dumps(dump(member))))
    assert back.log_odds(TABLE) == pytest.approx(scores, abs=2e-3)
    again: Member = kind(TABLE, FAULTY, WEIGHT)
    assert np.array_equal(again.log_odds(TABLE), scores)


def test_no_rows_no_scores() -> None:
    assert learn.boosting(TABLE, FAULTY, WEIGHT, trees=5).log_odds(TABLE[:0]).shape == (0,)
