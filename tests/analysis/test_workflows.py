"""Findings in workflows that are worth a remark: secrets given away, permissions of all jobs, missing pins."""

from dataclasses import replace

import pytest

from bot.analysis.security import ANALYZER
from bot.analysis.security.workflows import adds_unpinned
from bot.domain.files import Side, ToolFinding
from bot.domain.insights import Insight, Severity, Standing
from bot.domain.tree import Mention, Tree
from tests.analysis.changes import change_of, changed, said

PATH = ".github/workflows/ci.yml"
PIN = "a" * 40


def told(rule: str, text: str, line: int, *, uses: tuple[str, ...] = (), owner: str = "a") -> Insight:
    """What is said of one finding in a new workflow."""
    finding = ToolFinding(
        tool="zizmor", rule=rule, side=Side.HEAD, path=PATH, line=line, end_line=line, message="m",
        severity=Severity.HIGH, confidence=0.9,
    )  # fmt: skip
    change = change_of(changed(PATH, "x\n", text), scans=(finding,))
    tree = Tree(uses=tuple(Mention(".github/workflows/other.yml", number, use) for number, use in enumerate(uses)))
    [insight] = said(ANALYZER, replace(change, repository=f"{owner}/b", tree=tree))
    return insight


@pytest.mark.parametrize(
    ("called", "severity"),
    [
        ("stranger/ci/.github/workflows/x.yml@v6", Severity.MEDIUM),
        (f"stranger/ci/.github/workflows/x.yml@{PIN}", Severity.LOW),
        ("a/ci/.github/workflows/x.yml@v6", Severity.LOW),
        (f"a/ci/.github/workflows/x.yml@{PIN}", None),
        ("./.github/workflows/x.yml", None),
    ],
)
def test_secrets_are_given_to_others_or_to_what_can_be_replaced(called: str, severity: Severity | None) -> None:
    insight = told("secrets-inherit", f"jobs:\n  a:\n    uses: {called}\n    secrets: inherit\n", 3)
    assert (insight.standing is Standing.REMARK) == (severity is not None)
    if severity:
        assert insight.severity is severity
        assert insight.title.startswith(f"Every secret of this repository is given to `{called}`")


JOBS = "jobs:\n  build:\n    runs-on: a\n    permissions:\n      contents: write\n  release:\n    runs-on: a\n"


@pytest.mark.parametrize(
    ("text", "line", "is_said"),
    [
        (f"on: push\npermissions:\n  contents: read\n  id-token: write\n{JOBS}", 4, True),
        (f"on: push\npermissions: write-all\n{JOBS}", 2, True),
        (f"on: push\npermissions: read-all\n{JOBS}", 2, False),
        (f"on: push\npermissions:\n  contents: write\n{JOBS.partition('  release')[0]}", 3, False),
        (f"on: push\n{JOBS}", 6, False),
        (f"on: push\n{JOBS}", 1, False),
    ],
    ids=["workflow", "all", "read", "one job", "of a job", "none is given"],
)
def test_a_write_permission_of_all_jobs(text: str, line: int, is_said: bool) -> None:
    insight = told("excessive-permissions", text, line)
    assert (insight.standing is Standing.REMARK) == is_said
    assert not is_said or insight.title.startswith("All 2 jobs of this workflow get")


OTHERS = tuple(f"      - uses: o{n}/tool@{PIN} # v1" for n in range(3))
OFFICIAL = ("      - uses: actions/checkout@v5", "      - uses: actions/cache@v4")


