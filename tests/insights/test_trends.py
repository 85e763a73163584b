"""Trends in words: what is claimed is said with its numbers, and nothing else is said."""

from dataclasses import fields, replace
from datetime import date

import orjson

from bot.domain.dismissals import evidence_changed
from bot.domain.insights import InsightType, Severity
from bot.domain.trends import FileTrend, MetricTrend, TrendPoint, Trends, TrendTest
from bot.insights.trends import trend_insights

HOSTILE = "`</code>[x](javascript:1)"
TEST = TrendTest(
    since=date(2023, 1, 1),
    until=date(2025, 12, 31),
    periods=35,
    n=1234,
    slope=0.5,
    slope_low=0.2,
    slope_high=0.9,
    begin=10.04,
    end=27.5,
    autocorrelation=0.4,
    p=0.0001,
    p_adjusted=0.0017,
)
POINTS = tuple(TrendPoint(start=date(year, 1, 1), value=1.5, n=7) for year in range(2020, 2026))
SLOW = MetricTrend(
    key="issue-first-response",
    name="Time to first response, issues",
    definition="The median time.",
    unit="hours",
    source="issues",
    standard="CHAOSS: Time to First Response",
    better="down",
    points=POINTS,
    claimed="up",
    test=TEST,
)
FILE = FileTrend(path=HOSTILE, changes=40, changes_year_before=12, claimed="up", points=POINTS, test=TEST)


def trends(*metrics: MetricTrend, files: tuple[FileTrend, ...] = ()) -> Trends:
    return Trends(until=date(2026, 1, 1), period="month", metrics=metrics, files=files)


def test_a_claimed_trend_is_said_with_interval_p_period_and_n() -> None:
    [said] = trend_insights(trends(SLOW))
    assert said.title == "Time to first response, issues: up from about 10 to about 28 hours"
    assert said.description == (
        "The trend line goes from 10 hours to 28 hours, from January 2023 to December 2025. That is +6 hours a year "
        "(95 % interval +2.4 to +11; p = 0.002; 35 months, 1,234 issues). The median time."
    )
    assert (said.type, said.rule) == (InsightType.TREND, "repository/trend/issue-first-response")
    assert said.tags == ("trends", "issues")


def test_what_gets_worse_is_low_and_everything_else_is_info() -> None:
    better = replace(SLOW, claimed="down", test=replace(TEST, begin=27.5, end=10, slope=-0.5))
    neutral = replace(SLOW, better=None)
    [worse, good, plain] = trend_insights(trends(SLOW, better, neutral))
    assert [one.severity for one in (worse, good, plain)] == [Severity.LOW, Severity.INFO, Severity.INFO]
    assert worse.remedy and not good.remedy and not plain.remedy
    assert good.title.endswith("down from about 28 to about 10 hours")


def test_shares_are_percentages_and_a_line_below_zero_ends_at_zero() -> None:
    share = replace(SLOW, unit="share", test=replace(TEST, begin=-0.01, end=0.164, slope=0.005, slope_low=0.001))
    [said] = trend_insights(trends(share))
    assert said.title == "Time to first response, issues: up from about 0% to about 16%"
    assert "+6 percentage points a year (95 % interval +1.2 to" in said.description


def test_nothing_is_said_without_a_trend() -> None:
    assert trend_insights(trends(replace(SLOW, claimed=None, reason="It varies."))) == []
    assert trend_insights(trends(replace(SLOW, test=None, points=(), claimed=None, reason="Not synced."))) == []


def test_a_file_that_changes_more_often() -> None:
    [said] = trend_insights(trends(files=(FILE,)))
    assert said.title.endswith("changes more and more often: 40 changes in a year")
    assert "`` `</code>[x](javascript:1)" in said.title
    assert "There were 12 in the year before." in said.description
    assert said.locations[0].path == HOSTILE and said.tags == ("trends", "commits")


def test_the_evidence_is_json_and_has_the_whole_test() -> None:
    [metric, file] = trend_insights(trends(SLOW, files=(FILE,)))
    for one in (metric, file):
        evidence = orjson.loads(orjson.dumps(dict(one.evidence)))
        assert {field.name for field in fields(TrendTest)} < evidence.keys()
        assert (evidence["slope_low"], evidence["slope_high"], evidence["p_adjusted"]) == (0.2, 0.9, 0.0017)
        assert (evidence["since"], evidence["until"], evidence["periods"]) == ("2023-01-01", "2025-12-31", 35)
    assert len({metric.fingerprint, file.fingerprint}) == 2


def test_a_dismissed_trend_stays_dismissed_until_it_moves() -> None:
    [before] = trend_insights(trends(SLOW))
    month_later = replace(TEST, since=date(2023, 2, 1), until=date(2026, 1, 31), n=1250, end=27.9, p_adjusted=0.0014)
    [same] = trend_insights(trends(replace(SLOW, test=month_later)))
    [turned] = trend_insights(trends(replace(SLOW, claimed="down")))
    assert same.fingerprint == before.fingerprint == turned.fingerprint
    assert not evidence_changed(before.evidence, same.evidence)
    assert evidence_changed(before.evidence, turned.evidence)
