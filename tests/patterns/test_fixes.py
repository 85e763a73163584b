"""Patterns of repairs: what is planted is found, what is chance is not."""

import random
from dataclasses import replace

import pytest
from scipy.stats import hypergeom

from bot.domain.fix_patterns import FixCause
from bot.domain.past import Past
from bot.domain.patch_details import PatchDetails
from bot.domain.periods import YEAR
from bot.insights.findings import Findings
from bot.insights.recommendations import best_advice
from bot.insights.whole import found_insights
from bot.patterns.fix_causes import fix_causes
from bot.patterns.fixed_functions import fixed_functions
from bot.patterns.fixes import Fixes, fixes_of, most_hits, tarone, title_words
from bot.patterns.headings import function_name
from bot.patterns.patterns import patterns
from bot.patterns.selection import work_of
from bot.patterns.test_repairs import ci_run, flaky_tests, pipeline_repairs
from bot.patterns.untested_fixes import untested_fixes
from tests.patterns.projects import WORDS, Made, noise

FIX = {"kind": "fix", "is_fix": True}
FIXED = ("Draw", "Fix")


def fixes_in(made: Made, details: PatchDetails | None = None) -> Fixes:
    return fixes_of(work_of(made.project, made.changed), made.changed, details or PatchDetails())


def causes_of(made: Made, details: PatchDetails | None = None) -> tuple[FixCause, ...]:
    return fix_causes(fixes_in(made, details), made.changed)


def screen(fixed: int = 18, named: int = 20, *, title: str = "Fix the preview in place") -> Made:
    """A file with 80 changes, of which one in four is a fix; of those with this title, more."""
    made = Made()
    file = made.file("app/screen.py", 900)
    for number in range(60):
        made.change(
            [file], number * 11, subject=f"{FIXED[number % 4 == 0]} {WORDS[number]}", **(FIX if number % 4 == 0 else {})
        )
    for number in range(named):
        made.change([file], number * 20 + 1, subject=f"{title} {number}", **(FIX if number < fixed else {}))
    return made


def test_what_fixes_name_and_other_changes_do_not_is_a_cause() -> None:
    (one,) = causes_of(screen())
    assert (one.path, one.words, one.fixes, one.changes) == ("app/screen.py", ("place", "preview"), 18, 20)
    assert (one.rest_fixes, one.rest_changes, one.tested, one.fixes_year) == (15, 60, 0, 18)
    assert len(one.commits) == 18 and len(one.others) == 2 and one.commits[0].when > one.commits[-1].when


@pytest.mark.parametrize(
    ("title", "is_fix"),
    [
        ("Fix the preview", True),
        ("fix(preview): reject a pattern", True),
        ("Avoid a crash of the preview", True),
        ("Correct a regression", True),
        ("修复预览", True),
        ("Avoid a full redraw", False),  # the words of the issue call it a fix, its title does not
        ("Disallow dragging the wrong side", False),
        ("Fix comments", False),
        ("Fix type hints of the client", False),
        ("Fix slow startup (performance)", False),
        ("fix: refactor the reader", False),
    ],
)
def test_a_fix_says_so_in_its_title_and_is_about_behaviour(title: str, is_fix: bool) -> None:
    made = Made()
    made.change([made.file("app/a.py")], 10, subject=title, **FIX)
    made.change([made.file("app/b.py")], 9, subject=title)
    made.change([made.file("app/c.py")], 8, subject=f'Revert "{title}"', kind="revert", is_fix=True)
    fixes = fixes_in(made)
    assert [fixes.is_fix(place) for place in range(3)] == [is_fix, False, False]


def test_the_tests_that_change_with_a_file_are_known_and_merges_have_their_number() -> None:
    made = Made()
    code, test, data = made.file("app/a.py"), made.file("tests/test_a.py"), made.file("tests/data/a.json")
    for number in range(4):
        made.change([code, test, data], 50 - number * 10, subject="Draw")
    made.change([code], 5, subject="Fix it", pull=12, **FIX)
    made.change([code], 4, subject="Fix it (#13)", pull=13, **FIX)
    fixes = fixes_in(made)
    assert [part.name for part in fixes.tests_of([4, 5], "app/a.py")] == ["tests/test_a.py"]
    assert [commit.subject for commit in fixes.commits([4, 5])] == ["Fix it (#13)", "Fix it (#12)"]


def test_a_part_of_the_program_that_changes_often_is_no_cause() -> None:
    assert causes_of(screen(6)) == ()


@pytest.mark.parametrize(
    "title", ["Correct a missing regression", "Prevent a crash", "Revert: handle failure properly"]
)
def test_words_that_make_a_title_the_title_of_a_fix_are_no_cause(title: str) -> None:
    assert causes_of(screen(title=title)) == ()


