"""New, moved and replaced findings; secrets; and that no secret leaves with any form of the report."""

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from bot.analysis.run import measure_files, run_analyzers
from bot.analysis.security import ANALYZER
from bot.analysis.security.rules import RULES
from bot.domain.change import Report
from bot.domain.files import FileChange, Side, ToolFinding
from bot.domain.insights import Insight, Severity, Standing
from bot.report.formats import as_json
from bot.report.markdown import comment, summary
from bot.report.sarif import as_sarif
from bot.report.selection import select
from bot.report.terminal import print_report
from bot.scan.scanners import scan
from bot.text import without_spans
from tests.analysis.changes import change_of, changed, remarks, said


def finding(rule: str, line: int, side: Side = Side.HEAD, path: str = "src/app.py", tool: str = "ruff") -> ToolFinding:
    return ToolFinding(
        tool=tool, rule=rule, side=side, path=path, line=line, end_line=line, message="m",
        severity=Severity.MEDIUM, confidence=0.9,
    )  # fmt: skip


def told(file: FileChange, *scans: ToolFinding) -> list[Insight]:
    return said(ANALYZER, change_of(file, scans=scans))


def secret(path: str, line: int = 1, kind: str = "GitHub Token") -> ToolFinding:
    found = finding(kind, line, path=path, tool="secrets")
    return replace(found, message="A GitHub token", severity=Severity.CRITICAL)


def test_a_new_finding_is_a_remark_with_its_way_out() -> None:
    file = changed("src/app.py", "a = 1\n", "a = 1\nb = eval(a)\n")
    [remark] = told(file, finding("S307", 2))
    assert remark.standing is Standing.REMARK and remark.severity is Severity.HIGH
    assert remark.title == "`eval` runs a string as code: `src/app.py` line 2"
    assert "`b = eval(a)`" in remark.description
    assert "`# noqa: S307`" in remark.remedy
    assert [(place.path, place.start_line) for place in remark.locations] == [("src/app.py", 2)]


def test_zizmor_is_muted_in_its_own_words() -> None:
    path = ".github/workflows/ci.yml"
    file = changed(path, "on: push\n", "on: pull_request_target\n# ref: ${{ github.event.pull_request.head.sha }}\n")
    [remark] = told(file, finding("dangerous-triggers", 1, path=path, tool="zizmor"))
    assert "`# zizmor: ignore[dangerous-triggers]`" in remark.remedy


def test_a_privileged_trigger_without_code_of_strangers_is_a_note() -> None:
    path = ".github/workflows/label.yml"
    file = changed(path, None, "on: issue_comment\njobs: {a: {steps: [{run: gh pr edit --remove-label x}]}}\n")
    assert not remarks(told(file, finding("dangerous-triggers", 1, path=path, tool="zizmor")))


async def test_expressions_that_only_maintainers_set_are_a_note() -> None:
    path = ".github/workflows/ci.yml"
    lines = ["on: push", "jobs:", "  a:", "    runs-on: x", "    steps:"]
    file = changed(path, "on: push\n", "\n".join([*lines, "      - run: pip install ${{ env.GROUP }}", ""]))
    scans, _ = await scan([file])
    assert "template-injection" in {one.rule for one in scans}
    assert not remarks(told(file, *scans))


@pytest.mark.parametrize(
    ("value", "said", "is_remark"),
    [
        ("github.head_ref", "Text that an outsider can choose becomes part of the script", True),
        ("github.event.issue.title", "Text that an outsider can choose becomes part of the script", True),
        ("github.base_ref", "The name of a branch or a tag becomes part of the script", False),
        ("inputs.version", "Text that is chosen by who starts or calls the workflow becomes part of the script", False),
        ("github.sha", "An expression becomes part of the script", False),
    ],
)
def test_an_expression_is_a_remark_if_an_outsider_can_choose_it(value: str, said: str, is_remark: bool) -> None:
    path = ".github/workflows/ci.yml"
    file = changed(path, "on: pull_request\n", f"on: pull_request\n      - run: git diff ${{{{ {value} }}}}\n")
    [found] = told(file, finding("template-injection", 2, path=path, tool="zizmor"))
    assert found.title == f"{said}: `{path}` line 2"
    assert (found.standing is Standing.REMARK) == is_remark


