"""The labels of issues and pull requests say which changes are fixes, from the start or once they are known."""

import dataclasses
from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from bot.db import items
from bot.db.analyses import Claimed
from bot.db.engine import Database
from bot.db.github_tables import SyncStateRow
from bot.db.labelled import faults_among, labelled_faults
from bot.domain.files import FileChange, FileStatus
from bot.domain.sync import SyncResource, SyncStatus
from bot.git.history_stream import HistorySource
from bot.history.build import update
from bot.history.index import opened
from bot.history.messages import read_message
from bot.history.prepare import with_labels
from bot.history.proposal import ProposedChange, proposed_features
from bot.pipeline.history import update_index
from bot.pipeline.labels import is_labelled_fix, known_faults
from bot.pipeline.open_pulls import PullScope
from tests.history.fixtures import index_of, links, rows
from tests.repository import Repository
from tests.trends.project import issue, pull
from tests.web.filled import fill

NOW = datetime(2026, 5, 1, tzinfo=UTC)
FAULTS = frozenset({12, 40})
LINKS = [("Add a default (#3)", "Add f", "lines", "src/f.py", 1, 2, False)]


@pytest.mark.parametrize(
    ("text", "merge", "kind"),
    [
        ("Handle None\n\nFixes #12", False, "fix"),
        ("Handle None\n\ncloses: gh-12", False, "fix"),
        ("Add a page\n\nFixes #12, closes #7", False, "fix"),
        ("Handle None (#40)", False, "fix"),
        ("Merge pull request #40 from ada/none", True, "fix"),
        ("Handle None\n\nFixes #7", False, "other"),
        ("Handle None, see #12", False, "other"),
        ("Merge pull request #7 from ada/none", True, "merge"),
        ("feat: handle None\n\nFixes #12", False, "feature"),
        ('Revert "Handle None"\n\nFixes #12', False, "revert"),
        ("Release 1.2 (#40)", False, "release"),
    ],
)
def test_a_label_says_what_the_change_itself_does_not_state(text: str, merge: bool, kind: str) -> None:
    assert with_labels(read_message(text, merge=merge), FAULTS).kind == kind


@pytest.fixture
def project(repository: Repository) -> Repository:
    """A change, and one that closes issue 12 by changing a line of it."""
    repository.commit("first", {"README.md": "x\n"})
    repository.commit("Add f", {"src/f.py": "def f(a):\n    return a + 1\n"})
    repository.commit("Add a default (#3)\n\nCloses #12", {"src/f.py": "def f(a):\n    return (a or 0) + 1\n"})
    return repository


def build(project: Repository, path: Path, faults: Collection[int] | None) -> Path:
    update(path, HistorySource(project.git_dir, project.head()), faults=faults)
    return path


def test_a_labelled_issue_makes_a_fix_with_links_and_features(project: Repository, tmp_path: Path) -> None:
    without, named = build(project, tmp_path / "a.db", None), build(project, tmp_path / "b.db", FAULTS)
    assert links(without) == []
    assert links(named) == LINKS
    assert rows(named, "SELECT f.fix FROM features f ORDER BY ordinal") == [(0.0,), (0.0,), (1.0,)]


async def test_an_index_is_built_again_once_when_labels_become_known(project: Repository) -> None:
    index, head = index_of(project), project.head()

    async def learn(faults: Collection[int] | None) -> list[str]:
        assert await update_index(project.git_dir, index, head, None, faults, relabel=True)
        return [kind for (kind,) in rows(index, "SELECT kind FROM commits ORDER BY ordinal")]

    unlabelled = await learn(None)
    assert unlabelled[2] != "fix"
    assert await learn({99}) == unlabelled
    before = index.stat().st_ino
    with opened(index) as old:  # an analysis reads the old one meanwhile
        assert (await learn(FAULTS))[2] == "fix"
        assert old.connection.execute("SELECT kind FROM commits").fetchall()[2] != ("fix",)
    after = index.stat().st_ino
    assert after != before
    assert links(index) == LINKS
    assert (await learn({3}))[2] == "fix"
    assert index.stat().st_ino == after


