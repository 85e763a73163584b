"""What the patches of a real repository say: functions of fixes, and when options came to which file."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.patch_details import PatchDetails
from bot.domain.project import Project
from bot.history.changed_files import changed_files
from bot.history.index import opened
from bot.history.project_changes import index_details, project_changes
from bot.patterns.forgotten_names import forgotten_names
from bot.pipeline.patch_details import patch_details
from tests.history.fixtures import index_of, indexed
from tests.repository import Repository

OLD = "".join(f'parse("--old-{letter}")\n' for letter in "abcdefghijkl")
BODY = "def run(a):\n    b = a + 1\n    return b\n"


async def details_of(project: Repository, head: str) -> PatchDetails:
    indexed(project)
    with opened(index_of(project)) as index:
        changes, changed, known = project_changes(index), changed_files(index, 0), index_details(index)
    now = datetime.fromtimestamp(changes[-1].when, UTC) + timedelta(days=1)
    return await patch_details(project.path / ".git", head, Project(now=now, changes=changes), changed, known)


def with_options(path: str, *names: str) -> dict[str, str]:
    return {path: OLD + "".join(f'parse("{name}")\n' for name in names)}


async def test_functions_of_fixes_are_read(tmp_path: Path) -> None:
    project = Repository.create(tmp_path / "project")
    project.commit("first", {"app/run.py": BODY, "app/other.py": BODY})
    for number in range(2, 6):
        project.commit(f"Fix the sum {number}", {"app/run.py": BODY.replace("1", str(number))})
    head = project.commit("Fix it elsewhere", {"app/other.py": BODY.replace("1", "2")})
    details = await details_of(project, head)
    assert set(details.functions.values()) == {("run",)} and len(details.functions) == 4
    assert {path for _, path in details.functions} == {"app/run.py"}
    assert details.listings == {}


async def test_options_that_came_later_to_a_completion_are_forgotten(tmp_path: Path) -> None:
    project = Repository.create(tmp_path / "project")
    options, listing = "app/options.py", "shell/completion.sh"
    project.commit("first", {**with_options(options), **with_options(listing)})
    for name in ("x", "y"):
        project.commit(f"Change {name}", {options: f"# {name}\n{OLD}", listing: f"# {name}\n{OLD}"})
    names = ("--one", "--two", "--three", "--four", "--five")
    brought = project.commit("Add five options", with_options(options, *names))
    added = project.commit("Complete two and three", with_options(listing, "--two", "--three"))
    head = project.commit("Move", with_options(listing, "--three", "--two"))
    details = await details_of(project, head)
    (one,) = forgotten_names(details)
    assert (one.source, one.listing, one.brought, one.in_time) == (options, listing, 5, 0)
    assert {name.name: (name.brought.sha, name.added and name.added.sha) for name in one.late} == {
        "--two": (brought, added),
        "--three": (brought, added),
    }
    assert {name.name for name in one.missing} == {"--one", "--four", "--five"}


async def test_without_contents_there_are_no_details(tmp_path: Path) -> None:
    project = Repository.create(tmp_path / "project")
    head = project.commit("first", {"readme": "x\n"})
    assert await details_of(project, head) == PatchDetails(runs={})
