"""What a whole repository's functions and scanners are worth saying."""

from dataclasses import replace

import pytest

from bot.analysis.functions.facts import Block, FileFunctions, FunctionFacts, TextFacts
from bot.analysis.repository.quality import quality_insights
from bot.analysis.repository.scanner_notes import MOST_REMARKS, one_note_per_rule
from bot.domain.change import RepositoryConfig
from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, Standing, fingerprint


def function(name: str, cognitive: int = 0, ccn: int = 1) -> FunctionFacts:
    return FunctionFacts(
        name=name,
        start_line=1,
        end_line=9,
        signature_end=1,
        ccn=ccn,
        cognitive=cognitive,
        nloc=9,
        parameters=1,
        nesting=1,
    )


def file(*functions: FunctionFacts) -> FileFunctions:
    after = TextFacts(functions=functions, maintainability=50.0, clean=True)
    return FileFunctions(language="Python", engine="tree-sitter", before=None, after=after)


def finding(rule: str, number: int, standing: Standing, severity: Severity = Severity.LOW) -> Insight:
    return Insight(
        type=InsightType.SECURITY,
        rule=f"security/{rule}",
        title="t",
        description="d",
        severity=severity,
        confidence=Confidence(0.5, "r"),
        standing=standing,
        locations=(Location(f"{number % 3}.py", number, number),),
        fingerprint=fingerprint(rule, str(number)),
    )


def test_the_hardest_comes_first_and_tests_are_left_alone() -> None:
    facts = {
        "a.py": file(function("mild", 25), function("worst", 90), function("fine", 3)),
        "b.py": file(function("flat", 5, ccn=40)),
        "tests/test_a.py": file(function("test_long", 99)),
    }
    said = quality_insights(facts, RepositoryConfig())
    assert [one.title for one in said[:3]] == [
        "`worst` in `a.py` is hard to follow",
        "`flat` in `b.py` has many paths",
        "`mild` in `a.py` is hard to follow",
    ]
    [whole] = [one for one in said if one.rule == "repository/functions"]
    assert (whole.evidence["functions"], whole.evidence["hard"], whole.standing) == (5, 2, Standing.NOTE)


@pytest.mark.parametrize(
    ("block", "remedy"),
    [
        (Block(3, 6, 16), "Lines 3–6 hold 53% of its cognitive complexity: extract parts of them into a function."),
        (Block(2, 9, 29), "Extract parts of it into functions of their own."),  # nearly all of its lines
        (Block(3, 6, 6), "Extract parts of it into functions of their own."),  # little of its complexity
        (None, "Extract parts of it into functions of their own."),
    ],
)
def test_a_block_is_named_only_if_it_is_a_place_to_begin(block: Block | None, remedy: str) -> None:
    facts = {"a.py": file(replace(function("worst", 30), heaviest=block))}
    assert quality_insights(facts, RepositoryConfig())[0].remedy == remedy


def test_a_file_of_many_hard_functions_is_named() -> None:
    facts = {"a.py": file(*(function(f"f{n}", 30) for n in range(3))), "b.py": file(function("g", 30))}
    [said] = [one for one in quality_insights(facts, RepositoryConfig()) if one.rule == "repository/file"]
    assert said.title == "3 of the 3 functions of `a.py` are hard to follow"


def test_nothing_is_said_of_no_functions() -> None:
    assert quality_insights({}, RepositoryConfig()) == []


def test_a_rule_that_is_only_noted_is_one_note_per_rule() -> None:
    notes = [finding("S101", number, Standing.NOTE) for number in range(500)]
    secrets = [finding("secret", number, Standing.NOTE) for number in range(2)]
    remarks = [finding("S602", 1, Standing.REMARK, Severity.HIGH)]
    said, left_out = one_note_per_rule([*notes, *secrets, *remarks])
    assert left_out == 0
    assert [one.rule for one in said] == ["security/S602", *["security/secret"] * 2, "security/S101-all"]
    assert (said[-1].title, len(said[-1].locations)) == ("`S101` fires 500 times in 3 files", 20)


def test_too_many_remarks_lose_the_mildest() -> None:
    mild = [finding("S1", number, Standing.REMARK) for number in range(MOST_REMARKS)]
    said, left_out = one_note_per_rule([*mild, finding("S2", 0, Standing.REMARK, Severity.CRITICAL)])
    assert (len(said), left_out, said[0].rule) == (MOST_REMARKS, 1, "security/S2")
