"""The confidence of a rule is its measured share; with too few cases it is a lower bound, and says so."""

from dataclasses import replace

import pytest

from bot.analysis import measured
from bot.analysis.measured import SHARES, Share, share_of, with_own_past
from bot.domain.back_test import BackTest, ReplayedRemark, Verdict
from bot.domain.insights import Confidence, Insight, InsightType, Severity, Standing

SHARES_BY_RULE = {share.rule: share for share in SHARES}


@pytest.fixture(autouse=True)
def shares(monkeypatch: pytest.MonkeyPatch) -> None:
    known = (
        Share("tests/missing", 9, 20, "a test was added"),
        Share("twins/left-behind", 3, 9, "the place was changed"),
        Share("sweep/incomplete", 5, 11, "the place was changed"),
        Share("leftover/reference", 0, 0, "the place was changed"),
        Share("security/", 0, 4, "the line was changed"),
    )
    monkeypatch.setattr(measured, "SHARES", known)


def test_a_measured_rule_shows_its_share_and_its_cases() -> None:
    confidence = share_of("tests/missing", "counted")
    assert confidence.score == 0.45
    assert confidence.reason == "9 of 20 such remarks: a test was added; counted"


def test_with_few_cases_it_is_the_lower_bound_of_its_kind_and_says_that_it_is_not_measured() -> None:
    confidence = share_of("twins/left-behind", "same lines")
    # Wilson's 90 % interval of 8 in 20, by hand: 0.243.
    assert confidence.score == 0.24
    assert confidence.reason == (
        "not measured: 9 cases, so the lower bound of 8 of 20 remarks of its kind: the place was changed; same lines"
    )
    assert share_of("leftover/reference", "").score == 0.24


def test_where_its_kind_has_few_cases_too_all_remarks_that_were_read_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "READ", Share("", 10, 50, "found useful"))
    confidence = share_of("security/S602", "a pattern")
    # Wilson's 90 % interval of 10 in 50, by hand: 0.123.
    assert confidence.score == 0.12
    assert confidence.reason == (
        "not measured: 4 cases, so the lower bound of 10 of 50 remarks of all rules: found useful; a pattern"
    )
    # Rules of scanners share what is known of their analyzer.
    assert share_of("security/template-injection", "a pattern") == confidence


def test_an_analyzer_that_is_not_listed_is_a_fault() -> None:
    with pytest.raises(KeyError):
        share_of("weather/rain", "")


def remark(rule: str, confidence: Confidence, standing: Standing = Standing.REMARK) -> Insight:
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule=rule,
        title="t",
        description="d",
        severity=Severity.LOW,
        confidence=confidence,
        fingerprint="f",
        standing=standing,
    )


def back_test(rule: str, *verdicts: Verdict) -> BackTest:
    told = {"sha": "a" * 40, "analyzer": "a", "severity": "low", "title": "t"}
    remarks = tuple(ReplayedRemark(**told, number=None, rule=rule, path="", verdict=one, came=None) for one in verdicts)
    return BackTest(
        changes=30, spoken=1, failed=0, since=0, until=0, remarks=remarks, proposals=(), summary="", by_analyzer=()
    )


def test_the_back_test_of_this_repository_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = "hotspots/grew"
    monkeypatch.setattr(measured, "SHARES", (Share(rule, 6, 12, SHARES_BY_RULE[rule].what),))
    said = remark(rule, share_of(rule, "counted"))
    own = back_test(rule, Verdict.RIGHT, Verdict.RIGHT, Verdict.UNCONFIRMED, Verdict.TOO_YOUNG, Verdict.UNKNOWN)
    [both] = with_own_past([said], own)
    # 6 of 12 and 2 of 3: a remark that is too young to judge is no case.
    assert both.confidence.score == pytest.approx(8 / 15, abs=0.005)
    assert both.confidence.reason.startswith("here 2 of 3 in the back-test, elsewhere 6 of 12 such remarks")
    for other in (None, back_test("tests/missing", Verdict.RIGHT), back_test(rule, Verdict.TOO_YOUNG)):
        assert with_own_past([said], other) == (said,)
    note = replace(said, standing=Standing.NOTE)
    assert with_own_past([note], own) == (note,)


def test_a_back_test_that_asks_something_else_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    said = remark("tests/missing", share_of("tests/missing", "counted"))
    assert with_own_past([said], back_test("tests/missing", Verdict.RIGHT)) == (said,)


@pytest.mark.parametrize("share", SHARES, ids=lambda share: share.rule)
def test_the_shares_are_shares(share: Share) -> None:
    assert 0 <= share.came <= share.cases
    assert [one.rule for one in SHARES].count(share.rule) == 1
