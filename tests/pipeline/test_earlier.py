"""Earlier commits of a change, on real repositories: which are read, as of when, and what the analyzers say of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.analysis.past import relanded, undone_fix
from bot.domain.earlier import Earlier, EarlierCommit
from bot.domain.insights import Insight, Standing
from bot.git.change import read_change
from bot.history.proposal import ProposedChange
from bot.pipeline.earlier import read_earlier, with_body
from tests.analysis.changes import change_of, said
from tests.history.fixtures import index_of, indexed
from tests.repository import Repository

YEAR = 365 * 86_400
CLOCK = "def now(clock):\n    return clock.read()\n\n\n"
FIRST = CLOCK + "def total(entries):\n    result = 0\n    for entry in entries:\n        result += entry.size\n"
FIXED = FIRST.replace("in entries:", "in entries or []:").replace("entry.size", "max(0, entry.size)")
EAGER = "tick(clock, eager=True)\n    warm(clock, rounds=3)\n    check(clock.skew, limit=5)"
LATER = FIXED.replace("return clock.read()", EAGER)


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    """A fix in a file that was renamed since, and a change that was merged and reverted."""
    repository = Repository.create(tmp_path / "project")
    repository.commit("Initial commit", {"app/old.py": FIRST, "readme.md": "# App\n"})
    repository.branch("fix")
    repository.commit("wip", {"app/old.py": FIXED})
    repository.checkout("main")
    message = "Merge pull request #9 from a/b\n\nFix a crash of total\n\nFixes #8"
    repository.git("merge", "--no-ff", "-m", message, "fix")
    repository.git("mv", "app/old.py", "app/sizes.py")
    repository.commit("Rename a module")
    eager = repository.commit("Read the clock eagerly (#12)", {"app/sizes.py": LATER})
    repository.git("revert", "--no-edit", eager)
    message = f'Revert "Read the clock eagerly (#12)"\n\nReverts a/b#12\n\nThis reverts commit {eager}.\n\nIt is slow.'
    repository.git("commit", "--amend", "--quiet", "-m", message)
    return repository


async def earlier_of(
    repository: Repository, title: str, text: str, base: str = "main", wait: int = 0
) -> tuple[Earlier, list[Insight]]:
    """What is read and said of a change of the module on a branch from `base`."""
    repository.branch("topic", base)
    repository.clock += wait
    head = repository.commit(title, {"app/sizes.py": text})
    repository.checkout("main")
    indexed(repository)
    found = await read_change(repository.git_dir, repository.head(base), head)
    proposed = ProposedChange(found.merge_base, found.files, ("Bo", "bo@example.org"), title, repository.clock)
    earlier = await read_earlier(index_of(repository), repository.git_dir, proposed, head)
    change = replace(change_of(*found.files, title=title), earlier=earlier)
    return earlier, [*said(undone_fix.ANALYZER, change), *said(relanded.ANALYZER, change)]


async def test_a_fix_in_a_renamed_file_is_undone(project: Repository) -> None:
    earlier, [found] = await earlier_of(project, "Simplify total", FIRST)
    fixes = [one for one in earlier.commits if one.is_fix]
    assert [(one.subject, one.issues, one.same_author) for one in fixes] == [("Fix a crash of total", (8,), False)]
    assert [file.path for file in fixes[0].files] == ["app/sizes.py"]
    assert (found.standing, found.evidence["way"]) == (Standing.REMARK, "restored")
    assert found.evidence["fix"]["sha"] == project.head("main~3")


async def test_a_reverted_change_comes_back_with_the_reason_of_the_revert(project: Repository) -> None:
    _, [found] = await earlier_of(project, "Warm up", LATER)
    assert (found.rule, found.standing) == ("history/relanded", Standing.REMARK)
    assert "`Read the clock eagerly (#12)`" in found.title
    assert "which says: `It is slow.`" in found.description
    assert found.evidence["reverted"][0]["sha"] == project.head("main~1")


@pytest.mark.parametrize("title", ["Simplify total, see #8", "Simplify total of #9"])
async def test_a_change_that_names_the_issue_or_the_pull_request_hears_nothing(project: Repository, title: str) -> None:
    earlier, found = await earlier_of(project, title, FIRST)
    assert [one.pull for one in earlier.commits if one.is_fix] == [9]
    assert found == []


async def test_only_what_came_before_the_merge_base_counts(project: Repository) -> None:
    earlier, found = await earlier_of(project, "Eager", FIXED + "\n\nprint(total([1, 2]))\n", base="main~1")
    assert [one for one in earlier.commits if one.is_revert] == []
    assert found == []


async def test_after_a_year_nobody_is_reminded(project: Repository) -> None:
    earlier, found = await earlier_of(project, "Simplify total", FIRST, wait=YEAR + 86_400)
    assert [one for one in earlier.commits if one.is_fix or one.is_revert] == []
    assert found == []


async def test_a_revert_that_was_taken_back_is_no_news(project: Repository) -> None:
    first = project.head()
    project.git("revert", "--no-edit", "HEAD")
    again = project.head()
    project.commit("Drop the warm-up", {"app/sizes.py": FIXED + "\n\nprint(total([1]))\n"})
    earlier, _ = await earlier_of(project, "Warm up", LATER)
    assert first not in [one.sha for one in earlier.commits if one.is_revert]
    # As of the moment before, it still was reverted.
    project.git("branch", "-D", "topic")
    earlier, found = await earlier_of(project, "Warm up", LATER, base=f"{again}~1")
    assert [one.rule for one in found] == ["history/relanded"]


async def test_without_an_index_or_objects_nothing_is_known(project: Repository, tmp_path: Path) -> None:
    found = await read_change(project.git_dir, project.head("main~1"), project.head())
    change = ProposedChange(found.merge_base, found.files, None, "", project.clock)
    assert await read_earlier(tmp_path / "none.db", project.git_dir, change, project.head()) == Earlier()


def test_the_body_of_a_pull_request_counts_without_its_template() -> None:
    earlier = Earlier((EarlierCommit(sha="a" * 40, when=0, subject="s"),), "title")
    body = "Re-applies #7 <!-- or reverts\n#8 -->\n- [ ] Revert\n- [x] Reviewed\n<!-- unclosed #9"
    assert with_body(earlier, body).message == "title\nRe-applies #7 \n- [x] Reviewed\n"
    assert with_body(Earlier(), body) == Earlier()
