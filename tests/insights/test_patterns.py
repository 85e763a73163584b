"""Patterns in words: each with its numbers, hostile names in code spans, evidence that a dismissal can rest on."""

import re
from dataclasses import replace
from functools import cache

import pytest

from bot.domain.dismissals import evidence_changed
from bot.domain.insights import Insight, InsightType, Standing
from bot.domain.patterns import ItemExample
from bot.insights.patterns import pattern_insights
from tests.insights.test_history import HOSTILE
from tests.patterns.samples import AREA, CLUSTER, GROUP, PAIR, PATTERNS, PERIOD, REVIEW, TOPIC


@cache
def said() -> dict[str, Insight]:
    """The insights by the ends of their rules."""
    return {one.rule.removeprefix("repository/pattern/"): one for one in pattern_insights(PATTERNS)}


OF_COMMITS = (
    "cluster",
    "fix-area",
    "follow-up",
    "fix-cause",
    "untested-fixes",
    "forgotten-options",
    "flaky-tests",
    "pipeline-repairs",
)


def test_every_pattern_is_told_with_its_numbers() -> None:
    titles = {rule: one.title for rule, one in said().items()}
    assert titles == {
        "cluster": "`app/options.py` and `docs/manual.1` change together across 2 folders",
        "fix-area": "`app/terminal.py` needs 2.2 times the fixes of other code of its size and activity",
        "follow-up": "46% of new features of `app/tui/` need a fix or a revert within 90 days; 19% of new features of "
        "the same size elsewhere",
        "topic": "30 issues speak of `cookie` and `session`",
        "slow-review": "Pull requests labelled `speed` wait 20.0 days for a first answer, others 2.0",
        "duplicate": "Issue #12 may be a duplicate of #4",
        "closed-overlap": "Pull request #12 is like one that was closed unmerged: #4",
        "fix-cause": "16 of 20 changes of `app/screen.py` that name `preview` are fixes",
        "untested-fixes": "11 of 12 fixes of `shell/keys.sh` came without a test",
        "forgotten-options": "`shell/completion.sh` is behind `src/options.py`: 1 of 12 options of three years came "
        "late; 1 option is missing",
        "flaky-tests": "Flaky tests were repaired 12 times in a year",
        "pipeline-repairs": "2 of 14 changes of `.github/workflows/release.yml` mend something at most three "
        "days after the one before",
    }
    assert {one.type for one in said().values()} == {InsightType.PATTERN}
    assert "1.5 to 3.2" in said()["fix-area"].description and "44 would be usual" in said()["fix-area"].description


def test_every_pattern_names_its_source_period_and_sample() -> None:
    sources = {rule: one.tags for rule, one in said().items()}
    assert sources["cluster"] == sources["fix-area"] == sources["follow-up"] == ("commits",)
    assert sources["topic"] == sources["duplicate"] == ("issues",)
    assert sources["slow-review"] == sources["closed-overlap"] == ("pull_requests",)
    for one in said().values():
        assert (one.evidence["since"], one.evidence["until"]) == ("2023-11-14", "2026-05-28")
    assert [said()[rule].evidence["sample"] for rule in ("cluster", "topic", "slow-review")] == [1190, 300, 200]


def test_likeness_is_a_note_because_its_precision_is_not_known() -> None:
    notes = {rule for rule, one in said().items() if one.standing is Standing.NOTE}
    assert notes == {"duplicate", "closed-overlap"}
    size = pattern_insights(replace(PATTERNS, follow_ups=(replace(GROUP, kind="", area="", lines=150),)))[2]
    assert size.standing is Standing.NOTE and "at least 150 changed lines" in size.title


def test_growth_is_told_only_where_it_is_more_than_chance() -> None:
    assert "grown at least 1.4-fold" in said()["topic"].description
    for topic in (replace(TOPIC, low=0.9), replace(TOPIC, growth=None, low=None, high=None)):
        (one,) = [found for found in pattern_insights(replace(PATTERNS, topics=(topic,))) if "topic" in found.rule]
        assert "grown" not in one.description


def test_a_kind_that_is_not_synced_is_not_told() -> None:
    rules = {one.rule for one in pattern_insights(replace(PATTERNS, issues=None, pulls=None))}
    assert rules == {f"repository/pattern/{name}" for name in OF_COMMITS}


@pytest.mark.parametrize("rule", ["cluster", "fix-area", "follow-up", "topic", "slow-review"])
def test_a_week_later_the_evidence_has_not_changed(rule: str) -> None:
    later = replace(PERIOD, until=PERIOD.until + 7 * 86_400, sample=1210)
    week = replace(
        PATTERNS,
        changes=later,
        clusters=(replace(CLUSTER, together=131, changes=259, examples=("d" * 40,)),),
        fix_areas=(replace(AREA, fixes=101, expected=45.0, examples=("d" * 40,)),),
        follow_ups=(replace(GROUP, changes=34, examples=("d" * 40,)),),
        topics=(replace(TOPIC, issues=32, recent=22, examples=(ItemExample(number=99, title="New"),)),),
        slow_reviews=(replace(REVIEW, pulls=26, days=20.5, examples=(ItemExample(number=99, title="New"),)),),
    )
    (now,) = [one for one in pattern_insights(week) if one.rule.endswith(rule)]
    assert now.fingerprint == said()[rule].fingerprint
    assert not evidence_changed(said()[rule].evidence, now.evidence)
    doubled = replace(week, fix_areas=(replace(AREA, fixes=220, fixes_year=60),))
    (worse,) = [one for one in pattern_insights(doubled) if one.rule.endswith("fix-area")]
    assert evidence_changed(said()["fix-area"].evidence, worse.evidence)


def test_names_of_strangers_stay_in_code_spans() -> None:
    example = ItemExample(number=1, title=f"@everyone {HOSTILE}\x1b[31m\u202e")
    hostile = replace(
        PATTERNS,
        clusters=(replace(CLUSTER, files=(HOSTILE, HOSTILE + "2")),),
        fix_areas=(replace(AREA, path=HOSTILE),),
        follow_ups=(replace(GROUP, area=HOSTILE),),
        topics=(replace(TOPIC, words=(HOSTILE, "x"), examples=(example,)),),
        slow_reviews=(replace(REVIEW, value=HOSTILE, examples=(example,)),),
        duplicates=(replace(PAIR, one=example),),
        overlaps=(replace(PAIR, kind="pull_request", other=example),),
    )
    for one in pattern_insights(hostile):
        for text in (one.title, one.description, one.remedy):
            outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
            assert not re.search(r"[<>\x1b\u202e@\]]", outside), text
