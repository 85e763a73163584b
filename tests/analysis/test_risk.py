"""The change risk as an insight: receipts, reasons in words, silence about people, honesty about little history."""

from dataclasses import replace
from typing import Any

import pytest

from bot.analysis.risk import ANALYZER
from bot.domain.history import Basis, ChangeRisk, PastCommit, Reason
from bot.domain.insights import Insight, Severity, Standing
from tests.analysis.changes import change_of, changed, file_history, history_of, said

CORE = changed("app/core.py", "x = 1\n" * 40, "x = 2\n" * 90)
RISK = ChangeRisk(
    model_version="own 1",
    probability=0.4,
    percentile=0.97,
    compared=500,
    similar=50,
    similar_fixed=19,
    same_size=50,
    same_size_fixed=4,
    examples=(PastCommit("a" * 40, 1, "Fix it"),),
    reasons=(
        Reason(feature="la", value=90.0, usual=12.0, contribution=0.9),
        Reason(feature="exp", value=0.0, usual=40.0, contribution=0.8),
        Reason(feature="recent_fixes", value=5.0, usual=0.0, contribution=0.7),
        Reason(feature="nf", value=1.0, usual=2.0, contribution=0.6),
        Reason(feature="nd", value=9.0, usual=1.0, contribution=-0.5),
    ),
)


def told(risk: ChangeRisk | None = RISK, **facts: Any) -> Insight:
    past = file_history("app/core.py", fixes_quarter=5)
    [insight] = said(ANALYZER, change_of(CORE, history=history_of(past, risk=risk, **facts)))
    return insight


def test_a_risky_change_is_a_remark_with_receipts_and_reasons() -> None:
    remark = told()
    assert (remark.standing, remark.severity) == (Standing.REMARK, Severity.LOW)
    assert remark.title == "This change scores as riskier than 97% of the last 500 changes here"
    assert remark.description == (
        "Of 50 past changes of this size 4 needed a fix or a revert within 90 days, of the 50 most alike 19 (such as "
        "aaaaaaaaaa); the model says 40%. Mostly because 90 lines are added (usual here: 12); `app/core.py` was fixed "
        "5 times in the last 90 days."
    )
    assert remark.evidence["examples"][0]["sha"] == "a" * 40
    assert remark.evidence["model_version"] == "own 1"
    assert remark.evidence["basis"] == "model"
    assert (remark.evidence["same_size"], remark.evidence["same_size_needed_fix"]) == (50, 4)
    assert told(replace(RISK, percentile=0.995)).severity is Severity.MEDIUM


def test_it_never_speaks_about_a_person() -> None:
    remark = told()
    assert [reason["feature"] for reason in remark.evidence["reasons"]] == ["la", "recent_fixes", "nf", "nd"]
    for word in ("experience", "author", "people"):
        assert word not in remark.description


@pytest.mark.parametrize(
    "usual",
    [
        {"percentile": 0.9},
        {"probability": 0.2},
        {"probability": None},
        {"basis": Basis.LINES},
        {"basis": Basis.CHURN},
        {"same_size_fixed": 13},
        {"same_size": 19, "same_size_fixed": 0},
        {"similar": 19, "similar_fixed": 9},
        {"similar_fixed": 0, "same_size_fixed": 0},
        {"reasons": RISK.reasons[:2]},
    ],
    ids=[
        "usual", "unlikely", "unknown", "lines", "churn", "as risky as its size", "few of this size", "few alike",
        "none fixed", "only size and author",
    ],
)  # fmt: skip
def test_anything_else_is_a_note(usual: dict[str, Any]) -> None:
    assert told(RISK).standing is Standing.REMARK
    note = told(replace(RISK, **usual))
    assert (note.standing, note.remedy, note.severity) == (Standing.NOTE, "", Severity.LOW)


def test_half_again_as_many_fixes_as_among_changes_of_this_size_are_enough() -> None:
    assert told(replace(RISK, similar_fixed=18, same_size_fixed=12)).standing is Standing.REMARK


