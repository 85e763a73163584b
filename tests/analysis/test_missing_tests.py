"""Production code without tests, where the repository usually changes both."""

import pytest

from bot.analysis.missing_tests import ANALYZER
from bot.domain.files import FileChange, PastChange, PastFile
from bot.domain.insights import Insight, Severity, Standing
from tests.analysis.changes import change_of, changed, said

CODE = changed("src/a.py", None, "x = 1\n" * 30)


def past(with_tests: int, without: int, *, folder: str = "src", added: int = 20) -> tuple[PastChange, ...]:
    code, test = PastFile(f"{folder}/b.py", added, 0), PastFile("tests/test_b.py", 5, 0)
    both = [PastChange(f"{n:040}", n, "s", (code, test)) for n in range(with_tests)]
    alone = [PastChange(f"{n + 1000:040}", n, "s", (code,)) for n in range(without)]
    return (*both, *alone)


def told(*files: FileChange, before: tuple[PastChange, ...]) -> list[Insight]:
    return said(ANALYZER, change_of(*files, past=before))


def test_code_without_tests_where_tests_are_usual() -> None:
    [remark] = told(CODE, before=past(45, 5))
    assert remark.severity is Severity.MEDIUM
    assert "45 of the last 50 changes of this kind under `src/` (90%)" in remark.description
    assert remark.description.startswith("30 of them are new statements or conditions, all in `src/a.py`. ")
    assert remark.evidence["with_tests"] == 45 and len(remark.evidence["examples"]) == 3
    assert remark.confidence.reason.endswith("; 45 of 50 comparable past changes changed tests")
    assert [(place.path, place.start_line) for place in remark.locations] == [("src/a.py", 1)]


def test_the_file_that_is_named_has_most_of_what_is_counted() -> None:
    """Lines that are only written otherwise are no new code."""
    rewritten = [f"if a{number} == 1:\n    b{number} = f(1)\n" for number in range(35)]
    before, after = "".join(rewritten), "".join(rewritten).replace("== 1", "== 2").replace("f(1)", "f(2)")
    other = "".join(f"y{number} = g{number}\n" for number in range(60))
    files = (changed("src/a.py", before, after + "z = h\n"), changed("src/b.py", "", other))
    [remark] = told(*files, before=past(45, 5))
    assert remark.description.startswith("61 of them are new statements or conditions, 60 in `src/b.py`. ")
    assert remark.locations[0].path == "src/b.py"


def test_the_place_is_the_most_new_code_and_no_import() -> None:
    old = "import os\n\n\nx = 1\n"
    new = "import os\nimport sys\n\n\nx = 1\n" + "".join(f"y{number} = {number}\n" for number in range(60))
    [remark] = told(changed("src/a.py", old, new), before=past(45, 5))
    assert [(place.start_line, place.end_line) for place in remark.locations] == [(6, 65)]


def test_a_habit_that_is_weaker_matters_less() -> None:
    [remark] = told(CODE, before=past(40, 10))
    assert remark.severity is Severity.LOW


@pytest.mark.parametrize(
    ("with_tests", "without"), [(30, 20), (12, 5), (19, 0), (0, 60)], ids=["rare", "few", "too few", "never"]
)
def test_without_a_clear_habit_nothing_is_said(with_tests: int, without: int) -> None:
    assert told(CODE, before=past(with_tests, without)) == []


@pytest.mark.parametrize("path", ["tests/test_a.py", "src/a_test.go", "src/__tests__/a.ts"])
def test_a_changed_test_is_enough(path: str) -> None:
    assert told(CODE, changed(path, "a\n", "b\n"), before=past(50, 0)) == []


def test_rewritten_lines_are_no_growth() -> None:
    rewritten = changed("src/a.py", "x = 1\n" * 30, "x: int = 1\n" * 32)
    assert told(rewritten, before=past(50, 0)) == []


def test_a_file_that_was_split_into_others_is_no_growth() -> None:
    parts = [changed(f"src/a/{name}.py", None, f"{name} = 1\n" * 110) for name in "xyz"]
    whole = changed("src/a.py", "x = 1\n" * 300, None)
    assert told(*parts, before=past(50, 0))
    assert told(whole, *parts, before=past(50, 0)) == []


def test_code_that_mostly_takes_the_place_of_old_code_is_no_growth() -> None:
    old, new = "x = 1\n" * 150, "y = 2\n" * 220
    assert told(changed("src/a.py", old, new), before=past(50, 0)) == []
    assert told(changed("src/a.py", old[:300], new), before=past(50, 0))


def test_a_few_lines_are_too_few() -> None:
    assert told(changed("src/a.py", "", "x = 1\n" * 9), before=past(50, 0)) == []


def test_prose_deletions_and_generated_code_do_not_count() -> None:
    files = [
        changed("docs/a.md", None, "a\n" * 50),
        changed("src/b.py", "a\n" * 50, None),
        changed("src/c_pb2.py", None, "a\n" * 50),
        changed("src/d.py", "a\n" * 50, "a\n"),
    ]
    assert told(*files, before=past(50, 0)) == []


def test_small_past_changes_and_other_folders_are_no_measure() -> None:
    assert told(CODE, before=past(50, 0, added=3)) == []
    assert told(CODE, before=past(50, 0, folder="other")) == []