def test_causes_name_functions_untested_fixes_and_what_was_repaired_soon() -> None:
    made = screen()
    test = made.file("tests/test_screen.py")
    fixed = [change for change in made.changes if "preview" in change.subject and change.is_fix]
    made.by_change[fixed[0].sha] = (*made.by_change[fixed[0].sha], test)
    functions = {(change.sha, "app/screen.py"): ("Screen.draw",) for change in fixed[:7]}
    # The change before it, 20 days earlier, and one of a year ago.
    repaired = {
        fixed[0].sha: ((fixed[1].sha, "app/screen.py"), (fixed[17].sha, "app/screen.py")),
        fixed[3].sha: ((fixed[4].sha, "app/other.py"),),
    }
    (one,) = causes_of(made, PatchDetails(functions=functions, repaired=repaired))
    assert [(part.name, part.fixes) for part in one.functions] == [("Screen.draw", 7)]
    assert one.tested == 1 and fixed[0].sha not in [commit.sha for commit in one.untested]
    assert [(pair.repair.sha, pair.change.sha, pair.days) for pair in one.repaired] == [
        (fixed[0].sha, fixed[1].sha, 20.0)
    ]


def shuffled(made: Made, seed: int) -> Made:
    """The same past, in which the labels of the fixes belong to other changes."""
    chance = random.Random(seed)
    labels = [(change.is_fix, change.kind, change.fixed_by, change.fixed_after) for change in made.changes]
    chance.shuffle(labels)
    made.changes = [
        replace(change, is_fix=is_fix, kind=kind, fixed_by=fixed_by, fixed_after=fixed_after)
        for change, (is_fix, kind, fixed_by, fixed_after) in zip(made.changes, labels, strict=True)
    ]
    return made


def test_with_shuffled_labels_hardly_anything_is_recommended() -> None:
    """The level of the causes is 10 %; of 25 projects, seven or more wrong ones are rare (1 %).

    All titles say that they fix something, so that the shuffled labels decide.
    """
    causes, advice = 0, 0
    for seed in range(25):
        made = noise(seed, changes=500)
        made.changes = [
            replace(change, subject=f"Fix {made.random.choice(WORDS[:40])} {made.random.choice(WORDS[:40])}")
            for change in made.changes
        ]
        file = made.file("app/screen.py", 900)
        for number in range(60):
            made.change(
                [file], number * 9, subject=f"Fix the preview {WORDS[number % 9]}", **(FIX if number % 2 else {})
            )
        past = shuffled(made, seed)
        found = patterns(replace(past.project, synced=frozenset()), past.changed)
        causes += bool(found.fix_causes)
        advice += bool(best_advice(Findings(Past(patterns=found), found_insights(Past(patterns=found)))))
    assert causes < 7 and advice < 7


def test_a_file_that_is_repaired_soon_and_has_no_tests_is_found() -> None:
    made = Made()
    keys, other, test = made.file("shell/keys.sh"), made.file("app/other.go"), made.file("app/other_test.go")
    fixed = [made.change([keys], number * 20, subject=f"Fix {number}", **FIX) for number in range(12)]
    for number in range(30):
        made.change([other, test], number * 10 + 1, subject="Fix it", **FIX)
    repaired = {fixed[number].sha: ((fixed[number + 1].sha, "shell/keys.sh"),) for number in range(4)}
    details = PatchDetails(repaired=repaired)
    (one,) = untested_fixes(fixes_in(made, details), made.changed)
    assert (one.path, one.fixes, one.tested, one.rest_fixes, one.rest_tested) == ("shell/keys.sh", 12, 0, 30, 30)
    assert len(one.repaired) == 4 and one.repaired[0].days == 20
    assert untested_fixes(fixes_in(made), made.changed) == ()
    typos = [replace(change, subject="Fix a typo in a comment") for change in made.changes]
    made.changes = [typo if change in fixed else change for change, typo in zip(made.changes, typos, strict=True)]
    assert untested_fixes(fixes_in(made, details), made.changed) == ()


def test_functions_with_many_fixes_are_counted_without_reverts() -> None:
    made = Made()
    file = made.file("app/loop.py")
    for number in range(6):
        made.change([file], number * 100, subject="Fix the timer", **FIX)
    made.change([file], 5, subject='Revert "Fix the timer"', kind="revert", is_fix=True)
    details = PatchDetails(functions={(change.sha, "app/loop.py"): ("run",) for change in made.changes})
    (one,) = fixed_functions(fixes_in(made, details))
    assert (one.name, one.fixes, one.fixes_year) == ("run", 6, 4)


