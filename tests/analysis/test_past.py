"""What a change does to earlier work: pure cases of undone fixes, re-landed reverts and cleared findings."""

from dataclasses import replace
from typing import Any

import pytest

from bot.analysis.past import cleared_before, relanded, undone_fix
from bot.analysis.past.lines import tells
from bot.domain.earlier import Earlier, EarlierCommit, EarlierFile
from bot.domain.files import FileChange, Side, ToolFinding
from bot.domain.history import PastCommit
from bot.domain.insights import Insight, Severity, Standing
from tests.analysis.changes import NOW, change_of, changed, history_of, remarks, said

SHA = "f" * 40
OLD = ["    for entry in read_entries(path):", "        total += entry.size"]
FIXED = ["    for entry in read_entries(path) if path.exists() else []:", "        total += max(0, entry.size)"]
START = ["def total_size(path):", "    total = 0"]
END = ["    return total", "", "", "def name_of(path):", "    return path.name.lower()", ""]
TEST = ["def test_missing_folder():", "    missing = folder / 'none'", "    assert total_size(missing) == 0", ""]


def text(*parts: list[str]) -> str:
    return "\n".join(line for part in parts for line in part)


def fix(*files: EarlierFile, **facts: Any) -> EarlierCommit:
    given: dict[str, Any] = {"subject": "Fix the size of a missing folder (#41)", "is_fix": True, "issues": (40,)}
    return EarlierCommit(sha=SHA, when=NOW, files=files, **given | facts)


CODE = EarlierFile(path="app/size.py", added=tuple(FIXED), deleted=tuple(OLD))
TESTED = EarlierFile(path="tests/test_size.py", added=tuple(TEST))


def undone(*files: FileChange, commit: EarlierCommit | None = None, message: str = "") -> list[Insight]:
    earlier = Earlier((commit or fix(CODE, TESTED),), message)
    return said(undone_fix.ANALYZER, replace(change_of(*files), earlier=earlier))


def size(lines: list[str], *, before: list[str] = FIXED) -> FileChange:
    return changed("app/size.py", text(START, before, END), text(START, lines, END))


def test_what_a_fix_replaced_comes_back() -> None:
    [found] = undone(size(OLD))
    assert (found.rule, found.standing, found.severity) == ("history/undone-fix", Standing.REMARK, Severity.MEDIUM)
    assert found.title == "This brings back what a fix had replaced: `Fix the size of a missing folder (#41)`"
    assert found.description == (
        "2 of the 2 lines of code that it brought are gone from `app/size.py`, for example "
        "`for entry in read_entries(path) if path.exists() else []:`; `for entry in read_entries(path):`, which it had "
        "removed, is back. The fix is ffffffffff of 2023-11-14, `Fix the size of a missing folder (#41)`, for issue 40."
    )
    assert [(one.path, one.start_line) for one in found.locations] == [("app/size.py", 3)]
    assert found.evidence["way"] == "restored"


def test_deleted_lines_of_a_fix_are_named() -> None:
    guard = ["    if not path.exists():", "        return Sizes.missing(path)"]
    commit = fix(EarlierFile(path="app/size.py", added=tuple(guard)))
    [found] = undone(size(OLD, before=[*guard, *OLD]), commit=commit)
    assert (found.evidence["way"], found.standing) == ("deleted", Standing.REMARK)
    # The file does something else instead, elsewhere.
    after = text(START, OLD, END, ["def exists(path):", "    return path.exists() or path.is_link()", ""])
    [found] = undone(changed("app/size.py", text(START, guard, OLD, END), after), commit=commit)
    assert (found.evidence["way"], found.standing) == ("part", Standing.NOTE)


def test_a_deleted_test_of_a_fix_is_named_while_its_code_stays() -> None:
    other = ["def test_other():", "    assert name_of(file) == 'b'", ""]
    gone = changed("tests/test_size.py", text(TEST, other), text(other))
    [found] = undone(gone)
    assert (found.evidence["way"], found.standing, found.severity) == ("test", Standing.REMARK, Severity.LOW)
    assert found.title == "This deletes the test of a fix: `Fix the size of a missing folder (#41)`"
    # The code that it tests goes too.
    assert undone(gone, changed("app/other.py", "def other():\n    return 1\n", None)) == []
    # The code of the fix changes, so that its test may be of no use.
    altered = [FIXED[0], "        total += max(1, entry.size)"]
    assert undone(gone, size(altered)) == []
    # A test that moves to another file is not deleted.
    assert undone(gone, changed("tests/test_missing.py", None, text(TEST))) == []


