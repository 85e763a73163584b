"""How large a change is, next to the repository's own past changes of the same kind."""

from dataclasses import replace

import pytest

from bot.analysis.size import ANALYZER
from bot.domain.files import FileChange, PastChange, PastFile
from bot.domain.insights import Insight, Standing
from tests.analysis.changes import change_of, changed, said


def past(count: int, lines: int = 20, path: str = "src/a.py") -> tuple[PastChange, ...]:
    return tuple(PastChange(f"{n:040}", n, "s", (PastFile(path, lines + n % 10, 0),)) for n in range(count))


def lines(path: str, count: int) -> FileChange:
    return changed(path, None, "".join(f"x{n}\n" for n in range(count)))


def told(*files: FileChange, before: tuple[PastChange, ...], title: str = "") -> Insight | None:
    found = said(ANALYZER, replace(change_of(*files, past=before), title=title))
    assert len(found) <= 1
    return found[0] if found else None


def test_a_change_larger_than_nearly_all_is_a_note_that_split_quotes() -> None:
    insight = told(lines("src/b.py", 500), before=past(100))
    assert insight is not None and insight.rule == "size/large-change"
    assert insight.title == "This change has more lines than any of the last 100 changes of code here"
    assert insight.evidence["median_lines"] == 25


def test_a_change_that_is_large_here_but_quickly_read_is_a_note() -> None:
    insight = told(lines("src/b.py", 300), before=past(100))
    assert insight is not None and insight.standing is Standing.NOTE


@pytest.mark.parametrize(
    ("count", "before", "title", "standing"),
    [
        (900, 20, "Add the table", Standing.REMARK),
        (900, 90, "Add the table", Standing.NOTE),
        (700, 20, "Add the table", Standing.NOTE),
        (900, 20, "Backport of the table", Standing.NOTE),
    ],
)
def test_only_a_change_beyond_all_measure_is_a_remark(count: int, before: int, title: str, standing: Standing) -> None:
    insight = told(lines("src/b.py", count), before=past(100, before), title=title)
    assert insight is not None and (insight.rule, insight.standing) == ("size/large-change", standing)


@pytest.mark.parametrize("title", ['Revert "Types"', "Merge stable into main (#7)", "chore(release): v1.7.9"])
def test_what_only_carries_other_changes_cannot_be_split(title: str) -> None:
    insight = told(lines("src/b.py", 500), before=past(100), title=title)
    assert insight is not None and insight.standing is Standing.NOTE


def test_a_usual_change_is_a_note() -> None:
    insight = told(lines("src/b.py", 500), before=past(100, lines=800))
    assert insight is not None and insight.standing is Standing.NOTE


def test_many_files_are_large_too() -> None:
    before = past(100, lines=800)
    insight = told(*[lines(f"src/{n}.py", 40) for n in range(12)], before=before)
    assert insight is not None and insight.rule == "size/large-change"
    insight = told(*[lines(f"src/{n}.py", 2) for n in range(12)], before=before)
    assert insight is not None and insight.rule == "size/extent"


def test_version_bumps_are_no_measure_for_code() -> None:
    bumps = past(300, lines=1, path="requirements.txt")
    insight = told(lines("src/b.py", 500), before=(*bumps, *past(60, lines=800)))
    assert insight is not None and insight.standing is Standing.NOTE
    assert insight.evidence["past_changes"] == 60


def test_lock_generated_and_vendored_files_are_not_read_by_people() -> None:
    files = [lines(path, 9_000) for path in ("uv.lock", "vendor/x.go", "api_pb2.py")]
    insight = told(lines("src/b.py", 3), *files, before=past(100))
    assert insight is not None and insight.evidence["lines"] == 3
    assert insight.evidence["files"] == 1


def test_tests_and_prose_are_never_too_large() -> None:
    for path in ("tests/test_a.py", "docs/a.md"):
        insight = told(lines(path, 5_000), before=past(100))
        assert insight is not None and insight.standing is Standing.NOTE


def test_a_young_repository_is_not_judged() -> None:
    insight = told(lines("src/b.py", 5_000), before=past(49))
    assert insight is not None and insight.standing is Standing.NOTE
    assert "Only 49 past changes" in insight.description


def test_nothing_for_people_to_read_is_nothing() -> None:
    assert told(before=past(100)) is None
    assert told(lines("uv.lock", 9_000), before=past(100)) is None


@pytest.mark.parametrize(
    "path",
    [
        "locale/de/LC_MESSAGES/app.po", "src/locales/de.json", "tests/data/big.json", "tests/cassettes/a.yaml",
        "src/__snapshots__/a.snap", "tests/__snapshots__/a.ambr", "pkg/kind_string.go", "pkg/mock_store.go",
        "api/v1/x.pb.go", "api/x_grpc.pb.go", "api/x.pb.gw.go", "go.sum", "vendor/a/b.go", "app/Strings.resx",
        "lib/model.freezed.dart", "apis/zz_generated.deepcopy.go", "test/approved/a.approved.txt",
    ],
)  # fmt: skip
def test_what_nobody_reads_does_not_count(path: str) -> None:
    assert told(lines(path, 5_000), before=past(100)) is None
    insight = told(lines(path, 5_000), lines("src/b.py", 10), before=past(100))
    assert insight is not None and (insight.evidence["lines"], insight.evidence["files"]) == (10, 1)


def test_inline_tests_are_read_but_are_no_production_code() -> None:
    text = "let x = 1;\n" * 50 + "#[cfg(test)]\nmod tests {\n" + "    x();\n" * 447 + "}\n"
    insight = told(changed("src/a.rs", None, text), before=past(100))
    assert insight is not None and insight.standing is Standing.NOTE
    assert (insight.evidence["lines"], insight.evidence["production_lines"]) == (500, 50)


@pytest.mark.parametrize(
    "path", ["app/static/main.scss", "app/templates/a.html", "src/views/a.jinja2", "db/schema.sql"]
)
def test_styles_and_templates_are_production(path: str) -> None:
    insight = told(lines(path, 500), before=past(100))
    assert insight is not None and insight.rule == "size/large-change"


def test_data_is_production_where_people_change_it_often() -> None:
    rules = told(lines("rules/a.toml", 500), before=past(100, path="rules/b.toml"))
    assert rules is not None and rules.evidence["production_lines"] == 500
    rare = told(lines("rules/a.toml", 500), before=past(100))
    assert rare is not None and rare.evidence["production_lines"] == 0
    tool = told(lines("Cargo.toml", 500), before=past(100, path="Cargo.toml"))
    assert tool is not None and tool.evidence["production_lines"] == 0


def test_any_means_any_and_what_is_large_is_named() -> None:
    before = (*past(99), PastChange("9" * 40, 9, "s", (PastFile("src/a.py", 900, 0),)))
    insight = told(lines("src/b.py", 500), before=before)
    assert insight is not None and "more lines than 99 % of the last 100" in insight.title
    before = past(100, lines=800)
    insight = told(*[lines(f"src/{n}.py", 40) for n in range(12)], before=before)
    assert insight is not None and "more files than any of the last 100" in insight.title
