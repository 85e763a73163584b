"""Recommendations: they rest on named findings, in the order of their worth, and say nothing of thin findings."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.dismissals import evidence_changed
from bot.domain.fix_patterns import FixCause, FixedPart
from bot.domain.history import PastCommit
from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, fingerprint
from bot.domain.past import Past
from bot.domain.patterns import Patterns
from bot.domain.snapshots import HotspotFile
from bot.insights.whole import found_insights, whole_insights
from tests.insights.test_history import coupling, hot, hotspots, owned, ownership, pair
from tests.patterns.samples import (
    AREA,
    CAUSE,
    CLUSTER,
    FLAKY,
    FORGOTTEN,
    FUNCTION,
    GROUP,
    PAIR,
    PATTERNS,
    PERIOD,
    PIPELINE,
    REVIEW,
    TOPIC,
    UNTESTED,
)

NONE = Patterns(changes=PERIOD)


def hard(path: str, name: str = "Terminal.loop", severity: Severity = Severity.HIGH) -> Insight:
    """The insight on a function that is hard to follow, as `analysis/repository/quality.py` makes it."""
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule="repository/function",
        title=f"`{name}` in `{path}` is hard to follow",
        description="",
        remedy="Lines 20–40 hold about half of its complexity: extract them into a function.",
        severity=severity,
        confidence=Confidence(0.9, ""),
        evidence={"function": name},
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


def test_code_of_people_who_are_gone_is_learned_where_a_hard_function_is_fixed_often() -> None:
    past = Past(hotspots=hotspots(hot("a.py", fixes=12)), ownership=ownership(owned("a.py", 0.9)))
    (one,) = said(past, hard("a.py"))
    assert one.title == "Let somebody learn `a.py` before it has to be fixed again"
    assert one.remedy.startswith("First: begin with this: `Terminal.loop` in `a.py` is hard to follow.")
    assert said(past) == []
    assert said(replace(past, hotspots=hotspots(hot("a.py", fixes=9))), hard("a.py")) == []


def test_one_finding_that_is_not_tested_is_too_thin() -> None:
    assert said(Past(hotspots=hotspots(hot("a.py")))) == []
    assert said(Past(), hard("a.py")) == []
    assert said(Past(ownership=ownership(owned("a.py", 0.9)))) == []
    assert said(Past(hotspots=hotspots(hot("a.py"))), hard("a.py", severity=Severity.LOW)) == []
    assert said(Past(hotspots=hotspots(hot("a.py", fixes=2))), hard("a.py")) == []
    assert said(of(duplicates=(PAIR, PAIR))) == []


def test_a_file_that_is_fixed_too_often_has_a_first_step_a_goal_and_findings() -> None:
    counted = replace(FUNCTION, path=AREA.path)
    past = replace(of(fix_areas=(AREA,), fixed_functions=(counted,)), hotspots=hotspots(hot(AREA.path, revisions=102)))
    (one,) = said(past)
    assert one.title == "Add tests for 3 fixes of `Loop.run` in `app/terminal.py` that came without one"
    assert one.remedy.startswith("First: add a case in `tests/test_screen.py` for each of these, unless there is one")
    assert "cccccccccc (2026-05-17, `Fix the preview of an empty line`)" in one.remedy
    ending = "fixes of `Loop.run` that changed a test, in two years: 3 of 12 today, should be every new one"
    assert ending in one.description and "look again on 2027-05-28." in one.description
    known = {finding.fingerprint: finding for finding in found_insights(past)}
    named = [known[finding["fingerprint"]] for finding in one.evidence["findings"]]
    assert {finding.rule for finding in named} == {"repository/hotspot"}
    assert all(finding["title"] == known[finding["fingerprint"]].title for finding in one.evidence["findings"])
    assert (one.evidence["benefit"], one.evidence["effort"]) == (4.5, 3)


def test_of_an_area_nothing_is_said_without_a_function_whose_fixes_lack_tests() -> None:
    for counted in (
        replace(FUNCTION, untested=FUNCTION.untested[:2]),
        replace(FUNCTION, tests=()),
        replace(FUNCTION, fixes=9),
    ):
        patterns = of(fix_areas=(AREA,), fixed_functions=(replace(counted, path=AREA.path),))
        assert said(replace(patterns, hotspots=hotspots(hot(AREA.path)))) == []


def test_tests_are_recommended_for_fixes_that_came_without_one() -> None:
    (one,) = said(of(fix_causes=(CAUSE,)))
    assert one.title == "Add tests for 3 fixes of `preview` in `app/screen.py` that came without one"
    assert "add a case in `tests/test_screen.py` for each of these" in one.remedy and "cccccccccc" in one.remedy
    assert (
        "80% of the commits of `app/screen.py` in three years whose title mentions `preview` are fixes (16 of 20), "
        "against 25% of the others (15 of 60). 12 of the 16 came without a test." in one.description
    )
    assert one.evidence["measure"]["today"] == 4
    assert said(of(fix_areas=(replace(AREA, path=CAUSE.path),), fix_causes=(CAUSE,)))[0].rule.endswith("fix-cause")


NEWEST = tuple(replace(CAUSE.commits[0], sha=f"{number:040x}") for number in range(8))
TESTED = replace(CAUSE, tested=14, changes_year=12, fixes_year=11)


def test_where_most_fixes_have_tests_one_function_is_tested_as_a_whole() -> None:
    (one,) = said(of(fix_causes=(TESTED,)))
    assert one.title == "Test `Screen.draw` in `app/screen.py` with generated inputs: 16 fixes of `preview`"
    assert "write one test in `tests/test_screen.py` that makes the inputs" in one.remedy


@pytest.mark.parametrize(
    "cause",
    [
        replace(TESTED, functions=(replace(TESTED.functions[0], fixes=6),)),  # they are in many functions
        replace(TESTED, fixes=11, functions=TESTED.functions),
        replace(TESTED, changes_year=9, fixes_year=9),
        replace(TESTED, path="", files=(FixedPart(name="app/a.py", fixes=9),)),  # and in many files
        replace(CAUSE, tests=()),
        replace(CAUSE, tested=1),  # such fixes hardly ever have a test
        replace(CAUSE, untested=CAUSE.untested[:2]),
        replace(CAUSE, commits=(*NEWEST, *CAUSE.commits)),  # the newest fixes have tests
    ],
)
def test_of_a_cause_without_a_place_or_a_test_nothing_is_recommended(cause: FixCause) -> None:
    assert said(of(fix_causes=(cause,))) == []


def test_options_of_one_source_are_compared_by_one_test() -> None:
    manual = replace(FORGOTTEN, listing="man/app.1", missing=(), lacking=("--black",))
    (one,) = said(of(forgotten_names=(FORGOTTEN, manual)))
    assert one.title == (
        "Let a test compare the options of `shell/completion.sh` and `man/app.1` with those of `src/options.py`"
    )
    assert "add `--bench` to `shell/completion.sh`; add `--black` to `man/app.1`" in one.remedy
    assert "later (half of these after 1 day or more)" in one.description


def test_every_number_comes_with_a_command_that_a_reader_can_copy() -> None:
    (one,) = said(of(forgotten_names=(FORGOTTEN,)))
    commands = [receipt["command"] for receipt in one.evidence["receipts"]]
    assert "TZ=UTC git log --no-walk --date=short-local --format='%h %cd %s' cccccccccc" in commands
    assert "git grep -nE -e '--bench([^a-z0-9-]|$)|\"bench\"| bench:' HEAD -- src/options.py" in commands
    assert "git grep -cE -e '\\\\?-\\\\?-bench([^a-z0-9-]|$)' HEAD -- shell/completion.sh" in commands


@pytest.mark.parametrize("path", ["src/`rm -rf ~`.py", "src/$(id).py", "-x.py", "a;b.py", "a\nb.py", "a\x1b[0m.py"])
def test_a_name_that_a_shell_could_take_for_more_is_in_no_command(path: str) -> None:
    past = of(fix_causes=(replace(CAUSE, path=path),), pipeline_repairs=(replace(PIPELINE, path=path),))
    receipts = [receipt for one in found_insights(past) for receipt in one.evidence["receipts"]]
    assert receipts and not any(path in receipt["command"] for receipt in receipts)


ALONE = [
    (of(untested_fixes=(UNTESTED,)), "Add tests for 5 fixes of `shell/keys.sh` that came without one"),
    (
        of(flaky_tests=FLAKY),
        "Repeat `tests/test_net.py` in a scheduled job: flaky tests were repaired 12 times in a year",
    ),
    (of(pipeline_repairs=(PIPELINE,)), "Run `.github/workflows/release.yml` before a change of it is merged"),
    (
        of(clusters=(replace(CLUSTER, files=("a/x.py", "b/y.py"), fixes_year=12),)),
        "Bring what `a/x.py` and `b/y.py` share to one place",
    ),
    (of(slow_reviews=(REVIEW,)), "Agree on who reviews pull requests labelled `speed` first, and how soon"),
    (of(topics=(TOPIC,)), "Find out why more issues speak of `cookie` and `session`"),
    (
        of(duplicates=tuple(replace(PAIR, one=replace(PAIR.one, number=20 + n)) for n in range(3))),
        "Look through 3 pairs of open items that may be duplicates",
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
    of(fix_areas=(AREA,), fixed_functions=(FUNCTION,)),
    of(flaky_tests=replace(FLAKY, unsought=False)),  # a scheduled job or a repeated run looks for them already
    of(flaky_tests=replace(FLAKY, repairs=9)),
    of(pipeline_repairs=(replace(PIPELINE, untried=False),)),
    of(clusters=(CLUSTER,)),  # of a manual page: what is forgotten counts, not what changes together
    of(clusters=(replace(CLUSTER, files=("a/x.py", "b/y.py"), fixes_year=9),)),
    of(fix_causes=(replace(CAUSE, fixes_year=3, changes_year=8),)),
    of(fixed_functions=(FUNCTION,)),
    of(follow_ups=(GROUP,)),  # a comparison of kinds of changes gives nobody a step
    of(topics=(replace(TOPIC, low=0.9),)),
    of(topics=(replace(TOPIC, recent=4),)),
]


@pytest.mark.parametrize("past", NOT_WORTH_IT)
def test_what_would_change_little_is_not_recommended(past: Past) -> None:
    assert said(past) == []


def test_the_most_benefit_per_effort_comes_first_and_at_most_five() -> None:
    files = [hot(f"app/{name}.py", fixes=12 + number) for number, name in enumerate("abcd")]
    areas = tuple(replace(AREA, path=file.path) for file in files)
    counted = tuple(replace(FUNCTION, path=file.path, fixes=12 + number) for number, file in enumerate(files))
    past = replace(of(fix_areas=areas, fixed_functions=counted, slow_reviews=(REVIEW,)), hotspots=hotspots(*files))
    found = said(past)
    assert [one.rule.rpartition("/")[2] for one in found].count("fix-area") == 2  # the third of a kind would be a list
    everything = said(replace(past, patterns=replace(PATTERNS, fix_areas=areas, fixed_functions=counted)))
    worth = [one.evidence["benefit"] / max(1, one.evidence["effort"]) for one in everything]
    assert len(everything) == 5 and worth == sorted(worth, reverse=True)


def test_no_two_say_the_same() -> None:
    counted = replace(FUNCTION, path=AREA.path)
    past = replace(
        of(fix_areas=(AREA,), fixed_functions=(counted,)),
        hotspots=hotspots(hot(AREA.path, fixes=20)),
        ownership=ownership(owned(AREA.path, 0.9)),
    )
    found = said(past, hard(AREA.path))
    assert len(found) == 1
    named = [{finding["fingerprint"] for finding in one.evidence["findings"]} for one in found]
    assert all(
        2 * len(one & other) <= min(len(one), len(other)) for one in named for other in named if one is not other
    )


def test_no_recommendation_rests_on_a_dismissed_finding() -> None:
    past = of(fix_causes=(CAUSE,), slow_reviews=(REVIEW,))
    dismissed = found_insights(past)[0].fingerprint
    assert [one.rule.rpartition("/")[2] for one in said(past, left_out=[dismissed])] == ["faster-review"]


def test_a_week_later_the_evidence_has_not_changed_until_it_really_does() -> None:
    def told(fixes: int, sha: str, *files: HotspotFile) -> Insight:
        commit = PastCommit(sha * 40, 1_779_500_000, "Fix the preview of a wide character")
        cause = replace(
            CAUSE, fixes_year=fixes, fixes=CAUSE.fixes + fixes - 8, commits=(commit,), untested=(commit,) * 3
        )
        (one,) = said(replace(of(fix_causes=(cause,)), hotspots=hotspots(*files)))
        return one

    before, week = told(8, "c"), told(9, "f")
    assert week.fingerprint == before.fingerprint and week.evidence["receipts"] != before.evidence["receipts"]
    assert not evidence_changed(before.evidence, week.evidence)
    assert evidence_changed(before.evidence, told(13, "f").evidence)
    assert evidence_changed(before.evidence, told(9, "f", hot(CAUSE.path)).evidence)


def test_a_pair_of_the_cluster_is_a_finding_too() -> None:
    files = ("app/options.py", "docs/conf.py")
    past = replace(of(clusters=(replace(CLUSTER, files=files, fixes_year=12),)), coupling=coupling(pair(*files)))
    (one,) = said(past)
    assert [finding["rule"] for finding in one.evidence["findings"]] == [
        "repository/pattern/cluster",
        "repository/coupling",
    ]
