"""When the evidence of a dismissed insight has changed, and when a dismissal ends."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.dismissals import (
    LATER,
    Dismissal,
    DismissReason,
    dismissed_fingerprints,
    evidence_changed,
    is_dismissed,
)
from bot.domain.insights import Confidence, Insight, InsightType, Severity, Standing

MOMENT = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"ccn": 20}, {"ccn": 25}),  # a quarter, not more
        ({"ccn": 20}, {"ccn": 15}),
        ({"slope": 2.0}, {"slope": 2.9}),  # more than a quarter, but less than 1
        ({"share": 0.3}, {"share": 0.39}),
        ({"p": 1e-9}, {"p": 3e-9}),
        ({"mean": 4.000000001}, {"mean": 4.0}),
        ({"files": ["a.py", "b.py"]}, {"files": ["b.py", "a.py"]}),
        (
            {"files": [{"path": "a", "n": 4}, {"path": "b", "n": 9}]},
            {"files": [{"path": "b", "n": 9}, {"path": "a", "n": 5}]},
        ),
        ({"since": "2026-01-01", "n": 4}, {"since": "2026-01-08", "n": 4}),
        ({"at": "2026-01-01T00:00:00Z"}, {"at": "2026-01-08 00:00:00+00:00"}),
        ({"weeks": [4, 9, 5, 6]}, {"weeks": [9, 5, 6, 5]}),
        ({"lines": [10, 30], "start_line": 3}, {"lines": [500, 520], "start_line": 900}),
        ({"model_version": "1", "engine": "lizard 1", "n": 3}, {"model_version": "2", "engine": "lizard 2", "n": 3}),
        ({"n": 3}, {"n": 3, "added": "by a later version"}),
        ({"n": 3, "before": None}, {"n": 3, "before": {"ccn": 5}}),
        ({}, {"n": 3}),
        ({"reasons": ["it changed 1,204 times"]}, {"reasons": ["it changed 1,300 times"]}),
    ],
)
def test_evidence_that_is_still_the_same(before: dict[str, Any], now: dict[str, Any]) -> None:
    assert not evidence_changed(before, now)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"ccn": 20}, {"ccn": 26}),
        ({"ccn": 20}, {"ccn": 14}),
        ({"fixes": 0}, {"fixes": 1}),
        ({"share": 0.3}, {"share": 0.41}),
        ({"share": 1.0}, {"share": 0.6}),
        ({"files": ["a.py", "b.py"]}, {"files": ["a.py", "b.py", "c.py"]}),
        ({"fixes": []}, {"fixes": ["abcdef"]}),
        ({"files": [{"path": "a", "n": 4}]}, {"files": [{"path": "a", "n": 9}]}),
        (
            {"files": [{"path": "a", "n": 4}, {"path": "b", "n": 9}]},
            {"files": [{"path": "a", "n": 9}, {"path": "b", "n": 4}]},
        ),
        ({"weeks": [4, 9, 5, 6]}, {"weeks": [4, 19, 5, 6]}),
        ({"line": "subprocess.call(x)"}, {"line": "subprocess.call(y)"}),
        ({"worse": True}, {"worse": False}),
        ({"a": 1}, {"b": 1}),
        ({"reasons": ["it changed 1,204 times"]}, {"reasons": ["it changed 1,800 times"]}),
        ({"reasons": ["it changed 3 times"]}, {"reasons": ["it changed 3 times", "it is long"]}),
        ({"issue": "duplicate of #12"}, {"issue": "duplicate of #13"}),
        ({"path": "docs/2024/a"}, {"path": "docs/2025/a"}),
    ],
)
def test_evidence_that_has_changed(before: dict[str, Any], now: dict[str, Any]) -> None:
    assert evidence_changed(before, now)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e300, 1e300) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def reordered(value: Any) -> Any:
    match value:
        case list():
            return [reordered(one) for one in reversed(value)]
        case dict():
            return {key: reordered(one) for key, one in reversed(value.items())}
        case float():
            return value * (1 + 1e-12)
    return value


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=6))
def test_order_and_noise_of_any_evidence_do_not_count(evidence: dict[str, Any]) -> None:
    assert not evidence_changed(evidence, reordered(evidence))


def insight(ccn: int, *, standing: Standing = Standing.REMARK, fingerprint: str = "f") -> Insight:
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule="complexity/function-grew",
        title="t",
        description="d",
        severity=Severity.HIGH,
        confidence=Confidence(1.0, "counted"),
        fingerprint=fingerprint,
        standing=standing,
        evidence={"ccn": ccn},
    )


def dismissal(reason: DismissReason = DismissReason.BY_DESIGN) -> Dismissal:
    return Dismissal(fingerprint="f", reason=reason, evidence={"ccn": 20}, by="ann", at=MOMENT)


def test_a_dismissal_covers_the_same_insight_only() -> None:
    known = {"f": dismissal()}
    assert is_dismissed(known, insight(21))
    assert not is_dismissed(known, insight(40))
    assert not is_dismissed(known, insight(21, fingerprint="g"))
    assert not is_dismissed(known, insight(21, standing=Standing.FAILURE))


def test_a_fingerprint_is_dismissed_if_all_its_insights_are() -> None:
    known = {"f": dismissal()}
    assert dismissed_fingerprints(known, [insight(20), insight(21)]) == {"f"}
    assert dismissed_fingerprints(known, [insight(20), insight(40)]) == frozenset()


def test_only_later_ends() -> None:
    later = dismissal(DismissReason.LATER)
    assert later.ends_at == MOMENT + timedelta(days=30) == MOMENT + LATER
    assert not later.has_ended(MOMENT + timedelta(days=29))
    assert later.has_ended(MOMENT + timedelta(days=30))
    assert not dismissal(DismissReason.WRONG).has_ended(MOMENT + timedelta(days=9999))