def test_one_line_is_told_once_per_rule() -> None:
    file = changed("src/app.py", "", "a = eval(b) + eval(c)\n")
    assert len(told(file, finding("S307", 1), finding("S307", 1))) == 1


def test_a_finding_that_was_there_is_old_wherever_it_stands_now() -> None:
    file = changed("src/app.py", "b = eval(a)\n", "import x\n\n\nb = eval(a)\n")
    assert told(file, finding("S307", 1, Side.BASE), finding("S307", 4)) == []


def test_a_finding_moved_to_another_file_is_old() -> None:
    one = changed("src/app.py", "b = eval(a)\n", "\n")
    other = changed("src/new.py", "", "    b = eval(a)\n")
    scans = (finding("S307", 1, Side.BASE), finding("S307", 1, path="src/new.py"))
    assert said(ANALYZER, change_of(one, other, scans=scans)) == []


def test_a_copy_of_an_old_finding_is_new() -> None:
    file = changed("src/app.py", "b = eval(a)\n", "b = eval(a)\nb = eval(a)\n")
    assert len(told(file, finding("S307", 1, Side.BASE), finding("S307", 1), finding("S307", 2))) == 1


def test_a_finding_on_a_rewritten_line_is_old() -> None:
    file = changed("src/app.py", "b = eval(a)\n", "b = eval(a, {})\n")
    assert told(file, finding("S307", 1, Side.BASE), finding("S307", 1)) == []
    assert len(told(file, finding("S602", 1, Side.BASE), finding("S307", 1))) == 1


@pytest.mark.parametrize("path", ["tests/test_app.py", "examples/demo.py", "scripts/run.py", "docs/conf.py"])
def test_rehearsals_are_notes(path: str) -> None:
    insights = told(changed(path, "", "eval(a)\n"), finding("S307", 1, path=path))
    assert len(insights) == 1 and not remarks(insights)


def test_rules_outside_the_table_are_notes() -> None:
    [note] = told(changed("src/app.py", "", "assert a\n"), finding("S101", 1))
    assert note.standing is Standing.NOTE


@pytest.mark.parametrize("path", ["tests/test_app.py", "app/conftest.py", "bench/speed.py"])
def test_asserts_of_tests_are_not_told(path: str) -> None:
    assert told(changed(path, "", "assert a\n"), finding("S101", 1, path=path)) == []


def test_equal_findings_have_fingerprints_of_their_own_that_last() -> None:
    def prints(before: str, after: str, *lines: int) -> list[str]:
        return [
            one.fingerprint for one in told(changed("src/app.py", before, after), *(finding("S307", n) for n in lines))
        ]

    first = prints("", "eval(a)\neval(a)\n", 1, 2)
    assert len(set(first)) == 2
    assert first == prints("", "x = 1\n\neval(a)\neval(a)\n", 3, 4)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_of_the_table_says_something_whole(rule: str) -> None:
    entry = RULES[rule]
    assert 0 < entry.confidence <= 1
    assert not entry.title.endswith(".") and entry.remedy.endswith(".")


async def test_every_ruff_rule_of_the_table_is_known_to_ruff() -> None:
    text = "import yaml, requests\nyaml.load(a)\nrequests.get(b)\nexec(c)\neval(d)\n"
    scans, left_out = await scan([changed("src/app.py", "", text)])
    assert not left_out
    assert {"S506", "S113", "S102", "S307"} <= {one.rule for one in scans} & RULES.keys()


# Put together here, so that this file holds no text that looks like a live secret.
SECRETS = {
    "AWS Access Key": "AKIA" + "QYLPMN5HFIQR7XYA",
    "GitHub Token": "ghp_" + "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx",
}


def test_a_secret_is_a_critical_remark() -> None:
    [remark] = told(changed("src/a.js", "", "x\n"), secret("src/a.js"))
    assert (remark.rule, remark.standing, remark.severity) == ("security/secret", Standing.REMARK, Severity.CRITICAL)
    assert [(place.path, place.start_line) for place in remark.locations] == [("src/a.js", 1)]
    assert "pragma: allowlist secret" in remark.remedy