@pytest.mark.parametrize(
    "lines",
    [
        [f"    {line}" for line in FIXED],
        ["    for entry in (", "        read_entries(path) if path.exists() else []", "    ):", FIXED[1] + ","],
        [FIXED[0].replace("entry in", "one in"), "        total += max(0, one.size)"],
    ],
    ids=["indented", "wrapped", "renamed"],
)
def test_lines_that_only_change_their_look_are_not_undone(lines: list[str]) -> None:
    assert undone(size(lines)) == []


def test_moved_lines_and_whole_functions_are_not_undone() -> None:
    gone = changed("app/size.py", text(START, FIXED, END), text(END[3:]))
    assert undone(gone) == []
    moved = changed("app/total.py", None, text(START, FIXED, END))
    assert undone(changed("app/size.py", text(START, FIXED, END), text(START, END)), moved) == []
    assert undone(changed("app/size.py", text(START, FIXED, END), None)) == []


def test_one_line_among_others_is_not_undone() -> None:
    commit = fix(EarlierFile(path="app/size.py", added=(FIXED[0],), deleted=(OLD[0],)))
    before, after = [FIXED[0], OLD[1]], [OLD[0], "        total += weigh(entry, unit=1024)"]
    assert undone(size(after, before=before), commit=commit) == []
    # Alone, it is the reverse of the fix.
    assert len(remarks(undone(size([OLD[0], OLD[1]], before=before), commit=commit))) == 1


@pytest.mark.parametrize("message", ["Follow-up of #41", "Closes https://github.com/a/b/issues/40", f"See {SHA[:9]}"])
def test_a_follow_up_that_names_the_fix_hears_nothing(message: str) -> None:
    assert undone(size(OLD), message=message) == []


def test_a_revert_that_says_so_and_the_own_fix_are_notes() -> None:
    [revert] = undone(size(OLD), message='Revert "Fix the size of a missing folder (#41)"')
    [own] = undone(size(OLD), commit=fix(CODE, same_author=True))
    assert (revert.standing, own.standing) == (Standing.NOTE, Standing.NOTE)


def test_text_of_strangers_stays_in_code_spans() -> None:
    commit = fix(CODE, subject="Fix `<img src=x>` @admin")
    [found] = undone(size(OLD), commit=commit)
    assert "``Fix `<img src=x>` @admin``" in found.description


FEATURE = [f"    register(handler_{number}, priority={number})" for number in range(5)]
REVERT = EarlierCommit(
    sha=SHA,
    when=NOW - 86_400,
    subject='Revert "Register handlers early (#7)"',
    body="It broke start-up on Windows.",
    is_revert=True,
    reverts=(PastCommit("a" * 40, NOW - 200_000, "Register handlers early (#7)"),),
    files=(
        EarlierFile(path="app/start.py", deleted=tuple(FEATURE)),
        EarlierFile(path="app/stop.py", deleted=("    unregister(every_handler)",)),
    ),
)


def landed(lines: list[str], title: str = "", message: str = "", commit: EarlierCommit = REVERT) -> list[Insight]:
    file = changed("app/start.py", "def start():\n    stop()\n", text(["def start():", *lines, "    stop()"]))
    change = change_of(file, title=title, history=history_of())
    return said(relanded.ANALYZER, replace(change, earlier=Earlier((commit,), f"{title}\n{message}")))