def test_flaky_tests_and_their_repairs_of_a_year_are_counted() -> None:
    made = Made()
    test, fixture, code = made.file("tests/test_net.py"), made.file("tests/conftest.py"), made.file("app/net.py")
    for number in range(5):
        made.change([test, fixture], number * 60, subject=f"Fix flaky timer test {number}")
    made.change([test], 500, subject="Fix a flaky test")
    for subject in ("Fix flake8 remarks", "Update flake.nix", "flake update"):
        made.change([test], 20, subject=subject)
    made.change([code], 20, subject="Fix the flaky connection")
    one = flaky_tests(fixes_in(made))
    assert one is not None and (one.repairs, one.repairs_before, one.unsought) == (5, 1, False)
    for text, unsought in (("on: push", True), ("on: {schedule: [cron: 1]}", False), ("run: pytest --lf", False)):
        searched = flaky_tests(fixes_in(made, PatchDetails(runs={"ci.yml": ci_run(text)})))
        assert searched is not None and searched.unsought is unsought
    assert [(part.name, part.fixes) for part in one.files] == [("tests/test_net.py", 5)]
    made.changes = [replace(change, when=change.when - YEAR) for change in made.changes]
    assert flaky_tests(fixes_in(made)) is None


def test_a_workflow_that_is_repaired_after_each_change_is_found() -> None:
    made = Made()
    path = ".github/workflows/release.yml"
    file = made.file(path)
    for number in range(6):
        made.change([file], 300 - number * 40, subject="ci: sign the files")
        made.change([file], 299 - number * 40, subject="ci: fix the token")
    (one,) = pipeline_repairs(fixes_in(made))
    assert (one.path, one.changes, len(one.repaired), one.repaired[0].days) == (path, 12, 6, 1.0)
    pulls = [replace(change, pull=7) for change in made.changes]
    for text, changes, untried in (
        ("on: {push: {tags: ['v*']}}", pulls, True),
        ("on: {push: {tags: ['v*']}}", made.changes, False),  # no pull request brought them
        ("on: [push, pull_request]", pulls, False),
        ("on: workflow_dispatch", pulls, False),
    ):
        before, made.changes = made.changes, changes
        (one,) = pipeline_repairs(fixes_in(made, PatchDetails(runs={path: ci_run(text)})))
        assert one.untried is untried
        made.changes = before
    made.changes = [replace(change, subject="ci: sign the files") for change in made.changes]
    assert pipeline_repairs(fixes_in(made)) == ()


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("func (t *Terminal) Loop() error {", "Terminal.Loop"),
        ("func Run(opts *Options) (int, error) {", "Run"),
        ("func(runes []byte) bool {", None),
        ("    def get_default(", "get_default"),
        ("    def __init__(", None),
        ("async def read(self) -> bytes:", "read"),
        ("class Option(Parameter):", "Option"),
        ("pub fn scan(paths: &[PathBuf], config: Config) -> Result<ExitCode> {", "scan"),
        ("impl<'a> WorkerState<'a> {", None),
        ("function buildRequest (R) {", "buildRequest"),
        ("export const parse = async (text) => {", "parse"),
        ("test('a header is kept', async t => {", "a header is kept"),
        ("__fzf_list_hosts() {", "__fzf_list_hosts"),
        ("if ! declare -F __fzf_list_hosts > /dev/null; then", None),
        ("  private static int parse(String text) {", "parse"),
        ("const x = 1", None),
        ("", None),
        ("(" * 300, None),
    ],
)
def test_the_name_of_a_function_is_read_from_a_heading(heading: str, name: str | None) -> None:
    assert function_name(heading) == name


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("fix(winget): wrong path (#123)", {"winget", "path"}),
        ("Fix input on Windows", {"input", "windows"}),
        ("Fix windows at the border", {"window", "border"}),
        ("Fix the preview window on Windows", {"preview", "window"}),
        ("Fix #4465", set()),
    ],
)
def test_titles_have_words_that_may_name_a_cause(title: str, words: set[str]) -> None:
    assert title_words(title) == words


@pytest.mark.parametrize(
    ("hits", "drawn", "marked", "total"), [(6, 8, 16, 70), (4, 4, 9, 26), (0, 5, 3, 9), (39, 50, 184, 366)]
)
def test_the_test_of_shares_is_that_of_fisher(hits: int, drawn: int, marked: int, total: int) -> None:
    assert most_hits(hits, drawn, marked, total) == pytest.approx(
        hypergeom.sf(hits - 1, total, marked, drawn), rel=1e-9
    )


def test_only_what_could_be_significant_is_corrected_for() -> None:
    assert tarone([0.9] * 1_000 + [0.001], 0.05) == pytest.approx(0.05)
    assert tarone([0.0001] * 10, 0.05) == pytest.approx(0.005)
    assert tarone([]) == pytest.approx(0.05)
