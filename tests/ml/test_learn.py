"""Members score as the models of scikit-learn that they were created from, and can be stored as JSON."""

import json

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from bot.ml import learn
from bot.ml.columns import ABSOLUTE, columns, matrix
from bot.ml.members import Member, dump, load
from tests.ml.samples import synthetic

ROWS, TRUTH = synthetic(600)
TABLE = columns(matrix([row.features for row in ROWS]))
FAULTY = np.array([float(row.faulty) for row in ROWS])
WEIGHT = np.ones(len(ROWS))


def test_flattened_trees_score_as_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: list[tuple[HistGradientBoostingClassifier, tuple[int, ...]]] = []
    flatten = learn._flattened

    def spy(model: HistGradientBoostingClassifier, use: tuple[int, ...]) -> object:
        fitted.append((model, use))
        return flatten(model, use)

    monkeypatch.setattr(learn, "_flattened", spy)
    trees = learn.boosting(TABLE, FAULTY, WEIGHT, trees=40)
    model, seen = fitted[0]
    assert set(seen) < set(ABSOLUTE)  # constant columns are not used
    assert trees.log_odds(TABLE) == pytest.approx(model.decision_function(TABLE[:, list(seen)]))


@pytest.mark.parametrize("kind", [learn.linear, learn.kernel, learn.boosting])
def test_members_predict_and_can_be_stored_as_json(kind: object) -> None:
    assert callable(kind)
    member: Member = kind(TABLE, FAULTY, WEIGHT)
    scores = member.log_odds(TABLE)
    assert np.corrcoef(scores, np.log(TRUTH / (1 - TRUTH)))[0, 1] > 0.6
    loaded = load(json.loads(json.dumps(dump(member))))
    assert loaded.log_odds(TABLE) == pytest.approx(scores, abs=2e-3)
    again: Member = kind(TABLE, FAULTY, WEIGHT)
    assert np.array_equal(again.log_odds(TABLE), scores)


def test_without_rows_there_are_no_scores() -> None:
    assert learn.boosting(TABLE, FAULTY, WEIGHT, trees=5).log_odds(TABLE[:0]).shape == (0,)