def test_what_was_reverted_and_comes_back_is_told_with_why_and_what_differs() -> None:
    [found] = landed([*FEATURE, "    warn_on_windows(app)"])
    assert (found.rule, found.standing, found.severity) == ("history/relanded", Standing.REMARK, Severity.MEDIUM)
    assert found.title == "This brings back what was reverted on 2023-11-13: `Register handlers early (#7)`"
    assert found.description == (
        "5 of the 6 changed lines that the revert took back are here again, beside 1 other line. Nothing comes back of "
        '`app/stop.py`. The revert is ffffffffff of 2023-11-13, `Revert "Register handlers early (#7)"`, which says: '
        "`It broke start-up on Windows.`."
    )
    assert [(one.path, one.start_line, one.end_line) for one in found.locations] == [("app/start.py", 2, 6)]
    assert found.remedy == (
        "Check the reason that the revert gives against the lines that differ, and say in the description how they "
        "answer it."
    )
    same = replace(REVERT, body="", files=REVERT.files[:1])
    [found] = landed(FEATURE, commit=same)
    assert found.remedy == (
        "Check why ffffffffff reverted it: nothing differs from what was reverted. Say in the description why it may "
        "come back."
    )


def test_a_squashed_branch_that_lists_a_revert_of_its_own_is_none() -> None:
    """Forge squashed a branch whose body quotes "Revert …" of a commit that never was on the default branch."""
    squashed = replace(REVERT, subject="build: harden the CI (#4028)", reverts=())
    assert landed(FEATURE, commit=squashed) == []
    assert landed(FEATURE, commit=replace(squashed, reverts=REVERT.reverts)) != []


@pytest.mark.parametrize(
    ("title", "message", "standing", "severity"),
    [
        ("Reland handlers", "", Standing.NOTE, Severity.LOW),
        ("Register handlers early again", "", Standing.NOTE, Severity.LOW),
        ("Second try, see #7", "", Standing.NOTE, Severity.LOW),
        ("Restore the handlers", "", Standing.NOTE, Severity.LOW),
        ("Handlers", "Re-applies #7, reverted in #8.", Standing.NOTE, Severity.LOW),
        ("Handlers", "This reverts commit ffffffff.", Standing.NOTE, Severity.LOW),
        ("Handlers", "See https://github.com/a/b/pull/7", Standing.NOTE, Severity.LOW),
        ("Register more handlers, see #70", "Try it again.", Standing.REMARK, Severity.MEDIUM),
    ],
)
def test_a_change_that_says_that_it_comes_back(
    title: str, message: str, standing: Standing, severity: Severity
) -> None:
    [found] = landed(FEATURE, title, message)
    assert (found.standing, found.severity) == (standing, severity)
    assert bool(found.remedy) == (severity is Severity.MEDIUM)


def test_a_part_of_what_was_reverted_is_not_the_change() -> None:
    assert landed(FEATURE[:3]) == []
    assert landed([f"    other(thing_{number}, value={number})" for number in range(9)]) == []


def test_a_removal_that_was_reverted_and_comes_back_is_found() -> None:
    commit = replace(REVERT, files=(EarlierFile(path="app/start.py", added=tuple(FEATURE)),))
    file = changed("app/start.py", text(["def start():", *FEATURE, ""]), "def start():\n")
    change = replace(change_of(file), earlier=Earlier((commit,)))
    assert [one.evidence["lines_back"] for one in said(relanded.ANALYZER, change)] == [5]


WORKFLOW = ".github/workflows/release.yml"
RUN = '        run: ./release "${{ inputs.version }}"'
HARDENED = EarlierCommit(
    sha=SHA,
    when=NOW,
    subject="Pass the version as a variable",
    is_clearing=True,
    files=(
        EarlierFile(
            path=WORKFLOW,
            deleted=('        run: ./publish --tag="${{inputs.version}}"',),
            added=(
                "        env:",
                "          VERSION: ${{ inputs.version }}",
                '        run: ./publish --tag="$VERSION"',
            ),
        ),
    ),
)


def finding(rule: str, path: str, line: int, tool: str = "ruff") -> ToolFinding:
    return ToolFinding(
        tool=tool,
        rule=rule,
        side=Side.HEAD,
        path=path,
        line=line,
        end_line=line,
        message="",
        severity=Severity.LOW,
        confidence=0.9,
    )


def cleared(file: FileChange, commit: EarlierCommit, *scans: ToolFinding, message: str = "") -> list[Insight]:
    change = replace(change_of(file, scans=scans), earlier=Earlier((commit,), message))
    return said(cleared_before.ANALYZER, change)


