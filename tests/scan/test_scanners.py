"""The real ruff and zizmor over both ends of files, some of them hostile."""

import pytest

from bot.domain.files import FileChange, FileStatus, Side, ToolFinding
from bot.domain.insights import Severity
from bot.scan.scanners import scan
from tests.analysis.changes import changed

WORKFLOW = """on: {trigger}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo "${{{{ github.event.pull_request.title }}}}"
"""


async def found(*files: FileChange) -> list[ToolFinding]:
    findings, left_out = await scan(files)
    assert not left_out
    return list(findings)


async def test_ruff_sees_both_ends_under_the_path_at_head() -> None:
    file = changed("lib/new.py", "import x\neval(x)\n", "eval(y)\nexec(y)\n", old_path="lib/old.py")
    said = {(one.side, one.rule, one.path, one.line) for one in await found(file)}
    assert said == {
        (Side.BASE, "S307", "lib/new.py", 2),
        (Side.HEAD, "S307", "lib/new.py", 1),
        (Side.HEAD, "S102", "lib/new.py", 2),
    }


async def test_a_finding_knows_its_tool_and_where_to_read_on() -> None:
    [one] = await found(changed("a.py", None, "eval(\n    y\n)\n"))
    assert (one.tool, one.line, one.end_line) == ("ruff", 1, 3)
    assert one.url and one.url.startswith("https://docs.astral.sh/")


async def test_files_of_other_languages_and_deleted_ones_are_not_scanned() -> None:
    assert await found(changed("a.js", None, "eval(x)\n"), changed("b.py", "eval(x)\n", None)) == []


@pytest.mark.parametrize("path", [".github/workflows/ci.yml", ".github/workflows/x.yaml"])
async def test_zizmor_sees_workflows_on_both_ends(path: str) -> None:
    file = changed(path, WORKFLOW.format(trigger="push"), WORKFLOW.format(trigger="pull_request_target"))
    said = {(one.side, one.rule) for one in await found(file)}
    assert (Side.HEAD, "dangerous-triggers") in said
    assert (Side.BASE, "dangerous-triggers") not in said
    injection = [one for one in await found(file) if one.rule == "template-injection" and one.side is Side.HEAD]
    assert [(one.line, one.severity) for one in injection] == [(6, Severity.HIGH)]


async def test_yaml_elsewhere_is_no_workflow() -> None:
    assert await found(changed("config/ci.yml", None, WORKFLOW.format(trigger="pull_request_target"))) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0\0\0",
        "\ufeffeval(x)\n",
        "def broken(:\n    eval(\n",
        "x = " + "(" * 3_000 + "\n",
        "x = " + "1 + " * 30_000 + "1\n",
        "\ud800\u202e\u2028\n",
        "# ruff: noqa\n# type: ignore\n",
        "\t \t if x:\n\t\teval(x)\n   eval(y)\n",
        '"' * 10_001,
    ],
    ids=range(10),
)
async def test_hostile_python_costs_at_most_its_own_findings(text: str) -> None:
    innocent = changed("b.py", None, "exec(x)\n")
    said = await found(changed("a.py", None, text), innocent)
    assert ("b.py", "S102") in {(one.path, one.rule) for one in said}


async def test_what_only_a_broken_base_hides_is_not_new() -> None:
    assert await found(changed("a.py", "def broken(:\neval(x)\n", "eval(x)\n")) == []
    assert [one.rule for one in await found(changed("a.py", "eval(x)\n", "def broken(:\n"))] == ["S307"]


async def test_a_file_may_mute_a_rule_on_its_line() -> None:
    assert await found(changed("a.py", None, "eval(x)  # noqa: S307\n")) == []


@pytest.mark.parametrize(
    "name", ["../../evil.py", "/etc/passwd.py", "-rf.py", "--config=x.py", "a\nb.py", "pyproject.toml.py", "\u202e.py"]
)
async def test_names_never_reach_the_file_system(name: str) -> None:
    [one] = await found(changed(name, None, "eval(x)\n"))
    assert one.path == name


async def test_the_project_s_own_configuration_is_not_read() -> None:
    configuration = changed("ruff.toml", None, 'lint.select = ["E"]\nlint.ignore = ["S307"]\n')
    said = await found(configuration, changed("a.py", None, "eval(x)\n"))
    assert [one.rule for one in said] == ["S307"]


@pytest.mark.parametrize(
    "text", ["", "\0", "a: [", "&a [*a]", "on: push\n", "- 1\n", "x: &a {y: *a}\n", "{" * 2_000], ids=range(8)
)
async def test_a_hostile_workflow_leaves_ruff_s_findings_alone(text: str) -> None:
    findings, left_out = await scan(
        [changed(".github/workflows/a.yml", None, text), changed("a.py", None, "eval(x)\n")]
    )
    assert [one.rule for one in findings if one.tool == "ruff"] == ["S307"]
    assert all(one.path == "(zizmor)" for one in left_out)


async def test_one_broken_workflow_does_not_hide_another() -> None:
    good = changed(".github/workflows/b.yml", None, WORKFLOW.format(trigger="pull_request_target"))
    findings, _ = await scan([changed(".github/workflows/a.yml", None, "a: ["), good])
    assert "dangerous-triggers" in {one.rule for one in findings}


async def test_nothing_to_scan_starts_nothing() -> None:
    assert await scan([FileChange(path="a.py", status=FileStatus.MODIFIED, left_out="binary")]) == ((), ())
