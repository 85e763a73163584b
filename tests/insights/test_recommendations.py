"""Recommendations: they rest on named findings, in the order of their worth, and say nothing of thin findings."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.dismissals import evidence_changed
from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, fingerprint
from bot.domain.past import Past
from bot.domain.patterns import Patterns
from bot.insights.whole import found_insights, whole_insights
from tests.insights.test_history import coupling, hot, hotspots, owned, ownership, pair
from tests.patterns.samples import AREA, CLUSTER, GROUP, PAIR, PATTERNS, PERIOD, REVIEW, TOPIC

NONE = Patterns(changes=PERIOD)


def hard(path: str, name: str = "Terminal.loop", severity: Severity = Severity.HIGH) -> Insight:
    """The insight on a function that is hard to follow, as `analysis/repository/quality.py` makes it."""
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule="repository/function",
        title=f"`{name}` in `{path}` is hard to follow",
        description="",
        remedy="Lines 20–40 hold about half of it: extract them into a function.",
        severity=severity,
        confidence=Confidence(0.9, ""),
        locations=(Location(path, 10, 90),),
        tags=("complexity", "Python"),
        fingerprint=fingerprint("repository/function", path, name),
    )


def said(past: Past, *quality: Insight, left_out: Sequence[str] = ()) -> list[Insight]:
    found = whole_insights(past, quality, lambda one: one.fingerprint in left_out)
    return [one for one in found if one.type is InsightType.RECOMMENDATION]


def of(**patterns: Any) -> Past:
    return Past(patterns=replace(NONE, issues=PERIOD, pulls=PERIOD, **patterns))


def test_nothing_is_recommended_of_nothing() -> None:
    assert said(Past()) == []
    assert said(Past(hotspots=hotspots(), ownership=ownership(), coupling=coupling(), patterns=NONE)) == []


def test_one_finding_that_is_not_tested_is_too_thin() -> None:
    assert said(Past(hotspots=hotspots(hot("a.py")))) == []
    assert said(Past(), hard("a.py")) == []
    assert said(Past(ownership=ownership(owned("a.py", 0.9)))) == []
    assert said(Past(hotspots=hotspots(hot("a.py"))), hard("a.py", severity=Severity.LOW)) == []
    assert said(Past(hotspots=hotspots(hot("a.py", fixes=2))), hard("a.py")) == []
    assert said(of(duplicates=(PAIR, PAIR))) == []


def test_a_file_that_is_fixed_too_often_has_a_first_step_a_goal_and_findings() -> None:
    past = replace(of(fix_areas=(AREA,)), hotspots=hotspots(hot(AREA.path, revisions=102)))
    (one,) = said(past, hard(AREA.path))
    assert one.title == "Look for the common cause of the fixes of `app/terminal.py`"
    assert one.remedy.startswith("First: read aaaaaaaaaa, bbbbbbbbbb side by side")
    assert "`Terminal.loop` in `app/terminal.py` is hard to follow (lines 10 to 90)" in one.remedy
    assert one.evidence["measure"] == {"name": "fixes of `app/terminal.py` in 365 days", "today": 26, "usual": 12}
    assert "How we will know: fixes of `app/terminal.py` in 365 days: 26 today, 12 would be usual." in one.description
    known = {finding.fingerprint: finding for finding in (*found_insights(past), hard(AREA.path))}
    named = [known[finding["fingerprint"]] for finding in one.evidence["findings"]]
    rules = {finding.rule for finding in named}
    assert rules >= {"repository/pattern/fix-area", "repository/hotspot", "repository/function"}
    assert all(finding["title"] == known[finding["fingerprint"]].title for finding in one.evidence["findings"])
    assert (one.evidence["benefit"], one.evidence["effort"], one.severity) == (14.3, 1, Severity.HIGH)
    assert one.tags == ("commits",)


ALONE = [
    (of(clusters=(CLUSTER,)), "Let a test check that `app/options.py` and `docs/manual.1` say the same"),
    (
        of(clusters=(replace(CLUSTER, files=("a/x.py", "b/y.py")),)),
        "Bring what `a/x.py` and `b/y.py` share to one place",
    ),
    (of(follow_ups=(GROUP,)), "Write down what a review of new features of `app/tui/` must look at"),
    (of(slow_reviews=(REVIEW,)), "Agree on who reviews pull requests labelled `speed` first, and how soon"),
    (of(topics=(TOPIC,)), "Find out why more issues speak of `cookie` and `session`"),
    (
        of(duplicates=tuple(replace(PAIR, one=replace(PAIR.one, number=20 + n)) for n in range(3))),
        "Look through 3 pairs of open items that may be duplicates",
    ),
    (
        Past(hotspots=hotspots(hot("a.py")), ownership=ownership(owned("a.py", 0.9))),
        "Let somebody learn `a.py` before it has to be fixed again",
    ),
]


@pytest.mark.parametrize(("past", "title"), ALONE)
def test_each_kind_says_what_to_do_first_what_it_changes_and_how_we_will_know(past: Past, title: str) -> None:
    (one,) = said(past)
    assert one.title == title
    assert one.remedy.startswith("First: ") and len(one.remedy) > 60
    assert one.description.startswith("Why: ") and "How we will know: " in one.description
    assert isinstance(one.evidence["measure"]["today"], int | float) and one.evidence["benefit"] > 0
    known = {finding.fingerprint for finding in found_insights(past)}
    assert {finding["fingerprint"] for finding in one.evidence["findings"]} <= known


NOT_WORTH_IT = [
    of(fix_areas=(replace(AREA, fixes_year=3),)),
    of(clusters=(replace(CLUSTER, fixes_year=0),)),
    of(follow_ups=(replace(GROUP, kind="", area="", lines=150),)),
    of(follow_ups=(replace(GROUP, per_year=2.0),)),
    of(topics=(replace(TOPIC, low=0.9),)),
    of(topics=(replace(TOPIC, recent=4),)),
]


@pytest.mark.parametrize("past", NOT_WORTH_IT)
def test_what_would_change_little_is_not_recommended(past: Past) -> None:
    assert said(past) == []


def test_the_most_benefit_per_effort_comes_first_and_at_most_five() -> None:
    files = [hot(f"app/{name}.py", fixes=4 + number) for number, name in enumerate("abcd")]
    past = replace(of(fix_areas=(AREA,), clusters=(CLUSTER,), follow_ups=(GROUP,)), hotspots=hotspots(*files))
    past = replace(past, patterns=replace(PATTERNS, fix_areas=(AREA,)))
    found = said(past, *(hard(file.path) for file in files))
    worth = [one.evidence["benefit"] / max(1, one.evidence["effort"]) for one in found]
    assert len(found) == 5 and worth == sorted(worth, reverse=True)
    split = [one.locations[0].path for one in found if one.rule.endswith("split")]
    assert split == ["app/d.py", "app/c.py"]  # the third of a kind would be a list


def test_no_two_say_the_same() -> None:
    past = replace(of(fix_areas=(AREA,)), hotspots=hotspots(hot(AREA.path)), ownership=ownership(owned(AREA.path, 0.9)))
    found = said(past, hard(AREA.path), hard(AREA.path, "Terminal.draw"))
    assert [one.rule.rpartition("/")[2] for one in found].count("split") <= 1
    named = [{finding["fingerprint"] for finding in one.evidence["findings"]} for one in found]
    assert all(
        2 * len(one & other) <= min(len(one), len(other)) for one in named for other in named if one is not other
    )


def test_no_recommendation_rests_on_a_dismissed_finding() -> None:
    past = of(fix_areas=(AREA,), slow_reviews=(REVIEW,))
    dismissed = found_insights(past)[0].fingerprint
    assert [one.rule.rpartition("/")[2] for one in said(past, left_out=[dismissed])] == ["faster-review"]


def test_a_week_later_the_evidence_has_not_changed_until_it_really_does() -> None:
    past = replace(of(fix_areas=(AREA,)), hotspots=hotspots(hot(AREA.path, revisions=102)))
    (before,) = said(past, hard(AREA.path))

    def later(fixes: int, revisions: int, *quality: Insight) -> Insight:
        area = replace(AREA, fixes_year=fixes, fixes=AREA.fixes + 2, examples=("d" * 40,))
        known = replace(of(fix_areas=(area,)), hotspots=hotspots(hot(AREA.path, revisions=revisions)))
        (one,) = said(known, *quality)
        return one

    week = later(27, 104, hard(AREA.path))
    assert week.fingerprint == before.fingerprint and not evidence_changed(before.evidence, week.evidence)
    assert evidence_changed(before.evidence, later(40, 104, hard(AREA.path)).evidence)
    assert evidence_changed(before.evidence, later(27, 104).evidence)


def test_a_pair_of_the_cluster_is_a_finding_too() -> None:
    past = replace(of(clusters=(CLUSTER,)), coupling=coupling(pair("app/options.py", "docs/manual.1")))
    (one,) = said(past)
    assert [finding["rule"] for finding in one.evidence["findings"]] == [
        "repository/pattern/cluster",
        "repository/coupling",
    ]