def test_an_expression_that_was_taken_out_of_a_script_comes_back() -> None:
    file = changed(WORKFLOW, "jobs:\n", f"jobs:\n{RUN}\n")
    scan = finding("template-injection", WORKFLOW, 2, "zizmor")
    [found] = cleared(file, HARDENED, scan)
    assert (found.rule, found.standing, found.severity) == ("history/cleared-before", Standing.REMARK, Severity.MEDIUM)
    assert found.title == f"`{WORKFLOW}` has again what an earlier fix took out of it"
    assert found.description.startswith("The same is back: `${{ inputs.version }}`. ")
    assert found.locations[0].start_line == 2
    # Another expression, where the fix passed one on as a variable.
    other = changed(WORKFLOW, "jobs:\n", "jobs:\n        run: ./release ${{ github.head_ref }}\n")
    assert cleared(other, HARDENED, scan) == []
    # Not gone: another script of the file still had it.
    kept = changed(WORKFLOW, f"jobs:\n{RUN}\n", f"jobs:\n{RUN}\n# again\n{RUN}\n")
    assert cleared(kept, HARDENED, finding("template-injection", WORKFLOW, 4, "zizmor")) == []
    # Another file, an expression that was only moved, and one that was no text.
    assert cleared(file, replace(HARDENED, files=(replace(HARDENED.files[0], path="a.yml"),)), scan) == []
    moved = replace(HARDENED.files[0], added=(f"    {RUN}",))
    assert cleared(file, replace(HARDENED, files=(moved,)), scan) == []
    as_value = replace(HARDENED.files[0], deleted=("          VERSION: ${{ inputs.version }}",), added=())
    assert cleared(file, replace(HARDENED, files=(as_value,)), scan) == []


def of_expression(expression: str) -> EarlierCommit:
    """A fix that passes an expression on as a variable."""
    file = EarlierFile(
        path=WORKFLOW,
        deleted=(f"        run: ./publish ${{{{ {expression} }}}}",),
        added=("        env:", f"          VALUE: ${{{{ {expression} }}}}", '        run: ./publish "$VALUE"'),
    )
    return replace(HARDENED, files=(file,))


def test_an_expression_is_judged_by_who_chooses_its_value() -> None:
    base = "env:\n  IMAGE: ${{ github.repository }}\njobs:\n"
    scan = finding("template-injection", WORKFLOW, 4, "zizmor")

    def back(expression: str) -> list[Insight]:
        file = changed(WORKFLOW, base, f"{base}        run: ./publish '${{{{ {expression} }}}}'\n")
        return cleared(file, of_expression(expression), scan)

    for nobody in ("env.IMAGE", "github.repository", "steps.build.outputs.digest", "secrets.TOKEN", "github.run_id"):
        assert back(nobody) == []
    [free] = back("github.event.issue.title")
    assert ". Text that an outsider can choose becomes part of the script (zizmor" in free.description
    [unknown] = back("steps.read.outputs.notes")
    assert (unknown.standing, free.standing) == (Standing.NOTE, Standing.REMARK)
    assert "who chooses it is not known" in unknown.description


def test_the_advice_is_not_what_the_change_takes_out() -> None:
    scan = finding("template-injection", WORKFLOW, 2, "zizmor")
    commit = of_expression("github.head_ref")
    wrapped = "jobs:\n        env:\n          VALUE: ${{ github.head_ref }}\n        run: ./publish '$VALUE'\n"
    file = changed(WORKFLOW, wrapped, "jobs:\n        run: ./publish '${{ github.head_ref }}'\n")
    [found] = cleared(file, commit, scan)
    assert found.remedy.startswith("Keep the variable of `env:`, in double quotes")
    [other] = cleared(changed(WORKFLOW, "jobs:\n", file.after or ""), commit, scan)
    assert other.remedy == "Put the expression into `env:` and use the variable."


