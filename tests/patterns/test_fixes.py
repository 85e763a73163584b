"""Patterns of repairs: what is planted is found, what is chance is not."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from scipy.stats import hypergeom

from bot.domain.fix_patterns import FixCause
from bot.domain.history import PastCommit
from bot.domain.past import Past
from bot.domain.patch_details import Listing, PatchDetails
from bot.domain.periods import YEAR
from bot.insights.findings import Findings
from bot.insights.recommendations import best_advice
from bot.insights.whole import found_insights
from bot.patterns.fix_causes import fix_causes
from bot.patterns.fixed_functions import fixed_functions
from bot.patterns.fixes import Fixes, fixes_of, most_hits, tarone, title_words
from bot.patterns.forgotten_names import forgotten_names, is_listing, option_names
from bot.patterns.headings import function_name
from bot.patterns.patterns import patterns
from bot.patterns.selection import work_of
from bot.patterns.test_repairs import flaky_tests, pipeline_repairs
from bot.patterns.untested_fixes import untested_fixes
from tests.patterns.projects import WORDS, Made, noise

FIX = {"kind": "fix", "is_fix": True}


def fixes_in(made: Made, details: PatchDetails | None = None) -> Fixes:
    return fixes_of(work_of(made.project, made.changed), made.changed, details or PatchDetails())


def causes_of(made: Made, details: PatchDetails | None = None) -> tuple[FixCause, ...]:
    return fix_causes(fixes_in(made, details), made.changed)


def screen(fixed: int = 18, named: int = 20, *, title: str = "Keep the preview in place") -> Made:
    """A file with 80 changes, of which one in four is a fix; of those with this title, more."""
    made = Made()
    file = made.file("app/screen.py", 900)
    for number in range(60):
        made.change([file], number * 11, subject=f"Draw {WORDS[number]}", **(FIX if number % 4 == 0 else {}))
    for number in range(named):
        made.change([file], number * 20 + 1, subject=f"{title} {number}", **(FIX if number < fixed else {}))
    return made


def test_what_fixes_name_and_other_changes_do_not_is_a_cause() -> None:
    (one,) = causes_of(screen())
    assert (one.path, one.words, one.fixes, one.changes) == ("app/screen.py", ("place", "preview"), 18, 20)
    assert (one.rest_fixes, one.rest_changes, one.tested, one.fixes_year) == (15, 60, 0, 18)
    assert len(one.commits) == 18 and len(one.others) == 2 and one.commits[0].when > one.commits[-1].when


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
    """The level of the causes is 10 %; of 25 projects, seven or more wrong ones are rare (1 %)."""
    causes, advice = 0, 0
    for seed in range(25):
        made = noise(seed, changes=500)
        made.changes = [
            replace(change, subject=f"{made.random.choice(WORDS[:40])} {made.random.choice(WORDS[:40])}")
            for change in made.changes
        ]
        file = made.file("app/screen.py", 900)
        for number in range(60):
            made.change(
                [file], number * 9, subject=f"Keep the preview {WORDS[number % 9]}", **(FIX if number % 2 else {})
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
        made.change([other, test], number * 10 + 1, **FIX)
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
    assert (one.name, one.fixes, one.fixes_year, [part.name for part in one.parts]) == ("run", 6, 4, ["timer"])


def option(sha: str, days_ago: int) -> PastCommit:
    return PastCommit(sha * 40, 1_780_000_000 - days_ago * 86_400, "Add it")


OLD = frozenset(f"--old-{letter}" for letter in "abcdefghijklmnop")


def forgotten(
    listed: Sequence[str], brought: dict[str, PastCommit], *, listing: str = "shell/completion.bash"
) -> PatchDetails:
    new = {f"--new-{letter}": option(letter, 400) for letter in "abcdef"}
    source = Listing(OLD | set(new) | {"--no-old-a"}, OLD, {**new, "--no-old-a": option("f", 300)})
    return PatchDetails(listings={"src/options.go": source, listing: Listing(OLD | set(listed), OLD, brought)})


def test_options_that_a_listing_gets_late_or_lacks_are_found() -> None:
    late = {"--new-a": option("a", 400), "--new-b": option("1", 100), "--new-c": option("1", 100)}
    (one,) = forgotten_names(forgotten(list(late), late))
    assert (one.source, one.listing, one.brought, one.in_time) == ("src/options.go", "shell/completion.bash", 6, 1)
    assert sorted(name.name for name in one.late) == ["--new-b", "--new-c"]
    assert [name.name for name in one.missing] == ["--new-d", "--new-e", "--new-f"]
    assert one.repairs == (late["--new-b"],)


def test_what_is_listed_at_once_or_is_no_listing_is_not_told() -> None:
    in_time = {f"--new-{letter}": option(letter, 400) for letter in "abcdef"}
    assert forgotten_names(forgotten(list(in_time), in_time)) == ()
    assert forgotten_names(forgotten([], {}, listing="docs/notes.md")) == ()
    assert forgotten_names(forgotten([], {}, listing="src/other.go")) == ()


def test_options_that_no_listing_has_are_meant_to_be_unknown() -> None:
    both = forgotten(["--new-a"], {})
    manual = replace(both.listings["shell/completion.bash"], names=OLD | {"--new-a", "--new-b", "--new-c", "--new-d"})
    details = PatchDetails(listings={**both.listings, "man/app.1": manual})
    (one,) = forgotten_names(details)
    assert sorted(one.lacking) == ["--new-b", "--new-c", "--new-d"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("--height=40% and --no-color, not a--b or ---x or --", {"--height", "--no-color"}),
        (r".BI \-\-ignore\-contain", {"--ignore-contain"}),
        ('#[arg(long = "max-depth")]', {"--max-depth"}),
        ('flags.BoolVarP(&opts.all, "all", "a", false, "")', {"--all"}),
        ("{-q,--quiet}'[be quiet]'", {"--quiet"}),
        ("-" * 5_000 + "a" * 5_000, set()),
    ],
)
def test_options_are_read_from_any_text(text: str, names: set[str]) -> None:
    assert option_names(text) == names


@pytest.mark.parametrize(
    ("path", "listing"),
    [
        ("man/man1/fzf.1", True),
        ("doc/fd.1", True),
        ("contrib/completion/_fd", True),
        ("shell/completion.zsh", True),
        ("src/options.go", False),
        ("docs/manifest.md", False),
        ("src/completionist.py", False),
    ],
)
def test_manual_pages_and_completions_are_told_by_their_paths(path: str, listing: bool) -> None:
    assert is_listing(path) is listing


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
    assert one is not None and (one.repairs, one.repairs_before) == (5, 1)
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