def rust(tests: int, code: int = 30) -> str:
    block = "#[cfg(test)]\nmod tests {\n" + "    fn t() {}\n" * tests + "}\n" if tests else ""
    return "let x = 1;\n" * code + block


def test_inline_tests_are_tests_and_no_production_code() -> None:
    habit = past(50, 0)
    assert told(changed("src/a.rs", None, rust(0)), before=habit)
    assert told(changed("src/a.rs", None, rust(5)), before=habit) == []
    assert told(changed("src/a.rs", rust(5, 1), rust(5)), before=habit)
    inline = tuple(PastChange(f"{n:040}", n, "s", (PastFile("src/a.rs", 40, 0, 20),)) for n in range(50))
    assert told(changed("src/a.rs", None, rust(0)), before=inline)
    tests_only = tuple(PastChange(f"{n:040}", n, "s", (PastFile("src/a.rs", 40, 0, 38),)) for n in range(50))
    assert told(changed("src/a.rs", None, rust(0)), before=tests_only) == []  # none of them adds production code


def of_file(path: str, with_tests: int, without: int) -> tuple[PastChange, ...]:
    """Past changes that mostly add code to one file."""
    code, other, test = PastFile(path, 20, 0), PastFile("src/small.py", 2, 0), PastFile("tests/test_a.py", 5, 0)
    both = [PastChange(f"{n:040}", n, "s", (code, other, test)) for n in range(2000, 2000 + with_tests)]
    alone = [PastChange(f"{n:040}", n, "s", (code, other)) for n in range(3000, 3000 + without)]
    return (*both, *alone)


def test_the_habit_of_the_file_counts_more_than_that_of_its_folder() -> None:
    [remark] = told(CODE, before=(*past(10, 30), *of_file("src/a.py", 8, 0)))
    assert (
        "8 of the last 8 changes that mostly added code to `src/a.py` (100%) changed tests too." in remark.description
    )
    # The file is wired up without tests, whatever its folder does.
    assert told(CODE, before=(*past(60, 0), *of_file("src/a.py", 4, 5))) == []
    assert told(CODE, before=(*past(60, 0), *of_file("src/a.py", 1, 2))) == []
    # Two changes are no habit of the file.
    [remark] = told(CODE, before=(*past(60, 0), *of_file("src/a.py", 0, 2)))
    assert "60 of the last 62 changes of this kind under `src/`" in remark.description


MAPS_BEFORE = """\
class Names<T> {
  private final Map<String, T> nameToConstant = new HashMap<>();
  private final Map<String, T> stringToConstant = new HashMap<>();
  private final Map<T, String> constantToName = new HashMap<>();

  private Names(Class<T> classOfT) {
    try {
      fields = Arrays.copyOf(fields, constantCount);
      AccessibleObject.setAccessible(fields, true);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }
}
"""
MAPS_AFTER = """\
class Names<T> {
  /**
   * Taken from Java 19 method {@link HashMap.newHashMap}.
   */
  private static int capacity(int numMappings) {
    return (int) Math.ceil(numMappings / 0.75F);
  }

  private final Map<String, T> nameToConstant;
  private final Map<String, T> stringToConstant;
  private final Map<T, String> constantToName;

  private Names(Class<T> classOfT) {
    try {
      fields = Arrays.copyOf(fields, constantCount);

      int hashMapCapacity = capacity(constantCount);
      nameToConstant = new HashMap<>(hashMapCapacity);
      stringToConstant = new HashMap<>(hashMapCapacity);
      // Don't use `EnumMap` here; that can break when using ProGuard or R8
      constantToName = new HashMap<>(hashMapCapacity);

      AccessibleObject.setAccessible(fields, true);
    } catch (IllegalAccessException | LinkageError e) {
      throw new AssertionError(e);
    }
  }
}
"""


def test_lines_that_differ_in_arguments_or_literals_are_no_behaviour() -> None:
    assert told(changed("src/Names.java", MAPS_BEFORE, MAPS_AFTER), before=past(60, 0)) == []
    calls = "".join(f"    step_{n}(left, right)\n" for n in range(20))
    more = "".join(f"    step_{n}(left, right, 'fast', limit={n})\n    # it is faster\n" for n in range(20))
    assert told(changed("src/a.py", calls, more), before=past(60, 0)) == []
    other = more + "".join(f"    other_{n}(left)\n" for n in range(10))
    [remark] = told(changed("src/a.py", calls, other), before=past(60, 0))
    assert remark.evidence["behaviour_lines"] == 10


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("pom.xml", "<artifactId>gummy-bears</artifactId>\n", "<groupId>net.sf.androidscents.signature</groupId>\n"),
        (".github/workflows/ci.yml", "on: push\n", "on: push\n      - run: mvn japicmp:cmp\n"),
        ("tox.ini", "[tox]\n", "[tox]\ncommands = mypy --strict src\n"),
        ("build.gradle.kts", "", "tasks.check { dependsOn(apiCheck) }\n"),
    ],
)
def test_a_check_of_the_build_is_a_test_in_another_form(path: str, before: str, after: str) -> None:
    [note] = told(CODE, changed(path, before, after), before=past(60, 0))
    assert (note.standing, note.remedy, note.evidence["changed_check"]) == (Standing.NOTE, "", path)
    version = changed("pom.xml", "<version>1.0</version>\n", "<version>1.1</version>\n")
    [remark] = told(CODE, version, before=past(60, 0))
    assert remark.standing is Standing.REMARK