@pytest.mark.parametrize(
    ("use", "uses", "is_said"),
    [
        ("new/tool@v1", OTHERS, True),
        ("new/tool@v1", OTHERS + OFFICIAL, True),
        ("new/tool@v1", OTHERS[:2], False),
        ("new/tool@v1", (*OTHERS, "      - uses: x/y@main"), False),
        ("actions/setup-go@v5", OTHERS + OFFICIAL, False),
        ("actions/setup-go@v5", OTHERS, False),
        ("a/tool@v1", OTHERS, False),
        ("slsa-framework/slsa-github-generator/.github/workflows/x.yml@v2", OTHERS, False),
    ],
)
def test_an_action_that_is_not_pinned_among_pinned_ones(use: str, uses: tuple[str, ...], is_said: bool) -> None:
    insight = told("unpinned-uses", f"jobs:\n  a:\n    steps:\n      - uses: {use}\n", 4, uses=uses)
    assert (insight.standing is Standing.REMARK) == is_said
    assert not is_said or insight.title.startswith(f"`{use}` is not pinned; the 3 other uses of actions of others here")


def test_a_permission_that_was_there_is_not_told_of_a_new_job() -> None:
    text = f"permissions:\n  contents: write\n{JOBS.partition('  release')[0]}"
    finding = ToolFinding(
        tool="zizmor", rule="excessive-permissions", side=Side.HEAD, path=PATH, line=2, end_line=2, message="m",
        severity=Severity.HIGH, confidence=0.9,
    )  # fmt: skip
    file = changed(PATH, text, f"{text}  release:\n    runs-on: a\n")
    assert [one.standing for one in said(ANALYZER, change_of(file, scans=(finding,)))] == [Standing.NOTE]


def test_secrets_that_a_call_gets_later_are_told() -> None:
    text = "jobs:\n  a:\n    uses: stranger/ci/.github/workflows/x.yml@v6\n"
    finding = ToolFinding(
        tool="zizmor", rule="secrets-inherit", side=Side.HEAD, path=PATH, line=3, end_line=3, message="m",
        severity=Severity.MEDIUM, confidence=0.9,
    )  # fmt: skip
    file = changed(PATH, text, f"{text}    secrets: inherit\n")
    assert [one.standing for one in said(ANALYZER, change_of(file, scans=(finding,)))] == [Standing.REMARK]


@pytest.mark.parametrize(
    ("below", "line"),
    [
        ("    uses: o/ci/.github/workflows/x.yml@v6\n    with:\n      a: b\n    secrets: inherit\n", 6),
        ("    secrets: inherit\n    uses: o/ci/.github/workflows/x.yml@v6\n", 3),
    ],
)
def test_the_line_that_gives_the_secrets_is_shown(below: str, line: int) -> None:
    text = f"jobs:\n  a:\n{below}  b:\n    secrets: inherit\n"
    call = text.split("\n").index("    uses: o/ci/.github/workflows/x.yml@v6") + 1
    insight = told("secrets-inherit", text, call)
    assert insight.locations[0].start_line == line
    assert insight.title.endswith(f"line {line}")


def test_the_whole_repository_is_not_told_of_what_it_has() -> None:
    text = f"permissions: write-all\n{JOBS}"
    finding = ToolFinding(
        tool="zizmor", rule="excessive-permissions", side=Side.HEAD, path=PATH, line=1, end_line=1, message="m",
        severity=Severity.HIGH, confidence=0.9,
    )  # fmt: skip
    change = replace(change_of(changed(PATH, None, text), scans=(finding,)), whole_repository=True)
    assert [one.standing for one in said(ANALYZER, change)] == [Standing.NOTE]


def test_other_workflows_are_read_only_for_a_new_use_that_is_not_pinned() -> None:
    assert adds_unpinned([changed(PATH, "a:\n", "a:\n  - uses: new/tool@v1\n")])
    assert not adds_unpinned([changed(PATH, "a:\n", f"a:\n  - uses: new/tool@{PIN}\n")])
    assert not adds_unpinned([changed("docs/ci.yml", "a:\n", "a:\n  - uses: new/tool@v1\n")])
    assert not adds_unpinned([changed(PATH, "  - uses: old/tool@v1\na:\n", "  - uses: old/tool@v1\nb:\n")])
