"""The shipped model: it loads, its scores do not change, and a damaged file is rejected."""

import json
import subprocess
import sys
import time
from typing import Any

import numpy as np
import pytest

from bot.ml.columns import columns, matrix
from bot.ml.members import BadModel
from bot.ml.prior import FILE, from_json, shipped
from tests.ml.samples import features

ROWS = (
    features(),
    features(la=200, ld=40, nf=12, nd=5, ns=2, entropy=2.8, lt=9000, ndev=30, nuc=400),
    features(la=0, ld=1, fix=1, age=900, nuc=3, ndev=2, lt=40),
)
STORED = (-2.16897, 0.51488, -3.02209)


def test_its_scores_do_not_change() -> None:
    scores = shipped().log_odds(columns(matrix(list(ROWS))))
    assert scores == pytest.approx(STORED, abs=1e-4)


def test_it_is_small_and_loads_fast() -> None:
    text = FILE.read_bytes()
    assert len(text) < 500_000
    start = time.process_time()
    from_json(text)
    assert time.process_time() - start < 0.2


def test_scoring_needs_no_scikit_learn() -> None:
    code = "import sys, bot.ml.risk, bot.ml.prior as prior; prior.shipped(); sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_it_names_its_training_data() -> None:
    assert set(shipped().trained_on) == {"jdt", "openstack", "platform", "qt"}
    assert "MIT" in json.loads(FILE.read_bytes())["source"]


def damaged(change: str) -> str:
    values: dict[str, Any] = json.loads(FILE.read_bytes())
    linear, _, trees = values["members"]
    match change:
        case "format":
            values["format"] = 99
        case "columns":
            values["columns"].reverse()
        case "kind":
            linear["kind"] = "guess"
        case "weights":
            linear["weights"].pop()
        case "infinite":
            linear["weights"][0] = 1e999
        case "column":
            trees["feature"][0][0] = 1000
        case "node":
            trees["left"][0][0] = 1000
        case "loop":
            trees["left"][0][0] = 0
        case "text":
            trees["value"][0][0] = "much"
        case "members":
            values["members"] = []
    return json.dumps(values)


@pytest.mark.parametrize("change", "format columns kind weights infinite column node loop text members".split())
def test_a_damaged_model_is_rejected(change: str) -> None:
    with pytest.raises(BadModel):
        from_json(damaged(change))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", FILE.read_text(encoding="utf-8")[:5000]])
def test_an_incomplete_file_is_rejected(text: str) -> None:
    with pytest.raises(BadModel):
        from_json(text)


def test_its_log_odds_are_the_mean_of_its_members() -> None:
    prior = shipped()
    table = columns(matrix(list(ROWS)))
    each = [member.log_odds(table) for member in prior.members]
    assert prior.log_odds(table) == pytest.approx(np.mean(each, axis=0))