def test_a_baseline_is_named_and_says_what_is_known_exactly() -> None:
    fixes = tuple(PastCommit(f"{number}" * 40, number, "Fix") for number in (3, 2, 1))
    past = file_history("app/core.py", fixes_year=fixes)
    one_fix = file_history("app/other.py", fixes_year=fixes[:1])
    risk = replace(RISK, basis=Basis.LINES)
    [note] = said(ANALYZER, change_of(CORE, history=history_of(past, one_fix, risk=risk)))
    assert note.title == "This change has more changed lines than 97% of the last 500 changes here"
    assert note.description == (
        "Of 50 past changes of this size 4 needed a fix or a revert within 90 days. Judged by the lines changed alone, "
        "the probability is 40%. `app/core.py` was fixed 3 times in the last year, last by 3333333333."
    )
    assert note.evidence["basis"] == "lines changed"
    churn = told(replace(RISK, basis=Basis.CHURN, same_size=0, same_size_fixed=0))
    assert churn.title == "The files of this change were changed more than those of 97% of the last 500 changes here"
    assert churn.description.startswith(
        "No past change is of this size. Judged by the churn of the files alone, the probability is 40%."
    )


def test_a_change_larger_than_all_others_is_compared_by_its_score_only() -> None:
    assert told(replace(RISK, same_size=0, same_size_fixed=0)).description.startswith(
        "No past change is of this size; of the 50 most alike 19 needed a fix or a revert within 90 days (such as"
    )


IMPORTS = "import os\nimport sys\n"


def test_it_points_at_the_code_that_is_changed_most() -> None:
    small = changed("app/small.py", "x = 1\n", IMPORTS + "x = 1\ny = 2\n")
    large = changed("app/large.py", "x = 1\n", IMPORTS + "x = 1\n" + "y = 2\n" * 5)
    test = changed("tests/test_a.py", None, "x = 1\n" * 90)
    [remark] = said(ANALYZER, change_of(small, large, test, history=history_of(risk=RISK)))
    assert [(one.path, one.start_line, one.end_line) for one in remark.locations] == [("app/large.py", 4, 8)]
    fixed = file_history("app/small.py", fixes_quarter=9)
    [remark] = said(ANALYZER, change_of(small, large, history=history_of(fixed, risk=RISK)))
    assert [(one.path, one.start_line) for one in remark.locations] == [("app/small.py", 4)]


def test_a_function_is_where_it_is_changed() -> None:
    body = "".join(f"    x = {number}\n" for number in range(30))
    before = "import os\n\n\ndef one():\n" + body + "\n\ndef two():\n" + body
    after = "import os\nimport re\n\n\ndef one():\n" + body + "\n\ndef two():\n    y = 1\n" + body + "    y = 2\n"
    [remark] = said(ANALYZER, change_of(changed("app/a.py", before, after), history=history_of(risk=RISK)))
    assert [(one.start_line, one.end_line) for one in remark.locations] == [(39, 70)]


def test_without_changed_code_it_points_nowhere() -> None:
    file = changed("app/a.py", "x = 1\ny = 2\n", "import os\ny = 2\n")
    [remark] = said(ANALYZER, change_of(file, history=history_of(risk=RISK)))
    assert remark.locations == ()


def test_inline_tests_are_not_counted() -> None:
    tests = "#[cfg(test)]\nmod tests {\n" + "    assert!(true);\n" * 90 + "}\n"
    file = changed("src/a.rs", "fn a() {\n}\n", "fn a() {\n    b();\n}\n" + tests)
    [note] = said(ANALYZER, change_of(file, history=history_of(file_history("src/a.rs", fixes_quarter=5), risk=RISK)))
    assert note.standing is Standing.NOTE


def test_too_little_history_gives_no_probability_and_says_so() -> None:
    note = told(replace(RISK, probability=None, similar=0, similar_fixed=0), changes=90, known_faulty=7)
    assert "too little history for a probability: 90 changes, 7 of them" in note.description
    assert note.evidence["probability"] is None
    assert note.confidence.reason.endswith("; a model of other projects, not yet checked against this one")


def test_the_reason_says_how_far_model_and_neighbours_differ() -> None:
    reason = told(replace(RISK, probability=0.3, similar=50, similar_fixed=5)).confidence.reason
    assert reason.endswith("; model and 50 nearest changes differ by 20%")


def test_without_a_risk_or_production_code_nothing_is_said() -> None:
    assert said(ANALYZER, change_of(CORE, history=history_of())) == []
    docs = changed("docs/a.md", None, "a\n" * 90)
    assert said(ANALYZER, change_of(docs, history=history_of(risk=RISK))) == []
