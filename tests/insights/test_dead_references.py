"""What is said of lines that name files which are gone, and what is recommended."""

from bot.domain.history import PastCommit
from bot.domain.insights import InsightType
from bot.domain.past import Past
from bot.domain.removed import GonePaths, RemovedPath
from bot.domain.tree import Mention
from bot.insights.dead_references import RULE, reference_insights
from bot.insights.whole import whole_insights

MOVE = PastCommit("a" * 40, 1_700_000_000, "Move the tests")
GONE = GonePaths.at(
    ("tests/run.py", "Makefile"),
    [
        RemovedPath("test/run.py", MOVE, "tests/run.py"),
        RemovedPath("ci/old/x.sh", MOVE),
        RemovedPath("a`b/$(c).py", MOVE),
    ],
)
SCRIPT = Mention("scripts/all.sh", 7, "python test/run.py --all")
MAKEFILE = Mention("Makefile", 7, "\tpython test/run.py\n")


def test_an_insight_names_the_change_the_new_place_and_how_to_check_it() -> None:
    (one,) = reference_insights({"test/run.py": [MAKEFILE, Mention("ci.yml", 3, "run: test/run.py")]}, GONE)
    assert one.title == "`test/run.py` is gone, and `Makefile`:7 still names it"
    assert one.description == (
        "It was moved to `tests/run.py` with aaaaaaaaaa (2023-11-14, `Move the tests`). It is named at `Makefile`:7, "
        "`ci.yml`:3. The first line is `python test/run.py`."
    )
    assert one.remedy == (
        "Delete what is only about this file, such as an entry of a list; else name `tests/run.py` there."
    )
    assert [receipt["command"] for receipt in one.evidence["receipts"]] == [
        "git grep -nF -e run.py HEAD -- Makefile",
        "git ls-tree -r --name-only HEAD -- test/run.py",
        "TZ=UTC git log --no-walk --date=short-local --format='%h %cd %s' aaaaaaaaaa",
    ]


def test_the_only_file_of_the_same_name_is_told() -> None:
    removed = [RemovedPath("src/cache.py", MOVE), RemovedPath("two.py", MOVE)]
    paths = GonePaths.at(("lib/cache.py", "a/two.py", "b/two.py"), removed)
    one, two = reference_insights({"src/cache.py": [MAKEFILE], "two.py": [MAKEFILE]}, paths)
    assert one.description.endswith(" Only `lib/cache.py` has this name now.")
    assert "has this name" not in two.description and two.remedy.endswith("else name what took its place there.")


def test_of_a_folder_the_last_file_is_told() -> None:
    (one,) = reference_insights({"ci/old": [Mention(".github/CODEOWNERS", 2, "/ci/old/ @a")]}, GONE)
    assert one.description.startswith("Its last file went with aaaaaaaaaa (2023-11-14, `Move the tests`).")


def test_no_name_of_strangers_ends_a_code_span_or_gets_into_a_command() -> None:
    (one,) = reference_insights({"a`b/$(c).py": [Mention("x\ny.md", 1, "see a`b/$(c).py <b>@all</b>")]}, GONE)
    assert one.title == "``a`b/$(c).py`` is gone, and `x y.md`:1 still names it"
    assert "``see a`b/$(c).py <b>@all</b>``" in one.description
    assert len(one.evidence["receipts"]) == 1  # the commit only


def test_one_recommendation_says_what_to_do_at_each_line_the_worst_first() -> None:
    dead = reference_insights(
        {
            "test/run.py": [
                SCRIPT,
                Mention("docs/guide.md", 4, "[run](../test/run.py)"),
                Mention("app/main.py", 9, "# See test/run.py for it."),
                Mention("setup.cfg", 3, "    test/run.py"),
            ],
            "ci/old": [Mention("CODEOWNERS", 2, "/ci/old/ @a"), Mention("setup.cfg", 5, "    ci/old")],
        },
        GONE,
    )
    (one,) = [found for found in whole_insights(Past(), dead) if found.type is InsightType.RECOMMENDATION]
    assert one.title == "Mend 6 lines that name files which are gone"
    moved = "write `tests/run.py` for `test/run.py` (moved since aaaaaaaaaa, 2023-11-14)"
    delete = "delete the entry (or its whole rule) for"
    assert one.remedy == (
        f"First: in `scripts/all.sh`:7, {moved}; in `docs/guide.md`:4, {moved}; "
        f"in `CODEOWNERS`:2, {delete} `ci/old` (gone with aaaaaaaaaa, 2023-11-14); "
        f"in `setup.cfg`:3, {delete} `test/run.py` (moved since aaaaaaaaaa, 2023-11-14), or name `tests/run.py` if it "
        f"is still needed; in `setup.cfg`:5, {delete} `ci/old` (gone with aaaaaaaaaa, 2023-11-14); in `app/main.py`:9, "
        "see whether the comment holds: `test/run.py` is now `tests/run.py` (moved since aaaaaaaaaa, 2023-11-14)."
    )
    assert "A step of a script or a workflow that needs such a file fails. Who follows such a line" in one.description
    assert "How we will know: lines that name a file which is gone: 6 today, should be 0." in one.description
    assert {finding["rule"] for finding in one.evidence["findings"]} == {RULE}
    assert whole_insights(Past(), dead, lambda insight: insight.rule == RULE) == []


def test_many_entries_of_one_file_are_told_by_their_lines() -> None:
    paths = [f"lib/{name}.py" for name in "abcde"]
    gone = GonePaths.at(("x.py",), [RemovedPath(path, MOVE) for path in paths])
    dead = reference_insights({path: [Mention(".flake8", at, path)] for at, path in enumerate(paths, 3)}, gone)
    (one,) = [found for found in whole_insights(Past(), dead) if found.type is InsightType.RECOMMENDATION]
    lines = "lines 3, 4, 5, 6 and 7, whose files are gone or moved"
    assert one.remedy == f"First: in `.flake8`, delete the entries (or whole rules) at {lines}."


def test_a_line_that_names_two_files_is_one_line() -> None:
    dead = reference_insights({"test/run.py": [SCRIPT], "ci/old": [SCRIPT]}, GONE)
    (one,) = [found for found in whole_insights(Past(), dead) if found.type is InsightType.RECOMMENDATION]
    assert one.title == "Mend 1 line that names a file which is gone"
    assert "today, should be 0" in one.description and one.evidence["benefit"] == 1