def test_a_call_that_security_work_took_out_comes_back() -> None:
    file = changed("app/run.py", "import subprocess\n", "import subprocess\nrun(command, shell=True)\n")
    earlier = EarlierFile(
        path="app/run.py", deleted=("    subprocess.run(line, shell=True)",), added=("    subprocess.run(parts)",)
    )
    commit = replace(HARDENED, subject="Harden the runner against shell injection", files=(earlier,))
    [found] = cleared(file, commit, finding("S602", "app/run.py", 2))
    assert found.title == "`app/run.py` has again what an earlier fix took out of it"
    assert found.description.startswith("It is back in another form: `shell=True`. ")
    # It was not gone, or another call of the rule comes.
    still = changed("app/run.py", "other(shell = True)\n", "other(shell = True)\nrun(command, shell=True)\n")
    assert cleared(still, commit, finding("S602", "app/run.py", 2)) == []
    loads = EarlierFile(path="app/run.py", deleted=("pickle.loads(data)",), added=("json.loads(data)",))
    dill = changed("app/run.py", "import dill\n", "import dill\ndill.load(file)\n")
    assert cleared(dill, replace(commit, files=(loads,)), finding("S301", "app/run.py", 2)) == []
    # Tests may do what production code should not.
    digest = EarlierFile(path="tests/test_run.py", deleted=("x = hashlib.md5(a)",), added=("x = make(a)",))
    test = changed("tests/test_run.py", "import hashlib\n", "import hashlib\nprint(hashlib.md5(b))\n")
    [note] = cleared(test, replace(commit, files=(digest,)), finding("S324", "tests/test_run.py", 2))
    assert note.standing is Standing.NOTE
    # A commit that is not about security deletes such lines for other reasons.
    assert cleared(file, replace(commit, subject="Fix a typo"), finding("S602", "app/run.py", 2)) == []


def manifest(before: str, after: str) -> FileChange:
    return changed("requirements.txt", before, after)


def of_manifest(subject: str, deleted: tuple[str, ...], added: tuple[str, ...] = ()) -> EarlierCommit:
    file = EarlierFile(path="requirements.txt", deleted=deleted, added=added)
    return replace(HARDENED, subject=subject, files=(file,))


def test_a_dependency_that_was_taken_out_or_raised_for_security_comes_back() -> None:
    out = of_manifest("Remove vulnerable pyfoo", ("pyfoo==1.0",))
    [found] = cleared(manifest("a==1\n", "a==1\npyfoo==1.1\n"), out)
    assert found.title == "`pyfoo` was taken out of `requirements.txt` by an earlier fix and is back"
    assert found.standing is Standing.REMARK
    raised = of_manifest("Bump pyfoo for CVE-2024-12345", ("pyfoo==1.0",), ("pyfoo==1.4.2",))
    [found] = cleared(manifest("pyfoo==1.10\n", "pyfoo==1.4\n"), raised)
    assert found.title == "`pyfoo` in `requirements.txt` falls below `1.4.2`, to which an earlier fix raised it"
    # Still above what the fix asked for; another package with a similar name.
    assert cleared(manifest("pyfoo==1.10\n", "pyfoo==1.5\n"), raised) == []
    assert cleared(manifest("a==1\n", "a==1\npyfoo-extra==1.1\n"), out) == []
    [note] = cleared(manifest("a==1\n", "a==1\npyfoo==1.1\n"), of_manifest("Fix start without pyfoo", ("pyfoo==1.0",)))
    assert note.severity is Severity.LOW


@pytest.mark.parametrize(
    ("path", "line", "telling"),
    [
        ("a.py", "    if value is None and not self.closed:", True),
        ("a.go", "\tif err != nil && !errors.Is(err, io.EOF) {", True),
        ("a.rs", '#[cfg(all(windows, feature = "net"))]', True),
        ("a.ts", "  const result = await load(id, { retry: true })", True),
        ("a.yml", "    timeout-minutes: ${{ inputs.minutes }}", True),
        ("a.py", "        total = sum(one.size for one in entries if one not in skipped)", True),
        ("a.c", "    unsigned long long int total = sizes[index];", True),
        ("a.py", "    # if value is None and not self.closed:", False),
        ("a.py", "    The default value (of the option) is read lazily here.", False),
        ("a.py", "        On Windows the prompt is written by :func:`echo` for", False),
        ("a.py", "    than in :meth:`__init__`) to prevent ``flag_value`` (see", False),
        ("a.py", "from app.core import Thing, Other", False),
        ("a.py", "__version__ = '1.2.3'", False),
        ("a.go", "\treturn err", False),
        ("a.js", "    });", False),
    ],
)
def test_telling_lines(path: str, line: str, telling: bool) -> None:
    assert tells(path, line) is telling
