"""The risk model on data made here: what it learns, what it may know, and when it has nothing to say."""

from dataclasses import replace

import numpy as np
import pytest

from bot.ml.features import DAY, AuthorChange, ChangedFile, ChangeFeatures, EarlierChange, measure
from bot.ml.fit import fit
from bot.ml.labels import Row, history, labels_at
from bot.ml.members import BadModel
from bot.ml.prior import from_json, shipped, to_json
from bot.ml.risk import TooLittleHistory
from bot.ml.scores import evaluate

USUAL = ChangeFeatures(
    ns=1, nd=1, nf=2, entropy=0.9, la=20, ld=5, lt=300, fix=0, ndev=3, age=10, nuc=4, exp=50, rexp=20, sexp=30
)


def made(count: int, seed: int = 1) -> list[Row]:
    """Changes a day apart, faulty the more lines they add; each fault is known after ten days."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        lines = float(np.exp(random.normal(3, 1)).round())
        faulty = bool(random.random() < min(0.9, lines / 120))
        when = float(number * DAY)
        rows.append(Row(when, replace(USUAL, la=lines), faulty, when + 10 * DAY if faulty else None))
    return rows


def test_the_fourteen_measures_by_hand() -> None:
    now = 1000.0 * DAY
    files = [
        ChangedFile("core/a.py", 30, 0, 100, (EarlierChange("c1", now - 4 * DAY, "bo"),)),
        ChangedFile(
            "core/deep/b.py", 10, 10, 50, (EarlierChange("c1", now - 6 * DAY, "bo"), EarlierChange("c2", 0, "cy"))
        ),
        ChangedFile("lib/c.py", 10, 0),
    ]
    earlier = [AuthorChange(now - DAY, frozenset({"core"})), AuthorChange(now - 400 * DAY, frozenset({"docs"}))]
    found = measure(files, when=now, author="ann", fix=True, earlier=earlier)
    assert (found.ns, found.nd, found.nf, found.la, found.ld, found.lt) == (2, 3, 3, 50, 10, 150)
    assert found.entropy == pytest.approx(1.459, abs=0.001)  # the paper's own example: 30, 20 and 10 lines
    assert (found.fix, found.ndev, found.nuc) == (1, 3, 2)
    assert found.age == pytest.approx((4 + 6 + 0) / 3)
    assert (found.exp, found.sexp) == (2, 1)
    assert found.rexp == pytest.approx(1 / (1 + 1 / 365) + 1 / (1 + 400 / 365))


def test_it_learns_what_makes_changes_faulty_and_keeps_to_the_rate() -> None:
    rows = made(900)
    model = fit(rows[:700], now=rows[700].when)
    later = rows[700:]
    found = model.predict([row.features for row in later])
    faulty = np.array([float(row.faulty) for row in later])
    scores = evaluate(faulty, found, np.array([row.features.la for row in later]))
    assert scores.auc > 0.65
    assert abs(found.mean() - faulty.mean()) < 0.1
    strongest = model.contributions(replace(USUAL, la=400))[0]
    assert strongest.feature == "la" and strongest.log_odds > 0


def test_no_later_label_changes_a_prediction() -> None:
    rows = made(600)
    moment = rows[500].when
    believed = [
        replace(row, known_at=moment + 1000 * DAY) if row.when > moment - 9 * DAY else row for row in rows[:500]
    ]
    turned = [
        replace(row, faulty=True, known_at=moment + 1000 * DAY) if row.when > moment - 9 * DAY else row
        for row in rows[:500]
    ]
    asked = [row.features for row in rows[500:]]
    one, other = fit(believed, now=moment), fit(turned, now=moment)
    assert one.predict(asked) == pytest.approx(other.predict(asked), abs=0.02)


def test_a_young_change_without_a_fault_counts_little() -> None:
    rows = made(400)
    labels = labels_at(history(rows), rows[-1].when)
    sound = np.array([not row.faulty for row in rows])
    assert labels.weight[sound][:300].min() > 0.9
    assert labels.weight[-1] < 0.5


@pytest.mark.parametrize("rows", [made(150), [replace(row, faulty=False, known_at=None) for row in made(400)]])
def test_too_little_history_gives_a_percentile_and_no_probability(rows: list[Row]) -> None:
    model = fit(rows)
    assert not model.has_probability
    with pytest.raises(TooLittleHistory):
        model.predict([USUAL])
    small, large = model.assess(replace(USUAL, la=1)), model.assess(replace(USUAL, la=2000))
    assert small.probability is None and small.percentile < large.percentile


def test_the_shipped_model_loads_and_a_damaged_one_is_refused() -> None:
    text = to_json(shipped(), source="test")
    assert from_json(text).trained_on == shipped().trained_on
    for damaged in ("{", "[]", text.replace('"format"', '"shape"'), text[: len(text) // 2]):
        with pytest.raises(BadModel):
            from_json(damaged)
