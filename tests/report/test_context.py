"""The context for the reviewer: folded, in the check run only, and silent where nothing is known."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.insights import Insight, Severity, Standing
from bot.report.check import check_output
from bot.report.markdown import comment, summary
from bot.report.selection import select
from bot.text import code
from tests.report.making import HOSTILE, URL, in_code, insight, outside_code, report, selection

HEADING = "Context for the reviewer"


def note(rule: str, title: str, description: str = "It is known.", **changed: Any) -> Insight:
    """A note as an analyzer makes it; its fingerprint is its title."""
    values: dict[str, Any] = {"standing": Standing.NOTE, "path": None, "fingerprint": title, "evidence": {}}
    return insight(rule=rule, title=title, description=description, **(values | changed))


KNOWN = (
    note("ownership/reviewers", "Who knows the changed lines", "Active and familiar with these files: `Ada`, `Bob`."),
    note("similarity/past-change", "`Cache it` was a similar change and was fixed once within a week", "It is 4b23aa."),
    note("collision/same-function", "Open pull request 7 also changes `settle`", "Both change `settle` in `core.py`."),
    note("similarity/issue", "This seems to be about open issue 3, which it does not name", "The issue is `Slow`."),
    note("risk/change", "This scores as riskier than 80%", "Of 50 such 4 failed.", evidence={"probability": 0.1}),
)


def test_the_check_run_of_every_change_has_the_context_folded_and_the_comment_never() -> None:
    made = selection(*KNOWN)
    shown = check_output(made, URL).summary
    assert shown.startswith("**No remarks on 4 files.**\n\n<details><summary>Context for the reviewer</summary>\n\n")
    block = shown.partition("</summary>\n\n")[2].partition("\n\n</details>")[0]
    assert block == (
        "**Who knows this code**\n\n- Active and familiar with these files: `Ada`, `Bob`.\n\n"
        "**Similar past changes**\n\n"
        "- `Cache it` was a similar change and was fixed once within a week. It is 4b23aa.\n\n"
        "**Open pull requests and issues nearby**\n\n"
        "- Open pull request 7 also changes `settle`. Both change `settle` in `core.py`.\n"
        "- This seems to be about open issue 3, which it does not name. The issue is `Slow`.\n\n"
        "**Risk**\n\n- This scores as riskier than 80%. Of 50 such 4 failed."
    )
    assert "Ada" not in comment(made, URL)


@pytest.mark.parametrize(
    "unknown",
    [
        (),
        (note("complexity/function-grew", "It grew a little"),),
        (note("risk/change", "This change scores as riskier than 8%", evidence={"probability": None}),),
        (note("similarity/issue", "This seems to be about closed issue 3", evidence={"open": False}),),
    ],
)
def test_nothing_known_is_nothing_said(unknown: tuple[Insight, ...]) -> None:
    assert HEADING not in summary(selection(*unknown), URL)


@pytest.mark.parametrize("one", KNOWN)
def test_only_what_is_known_has_a_heading(one: Insight) -> None:
    shown = summary(selection(one), URL)
    assert shown.count(HEADING) == 1
    assert shown.count("\n**") == 1


def test_a_remark_is_not_repeated_and_a_dismissed_note_stays_away() -> None:
    remark = note("risk/change", "Riskier than 99%", standing=Standing.REMARK, evidence={"probability": 0.9})
    assert HEADING not in summary(selection(remark), URL)
    found = report(KNOWN[0])
    assert HEADING in summary(select(found), URL)
    gone = replace(found, dismissed=frozenset({KNOWN[0].fingerprint}))
    assert HEADING not in summary(select(gone), URL)


def test_only_the_first_of_many_are_shown_the_worst_of_them_first() -> None:
    many = [
        note("similarity/past-change", f"Change {number}", severity=Severity.LOW if number > 5 else Severity.INFO)
        for number in range(9)
    ]
    rows = [row for row in summary(selection(*many), URL).splitlines() if row.startswith("- ")]
    assert rows == [f"- Change {number}. It is known." for number in (6, 7, 8)]


def test_names_of_strangers_stay_names() -> None:
    plain_shape = outside_code(summary(selection(named("plain")), URL))
    for name in HOSTILE:
        shown = summary(selection(named(name)), URL)
        assert outside_code(shown) == plain_shape, name
        assert len(in_code(shown)) == 1


def named(name: str) -> Insight:
    return note("ownership/reviewers", "Who knows the changed lines", f"Active: {code(name)}.", fingerprint="f")
