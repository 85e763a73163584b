"""The details of hotspots: months, owners and fixes, as the hotspots count them."""

from datetime import date
from pathlib import Path

from bot.domain.periods import DAY
from bot.history.index import file_histories, opened
from bot.learning.file_details import MONTHS, file_details, month_starts
from tests.history.fixtures import commit_as, index_of, indexed
from tests.repository import Repository


def test_the_months_end_with_that_of_the_day() -> None:
    starts = month_starts(date(2026, 1, 31))
    assert (len(starts), starts[0], starts[-2], starts[-1]) == (
        MONTHS, date(2024, 2, 1), date(2025, 12, 1), date(2026, 1, 1),
    )  # fmt: skip


def test_changes_owners_and_fixes_of_a_file(tmp_path: Path) -> None:
    project = Repository.create(tmp_path / "project")
    commit_as(project, "Ann", "ann@x", "add", {"src/a.py": "1\n2\n3\n4\n"})
    project.clock += 1000 * DAY
    commit_as(project, "Bo", "bo@x", "more", {"src/a.py": "1\n2\n3\n4\n5\n"})
    fix = commit_as(project, "Bo", "bo@x", "fix: the second (#7)", {"src/a.py": "1\ntwo\n3\n4\n5\n"})
    commit_as(project, "dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com", "fix: bump",
              {"src/a.py": "1\ntwo\n3\n4\n6\n"})  # fmt: skip
    indexed(project)
    with opened(index_of(project)) as index:
        found = file_details(index, file_histories(index, ["src/a.py"], index.clock).values(), index.clock)
    file = found.of("src/a.py")
    assert file is not None and found.of("src/none.py") is None
    assert (sum(month.changes for month in file.months), sum(month.fixes for month in file.months)) == (2, 1)
    assert len(file.months) == MONTHS, "the first change is older, the last one is a bot's"
    assert [(one.sha, one.subject, one.pull) for one in file.fixes] == [(fix, "fix: the second (#7)", 7)]
    assert [(one.name, one.lines, one.is_active) for one in file.owners] == [("Ann", 3, False), ("Bo", 1, True)]
    assert file.people == 2 and file.first_change < file.owners[1].last_active
