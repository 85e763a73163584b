"""ruff and zizmor on the base and the head of files, some of them hostile."""

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


async def scanned(*files: FileChange) -> list[ToolFinding]:
    findings, left_out = await scan(files)
    assert not left_out
    return list(findings)


async def test_ruff_scans_base_and_head_under_the_path_at_the_head() -> None:
    file = changed("lib/new.py", "import x\neval(x)\n", "eval(y)\nexec(y)\n", old_path="lib/old.py")
    findings = {(finding.side, finding.rule, finding.path, finding.line) for finding in await scanned(file)}
    assert findings == {
        (Side.BASE, "S307", "lib/new.py", 2),
        (Side.HEAD, "S307", "lib/new.py", 1),
        (Side.HEAD, "S102", "lib/new.py", 2),
    }


async def test_a_finding_has_its_tool_lines_and_documentation_url() -> None:
    [finding] = await scanned(changed("a.py", None, "eval(\n    y\n)\n"))
    assert (finding.tool, finding.line, finding.end_line) == ("ruff", 1, 3)
    assert finding.url and finding.url.startswith("https://docs.astral.sh/")


async def test_files_of_other_languages_and_deleted_ones_are_not_scanned() -> None:
    assert await scanned(changed("a.js", None, "eval(x)\n"), changed("b.py", "eval(x)\n", None)) == []


@pytest.mark.parametrize("path", [".github/workflows/ci.yml", ".github/workflows/x.yaml"])
async def test_zizmor_scans_the_base_and_the_head_of_workflows(path: str) -> None:
    file = changed(path, WORKFLOW.format(trigger="push"), WORKFLOW.format(trigger="pull_request_target"))
    findings = {(finding.side, finding.rule) for finding in await scanned(file)}
    assert (Side.HEAD, "dangerous-triggers") in findings
    assert (Side.BASE, "dangerous-triggers") not in findings
    injection = [
        finding for finding in await scanned(file) if finding.rule == "template-injection" and finding.side is Side.HEAD
    ]
    assert [(finding.line, finding.severity) for finding in injection] == [(6, Severity.HIGH)]


async def test_other_yaml_files_are_not_scanned() -> None:
    assert await scanned(changed("config/ci.yml", None, WORKFLOW.format(trigger="pull_request_target"))) == []


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
async def test_a_hostile_python_file_affects_only_its_own_findings(text: str) -> None:
    innocent = changed("b.py", None, "exec(x)\n")
    findings = await scanned(changed("a.py", None, text), innocent)
    assert ("b.py", "S102") in {(finding.path, finding.rule) for finding in findings}


async def test_a_file_with_a_syntax_error_in_its_base_has_no_findings() -> None:
    assert await scanned(changed("a.py", "def broken(:\neval(x)\n", "eval(x)\n")) == []
    assert [finding.rule for finding in await scanned(changed("a.py", "eval(x)\n", "def broken(:\n"))] == ["S307"]


async def test_a_noqa_comment_suppresses_a_finding() -> None:
    assert await scanned(changed("a.py", None, "eval(x)  # noqa: S307\n")) == []


@pytest.mark.parametrize(
    "name", ["../../evil.py", "/etc/passwd.py", "-rf.py", "--config=x.py", "a\nb.py", "pyproject.toml.py", "\u202e.py"]
)
async def test_file_names_of_the_repository_are_not_used(name: str) -> None:
    [finding] = await scanned(changed(name, None, "eval(x)\n"))
    assert finding.path == name


async def test_the_configuration_of_the_project_is_ignored() -> None:
    configuration = changed("ruff.toml", None, 'lint.select = ["E"]\nlint.ignore = ["S307"]\n')
    findings = await scanned(configuration, changed("a.py", None, "eval(x)\n"))
    assert [finding.rule for finding in findings] == ["S307"]


@pytest.mark.parametrize(
    "text", ["", "\0", "a: [", "&a [*a]", "on: push\n", "- 1\n", "x: &a {y: *a}\n", "{" * 2_000], ids=range(8)
)
async def test_a_hostile_workflow_does_not_affect_ruffs_findings(text: str) -> None:
    findings, left_out = await scan(
        [changed(".github/workflows/a.yml", None, text), changed("a.py", None, "eval(x)\n")]
    )
    assert [finding.rule for finding in findings if finding.tool == "ruff"] == ["S307"]
    assert all(finding.path == "(zizmor)" for finding in left_out)


async def test_a_broken_workflow_does_not_affect_another() -> None:
    good = changed(".github/workflows/b.yml", None, WORKFLOW.format(trigger="pull_request_target"))
    findings, _ = await scan([changed(".github/workflows/a.yml", None, "a: ["), good])
    assert "dangerous-triggers" in {finding.rule for finding in findings}


async def test_files_without_text_are_not_scanned() -> None:
    assert await scan([FileChange(path="a.py", status=FileStatus.MODIFIED, left_out="binary")]) == ((), ())


ACTION = """name: x
inputs:
  title: {description: x}
runs:
  using: composite
  steps:
    - run: echo "${{ inputs.title }}"
      shell: bash
"""


async def test_composite_actions_are_scanned_wherever_they_are() -> None:
    paths = ["action.yml", "action.yaml", ".github/actions/build/action.yml", "tools/a b/action.yaml"]
    findings = await scanned(*(changed(path, None, ACTION) for path in paths))
    injections = {(finding.path, finding.line) for finding in findings if finding.rule == "template-injection"}
    assert injections == {(path, 7) for path in paths}


async def test_a_workflow_and_an_action_are_told_apart_by_their_folder() -> None:
    dangerous = WORKFLOW.format(trigger="pull_request_target")
    workflow = changed(".github/workflows/action.yml", None, dangerous)
    elsewhere = [changed(f"{path}.yml", None, dangerous) for path in ("a/.github/workflows/ci", "reaction", "action")]
    findings = await scanned(workflow, *elsewhere, changed(".github/workflows/sub/ci.yml", None, dangerous))
    assert {finding.path for finding in findings} == {workflow.path}