def test_a_pull_request_with_the_label_is_a_fix_unless_it_states_another_kind(project: Repository) -> None:
    build(project, index_of(project), None)
    changed = FileChange(path="src/f.py", status=FileStatus.MODIFIED, before="x\n", after="y\n", added=1, deleted=1)
    change = ProposedChange(project.head(), [changed], None, "Handle zero", 0, is_labelled_fix=True)
    with opened(index_of(project)) as index:
        found = [
            proposed_features(index, dataclasses.replace(change, title=title, is_labelled_fix=labelled)).fix
            for title, labelled in (("Handle zero", True), ("Handle zero", False), ("docs: handle zero", True))
        ]
    assert found == [1, 0, 0]


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    connected = Database(database_url)
    yield connected
    await connected.close()


async def store(db: Database) -> UUID:
    repository_id = (await fill(db)).public
    labelled = {12: ("Bug",), 40: ("kind/bug", "area: x"), 41: ("enhancement",), 42: ()}
    found = [dataclasses.replace(issue(number, 1), labels=labels) for number, labels in labelled.items()]
    bodies = {43: "See #12.", 44: "Closes #40", 45: "Fixes #41, <!-- fixes #12", 46: "Fix #12\n<!-- closes #1 -->"}
    found += [dataclasses.replace(pull(number, 1, 2, merged=True), body=body) for number, body in bodies.items()]
    found += [dataclasses.replace(pull(47, 1, 2), body="Closes #40")]  # not merged
    found += [dataclasses.replace(issue(48, 1), labels=("bug",))]  # the example of a template
    found += [dataclasses.replace(pull(number, 1, 2, merged=True), body="Fixes #48") for number in range(50, 61)]
    async with db.writing() as session:
        await items.save_items(session, repository_id, found, NOW)
    return repository_id


async def test_labels_are_known_once_the_issues_are_synced(db: Database) -> None:
    repository_id = await store(db)
    assert await known_faults(db, repository_id) is None
    async with db.writing() as session:
        session.add(
            SyncStateRow(
                id=uuid4(), repository_id=repository_id, resource=SyncResource.ISSUES, status=SyncStatus.DONE, done=4,
                completed_at=NOW, reason="", etags={}, updated_at=NOW,
            )
        )  # fmt: skip
    assert await labelled_faults(db, repository_id) == FAULTS | {48}
    assert await labelled_faults(db, repository_id, newest=25) == frozenset({40, 48})
    assert await known_faults(db, repository_id) == FAULTS | {44, 46, 48}
    assert await known_faults(db, repository_id, newest=15) == frozenset({12, 46, 48})
    assert await faults_among(db, repository_id, {12, 41, 43}) == frozenset({12})
    found = [await is_labelled_fix(scope(db, repository_id, number, body), title) for number, title, body in OPEN]
    assert found == [True, True, True, False, False]


# Open pull requests: number, title, body. Issue 12 and pull request 40 are labelled as faults.
OPEN = [
    (40, "Handle zero", ""),
    (99, "Handle zero, fixes #12", ""),
    (99, "Handle zero", "Closes #12"),
    (99, "Handle zero", "Closes #41, see #12"),
    (99, "Handle zero", "<!-- Closes #12 -->"),
]


def scope(db: Database, repository_id: UUID, number: int, body: str) -> PullScope:
    claimed = Claimed(
        id=uuid4(), attempt=1, repository_id=repository_id, github_id=1, installation_id=1, full_name="a/b",
        default_branch="main", subject="", pull_number=number, ref="", head_sha="", base_sha=None,
        check_run_id=None, comment_id=None, created_at=NOW,
    )  # fmt: skip
    return PullScope(db, claimed, number, "main", True, body)