def test_a_change_adds_and_a_whole_repository_has() -> None:
    file = changed("src/app.py", None, "eval(a)\nx = 1\n")
    change = change_of(file, scans=(secret("src/app.py", 2), finding("S307", 1)))
    added, found = said(ANALYZER, change)
    assert added.title == "A GitHub token is added in `src/app.py` line 2"
    assert found.description == "New in this change: ruff rule S307 on `eval(a)`."
    whole_secret, whole_found = said(ANALYZER, replace(change, whole_repository=True))
    assert whole_secret.title == "A GitHub token is in `src/app.py` line 2"
    assert whole_found.description == "ruff rule S307 on `eval(a)`."
    assert [one.fingerprint for one in (added, found)] == [one.fingerprint for one in (whole_secret, whole_found)]


@pytest.mark.parametrize(
    "path",
    "tests/test_a.py docs/intro.md docs/setup.txt README.txt examples/server.conf a/JobSpec.groovy".split(),
)
def test_secrets_in_tests_examples_and_prose_are_notes(path: str) -> None:
    [note] = told(changed(path, "", "x\n"), secret(path))
    assert (note.standing, note.severity) == (Standing.NOTE, Severity.MEDIUM)


@pytest.mark.parametrize(
    "path",
    "requirements.txt deploy/credentials.txt CMakeLists.txt deploy/PodSpec.yaml app/JobSpec.java app/install.sh "
    ".github/workflows/ci.yml config/app.ini bench/run.py".split(),
)
def test_secrets_in_all_other_files_are_told(path: str) -> None:
    assert remarks(told(changed(path, "", "x\n"), secret(path)))


def test_secrets_of_a_kind_have_fingerprints_of_their_own_that_last() -> None:
    def prints(*lines: int) -> list[str]:
        return [one.fingerprint for one in told(changed("a.ini", "", "x\n" * 9), *(secret("a.ini", n) for n in lines))]

    assert len(set(prints(1, 2))) == 2
    assert prints(1, 2) == prints(3, 4)


def everything(report: Report) -> dict[str, str]:
    """Every form in which a report leaves."""
    screen, chosen = io.StringIO(), select(report)
    print_report(chosen, Console(file=screen, width=500))
    return {
        "summary": summary(chosen, "https://x"),
        "comment": comment(chosen, "https://x"),
        "annotations": "".join(without_spans(one.title + one.description + one.remedy) for one in report.insights),
        "json": json.dumps(as_json(chosen)),
        "sarif": json.dumps(as_sarif(chosen)),
        "terminal": screen.getvalue(),
        "python": repr(report),
    }


HARD_CODED = "Tr0ub4dor&3-horse"
LEAKY = f"""import requests
password = "{HARD_CODED}"
token = '{SECRETS["GitHub Token"]}'; eval(token)
requests.get("https://e.org", auth=("bob", "{HARD_CODED}"), verify=False)
db = connect(user="bob", password="{HARD_CODED}"); exec(db)
def login(name, password="{HARD_CODED}"): eval(name)
if secret == "{HARD_CODED}": eval("x")
query = "SELECT * FROM t WHERE password = '{HARD_CODED}' AND name = '%s'" % name
eval(x)  # {SECRETS["AWS Access Key"]}
"""


async def test_no_secret_leaves_with_any_form_of_the_report() -> None:
    from bot.analysis.registry import ANALYZERS

    workflow = (
        "on: pull_request_target\njobs:\n  a:\n    runs-on: x\n    container:\n      image: y\n      credentials:\n"
        f"        username: bob\n        password: {HARD_CODED}\n    steps:\n      - run: echo\n"
    )
    files = (
        changed("src/app.py", "import requests\n", LEAKY),
        changed(".github/workflows/ci.yml", "on: push\njobs: {}\n", workflow),
    )
    scans, left_out = await scan(files)
    assert not left_out
    insights = run_analyzers(change_of(*files, scans=scans), measure_files(change_of(*files, scans=scans), ANALYZERS))
    assert {"security/S105", "security/S307", "security/secret"} <= {one.rule for one in insights}
    report = Report(
        repository="a/b", head_sha="1" * 40, merge_base="2" * 40, engine="e", insights=tuple(insights), files_analyzed=2
    )
    for form, text in everything(report).items():
        for secret in (HARD_CODED, SECRETS["GitHub Token"], SECRETS["AWS Access Key"]):
            assert secret not in text, form
            assert secret[4:14] not in text, form


def test_a_line_without_secrets_is_quoted_whole() -> None:
    [remark] = told(changed("src/app.py", "", 'subprocess.run("ls " + name, shell=True)\n'), finding("S602", 1))
    assert remark.evidence["line"] == 'subprocess.run("ls " + name, shell=True)'
