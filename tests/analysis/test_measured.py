"""The confidence of a rule is its measured share; with too few cases it is a lower bound, and says so."""

import pytest

from bot.analysis import measured
from bot.analysis.measured import SHARES, Share, share_of


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
        "not measured: 9 cases, so the lower bound for all 20 of its kind: the place was changed; same lines"
    )
    assert share_of("leftover/reference", "").score == 0.24


def test_rules_of_scanners_share_what_is_known_of_their_analyzer() -> None:
    assert share_of("security/S602", "") == share_of("security/template-injection", "")
    assert share_of("security/S602", "").score == 0.0


def test_an_analyzer_that_is_not_listed_is_a_fault() -> None:
    with pytest.raises(KeyError):
        share_of("weather/rain", "")


@pytest.mark.parametrize("share", SHARES, ids=lambda share: share.rule)
def test_the_shares_are_shares(share: Share) -> None:
    assert 0 <= share.came <= share.cases
    assert [one.rule for one in SHARES].count(share.rule) == 1
