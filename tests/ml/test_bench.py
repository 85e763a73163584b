"""bench/risk.py: it reads both formats, keeps the test part out of the models, and rejects invalid input."""

import csv
import importlib
import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from bot.domain.features import KAMEI
from bot.ml.calibrate import sigmoid
from bot.ml.prior import from_json, shipped
from tests.ml.samples import synthetic

SCRIPT = Path(__file__).parents[2] / "bench" / "risk.py"
METHODS = {"smallest_first", "lapredict", "logistic", "gitinsight"}


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(SCRIPT.parent)
        return importlib.import_module("risk")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with a project in each format. The rows of the first project are not in time order."""
    rows, _ = synthetic(320)
    table = [["", "_id", "date", "bug", *("entrophy" if name == "entropy" else name for name in KAMEI)]]
    table += [["0", "sha", str(int(row.when)), str(int(row.faulty)), *map(str, row.features[:14])] for row in rows]
    write(tmp_path / "one" / "alpha_k_feature.csv", [table[0], *table[:0:-1]])
    rows, _ = synthetic(320, seed=2, delay=20)
    upper = [name if name == "fix" else "Entropy" if name == "entropy" else name.upper() for name in KAMEI]
    table = [["commit_id", "buggy", "date", "gap", "fix_date", *upper]]
    for row in rows:
        values = [str(value) if name != "fix" else "False" for name, value in zip(KAMEI, row.features, strict=False)]
        table.append(["sha", str(row.faulty), moment(row.when), "", moment(row.known_at), *values])
    write(tmp_path / "two" / "beta.csv", table)
    return tmp_path


def moment(when: float | None) -> str:
    return "" if when is None else datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%d %H:%M:%S")


def write(file: Path, rows: list[list[str]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as text:
        csv.writer(text).writerows(rows)


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)


def test_json_contains_every_method_of_every_project(data: Path) -> None:
    done = run(data, "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures.keys() == {"alpha", "beta"}
    for methods in figures.values():
        assert methods.keys() == METHODS
        assert methods["gitinsight"].keys() == {"auc", "pr_auc", "brier_skill", "ece", "recall20"}
        assert methods["gitinsight"]["auc"] > 0.55
        assert methods["smallest_first"]["ece"] is None
    assert "alpha" in done.stderr


def test_no_model_depends_on_the_outcomes_of_the_test_part(bench: ModuleType, data: Path) -> None:
    """With all outcomes of the test part inverted, each ROC-AUC becomes one minus its value."""
    for project in bench.read_projects(data):
        rows, cut = project.rows, int(len(project.rows) * 0.8)
        inverted = rows.faulty.copy()
        inverted[cut:] = 1 - inverted[cut:]
        known = np.where((inverted > 0) & np.isinf(rows.known) & (rows.known > 0), rows.when[-1] + 1, rows.known)
        other = replace(project, rows=replace(rows, faulty=inverted, known=known))
        one, two = (bench.judge(which, shipped()).figures for which in (project, other))
        for method in METHODS:
            assert one[method]["auc"] + two[method]["auc"] == pytest.approx(1), (project.name, method)


def test_the_score_is_the_probability_that_a_fault_is_found(bench: ModuleType) -> None:
    odds, left = np.array([-3.0, 0, 2, 40, 800]), np.array([0.5, 0.25, 1, 0.5, 1])
    predicted = sigmoid(importlib.import_module("risk_judge").found(odds, left))
    assert predicted == pytest.approx(sigmoid(odds) * left, abs=1e-9)


def test_a_prior_is_never_used_for_a_project_of_its_training_data(bench: ModuleType, data: Path) -> None:
    alpha, beta = bench.read_projects(data)
    assert bench.prior_for(alpha, [alpha, beta]) is shipped()
    seen = replace(alpha, name="qt")
    assert bench.prior_for(seen, [seen, beta]) is None
    other = bench.prior_for(seen, [seen, replace(alpha, name="go"), beta])
    assert other.trained_on == ("go",)
    dated = [replace(beta, name=name) for name in ("one", "two", "three")]
    assert bench.prior_for(beta, [alpha, beta, *dated[:2]]) is shipped()
    assert bench.prior_for(beta, [alpha, beta, *dated]).trained_on == ("one", "two", "three")
    assert bench.prior_for(beta, [beta, *dated], only_shipped=True) is shipped()


def test_train_writes_a_model_that_loads(bench: ModuleType, data: Path, tmp_path: Path) -> None:
    bench.train([str(data), "-o", str(tmp_path / "model.json")])
    assert from_json((tmp_path / "model.json").read_bytes()).trained_on == ("alpha",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no CSV file"),
        ("", "missing columns"),
        ("bug,date,ns\n1,2,3\n", "missing columns: nd, nf, entropy"),
        (",".join(["bug", "date", *KAMEI]) + "\n1,5" + ",1" * 13 + ",nan\n", "line 2: sexp is 'nan'"),
        (",".join(["bug", "date", *KAMEI]) + "\n1,5" + ",1" * 13 + ",\n", "line 2: sexp is ''"),
        (",".join(["bug", "date", *KAMEI]) + "\n1,5" + ",1" * 13 + ",-1\n", "line 2: invalid features: sexp"),
        (",".join(["bug", "date", *KAMEI]) + "\n1,soon" + ",1" * 14 + "\n", "line 2: Invalid isoformat string: 'soon'"),
        (",".join(["bug", "date", *KAMEI]) + "\n1,5" + ",1" * 14 + "\n", "1 changes are too few"),
    ],
)
def test_the_error_names_the_invalid_input(
    bench: ModuleType, tmp_path: Path, content: str | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "project.csv").write_text(content, encoding="utf-8")
    with pytest.raises(bench.BadInput, match=message):
        bench.read_projects(tmp_path)


def test_an_error_is_one_line(tmp_path: Path) -> None:
    done = run(tmp_path / "nowhere")
    assert (done.returncode, done.stderr) == (1, f"error: {tmp_path / 'nowhere'} is not a folder\n")
    assert "Example" in run("--help").stdout
