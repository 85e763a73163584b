"""The confidence of a rule is the share of its judged remarks that were not wrong; with few, that of all rules."""

from dataclasses import replace

import pytest

from bot.analysis import measured
from bot.analysis.measured import SHARES, Share, proven, share_of, with_own_past
from bot.domain.back_test import BackTest, ReplayedRemark, Verdict
from bot.domain.insights import Confidence, Insight, InsightType, Severity, Standing

FIXED = next(share.what for share in SHARES if share.rule == "hotspots/grew")


@pytest.fixture(autouse=True)
def shares(monkeypatch: pytest.MonkeyPatch) -> None:
    known = (
        Share("tests/missing", 18, 20, 5, 10, "got a test"),
        Share("hotspots/grew", 5, 9, 2, 12, FIXED),
        Share("security/", 1, 1, 0, 0, "had the line changed"),
        Share("collision/same-function", 554, 775, 0, 0, FIXED),
    )
    monkeypatch.setattr(measured, "SHARES", known)


def test_a_judged_rule_shows_its_share_and_what_followed() -> None:
    confidence = share_of("tests/missing", "counted")
    assert confidence.score == 0.9
    assert confidence.reason == "18 of 20 such remarks were not wrong; 5 of 10 such changes got a test; counted"
    assert share_of("collision/same-function", "").score == 0.71


def test_a_rule_with_few_judged_remarks_shows_the_share_of_all_and_says_so() -> None:
    confidence = share_of("security/S602", "a pattern")
    assert confidence.score == 0.8
    assert confidence.reason == (
        "24 of 30 judged remarks of all rules were not wrong; of rules of this kind 1 of 1; a pattern"
    )
    # Rules of scanners share what is known of their analyzer.
    assert share_of("security/template-injection", "a pattern") == confidence


def test_a_rule_that_reading_did_not_prove_is_a_note() -> None:
    said = [remark(rule, share_of("tests/missing", "")) for rule in ("ownership/orphaned", "tests/missing")]
    praise = remark("hotspots/grew", share_of("tests/missing", ""), Standing.PRAISE)
    assert [one.standing for one in proven([*said, praise])] == [Standing.NOTE, Standing.REMARK, Standing.PRAISE]


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


def test_the_back_test_of_this_repository_is_told_beside_it() -> None:
    rule = "hotspots/grew"
    said = remark(rule, share_of(rule, "counted"))
    own = back_test(rule, Verdict.RIGHT, Verdict.RIGHT, Verdict.UNCONFIRMED, Verdict.TOO_YOUNG, Verdict.UNKNOWN)
    [both] = with_own_past([said], own)
    # A remark that is too young to judge is no case.
    assert both.confidence.score == said.confidence.score
    assert both.confidence.reason == f"{said.confidence.reason}; here 2 of 3 such changes {FIXED}"
    for other in (None, back_test("tests/missing", Verdict.RIGHT), back_test(rule, Verdict.TOO_YOUNG)):
        assert with_own_past([said], other) == (said,)
    note = replace(said, standing=Standing.NOTE)
    assert with_own_past([note], own) == (note,)


def test_a_back_test_that_asks_something_else_does_not_count() -> None:
    said = remark("tests/missing", share_of("tests/missing", "counted"))
    assert with_own_past([said], back_test("tests/missing", Verdict.RIGHT)) == (said,)


@pytest.mark.parametrize("share", SHARES, ids=lambda share: share.rule)
def test_the_shares_are_shares(share: Share) -> None:
    assert 0 <= share.came <= share.cases
    assert 0 <= share.right <= share.judged
    assert [one.rule for one in SHARES].count(share.rule) == 1
