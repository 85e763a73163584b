"""The change risk as an insight: receipts, reasons in words, silence about people, honesty about little history."""

from dataclasses import replace
from typing import Any

import pytest

from bot.analysis.risk import ANALYZER
from bot.domain.history import ChangeRisk, PastCommit, Reason
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
        "Of the 50 past changes scored nearest to this one, 19 needed a fix or a revert within 90 days (such as "
        "aaaaaaaaaa); the model says 40%. Mostly because 90 lines are added (usual here: 12); `app/core.py` was fixed "
        "5 times in the last 90 days."
    )
    assert remark.evidence["examples"][0]["sha"] == "a" * 40
    assert remark.evidence["model_version"] == "own 1"
    assert told(replace(RISK, percentile=0.995)).severity is Severity.MEDIUM


def test_it_never_speaks_about_a_person() -> None:
    remark = told()
    assert [reason["feature"] for reason in remark.evidence["reasons"]] == ["la", "recent_fixes", "nf", "nd"]
    for word in ("experience", "author", "people"):
        assert word not in remark.description


@pytest.mark.parametrize(
    "usual", [{"percentile": 0.9}, {"probability": 0.2}, {"probability": None}], ids=["usual", "unlikely", "unknown"]
)
def test_anything_else_is_a_note(usual: dict[str, Any]) -> None:
    assert told(replace(RISK, **usual)).standing is Standing.NOTE


def test_too_little_history_gives_no_probability_and_says_so() -> None:
    note = told(replace(RISK, probability=None, similar=0, similar_fixed=0), changes=90, known_faulty=7)
    assert "too little history for a probability: 90 changes, 7 of them" in note.description
    assert note.evidence["probability"] is None
    assert note.confidence.score == 0.3


def test_confidence_falls_as_model_and_neighbours_differ() -> None:
    assert (
        told(replace(RISK, similar_fixed=20)).confidence.score > told(replace(RISK, similar_fixed=5)).confidence.score
    )


def test_without_a_risk_or_production_code_nothing_is_said() -> None:
    assert said(ANALYZER, change_of(CORE, history=history_of())) == []
    docs = changed("docs/a.md", None, "a\n" * 90)
    assert said(ANALYZER, change_of(docs, history=history_of(risk=RISK))) == []
