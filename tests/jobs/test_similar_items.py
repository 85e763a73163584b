"""Issues and pull requests like an analyzed pull request: from the stored items to the notes of an analysis."""

import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
import pytest
from sqlalchemy import update

from bot.db import items
from bot.db.analyses import Claimed
from bot.db.engine import Database, now
from bot.db.github_tables import ItemRow, SyncStateRow
from bot.domain.insights import Insight, Standing
from bot.domain.items import Account, Item, ItemKind, PullFacts
from bot.domain.sync import SyncResource, SyncStatus
from bot.history.schema import index_path
from bot.jobs.learn_history import learn_history
from bot.learning.similar_items import items_path, load_items
from bot.ml.embeddings import NO_MODEL
from bot.pipeline.make_report import ReadConfig, ReportRequest, make_report
from bot.pipeline.open_pulls import PullScope
from bot.pipeline.similar_items import index_items
from bot.sandbox import Sandbox
from tests.history.fixtures import index_of, indexed
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import running_stack
from tests.tokens import token_for
from tests.web.filled import fill

TITLE = "Let entries of the session cache expire"
BODY = "They were kept until the process ended, so memory grew."
ALL = (SyncResource.ISSUES, SyncResource.PULLS)


def item(number: int, title: str, *, body: str = "", state: str = "open", pull: bool = False, **fields: object) -> Item:
    """An item. A closed pull request was not merged, ten days ago."""
    closed = None if state == "open" else now() - timedelta(days=10)
    facts = PullFacts(draft=False, base_ref="main", head_sha=f"{number:040d}") if pull else None
    made = Item(
        github_id=number,
        number=number,
        kind=ItemKind.PULL_REQUEST if pull else ItemKind.ISSUE,
        title=title,
        body=body,
        author=Account(1, "ann"),
        state=state,
        created_at=now() - timedelta(days=20),
        updated_at=now() - timedelta(days=10),
        closed_at=closed,
        pull=facts,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


OTHERS = [item(1000 + number, f"Translate chapter {number} of the manual into Welsh") for number in range(30)]
EXPECTED = [
    item(
        11,
        "Entries of the session cache never expire",
        body=BODY,
    ),
    item(12, "Expire entries of the session cache", pull=True),
    item(13, "Expire the entries of the session cache", pull=True, state="closed"),
]


async def stored(
    db: Database, repository_id: UUID, found: Iterable[Item], complete: Iterable[SyncResource] = ALL
) -> None:
    async with db.writing() as session:
        await items.save_items(session, repository_id, list(found), now())
        session.add_all(
            SyncStateRow(
                id=uuid4(), repository_id=repository_id, resource=resource, status=SyncStatus.DONE, done=1,
                completed_at=now(), reason="", etags={}, updated_at=now(),
            )
            for resource in complete
        )  # fmt: skip


class Project:
    """A repository with a branch, and its row in the database."""

    def __init__(self, db: Database, repository: Repository, repository_id: UUID) -> None:
        self.db, self.repository, self.id = db, repository, repository_id
        self.embedder = NO_MODEL

    async def index(self) -> None:
        await index_items(self.db, index_of(self.repository), self.id)

    async def notes(self, title: str = TITLE, body: str = BODY, *, is_open: bool = True) -> list[Insight]:
        """What the analysis of the branch says of items."""
        head = self.repository.head("topic")
        claimed = Claimed(
            id=uuid4(), attempt=1, repository_id=self.id, github_id=1, installation_id=1, full_name="a/b",
            default_branch="main", subject="", pull_number=50, ref="", head_sha=head, base_sha=None,
            check_run_id=None, comment_id=None, created_at=now(),
        )  # fmt: skip
        request = ReportRequest(
            git_dir=self.repository.git_dir,
            base=self.repository.head("main"),
            head=head,
            repository="a/b",
            config=ReadConfig(),
            index=index_of(self.repository),
            title=title,
            pull=PullScope(self.db, claimed, 50, "main", is_open, body),
            embedder=self.embedder,
        )
        async with Sandbox() as sandbox:
            report = await make_report(request, sandbox)
        return [one for one in report.insights if one.rule in {"similarity/issue", "similarity/pull-request"}]

    async def numbers(self, title: str = TITLE, body: str = BODY) -> list[int]:
        return sorted(int(str(note.evidence["number"])) for note in await self.notes(title, body))


@pytest.fixture
async def project(database_url: str, repository: Repository) -> AsyncIterator[Project]:
    db = Database(database_url)
    repository.commit("first", {"app/cache.py": "a = 1\n"})
    repository.branch("topic")
    repository.commit("Expire them\n\nAs wished in #14.", {"app/cache.py": "a = 2\n"})
    repository.checkout("main")
    indexed(repository)
    yield Project(db, repository, (await fill(db)).public)
    await db.close()


async def test_issues_and_pull_requests_with_the_same_matter_are_notes(project: Project) -> None:
    await stored(project.db, project.id, [*OTHERS, *EXPECTED])
    await project.index()
    notes = await project.notes()
    assert {note.title for note in notes} == {
        "This seems to be about open issue 11, which it does not name",
        "Open pull request 12 seems to do the same",
        "Closed pull request 13 seems to do the same",
    }
    assert all(note.standing is Standing.NOTE and note.confidence.score >= 0.7 for note in notes)
    assert await project.numbers("Write a guide for people who translate the manual", "") == []


async def test_what_is_named_is_not_said(project: Project) -> None:
    await stored(project.db, project.id, [*OTHERS, *EXPECTED, replace(EXPECTED[0], number=14, github_id=14)])
    await project.index()
    assert await project.numbers() == [11, 12, 13]  # 14 is named in the message of the commit
    assert await project.numbers(f"{TITLE} (#11)", f"{BODY} See https://example.org/a/b/pull/12.") == [13]


async def test_what_does_not_count_is_left_out(project: Project) -> None:
    same = EXPECTED[1]
    facts, head = same.pull, project.repository.head("topic")
    assert facts is not None
    refused = EXPECTED[2]
    assert refused.pull is not None
    old = now() - timedelta(days=800)
    out = [
        replace(same, number=50),  # itself
        replace(same, number=20, pull=replace(facts, head_sha=head)),
        replace(same, number=21, pull=replace(facts, base_ref="old")),
        replace(same, number=22, author=Account(9, "a[bot]", is_bot=True)),
        replace(refused, number=23, pull=replace(refused.pull, merged_at=now())),
        replace(refused, number=24, closed_at=old),
        replace(refused, number=60),  # it was refused later
        replace(EXPECTED[0], number=25, state="closed", closed_at=now()),
        item(26, "Session cache"),
    ]
    await stored(project.db, project.id, [*OTHERS, *(replace(one, github_id=one.number) for one in out)])
    await project.index()
    assert await project.numbers() == []


async def test_at_most_two_of_each_are_said(project: Project) -> None:
    same = [replace(EXPECTED[0], number=number, github_id=number) for number in range(20, 30)]
    await stored(project.db, project.id, [*OTHERS, *same])
    await project.index()
    assert len(await project.numbers()) == 2


async def test_without_a_complete_sync_nothing_is_said_and_a_missing_index_is_made(project: Project) -> None:
    assert await project.numbers() == []
    await stored(project.db, project.id, [*OTHERS, *EXPECTED], [SyncResource.ISSUES])
    assert await project.numbers() == [11]  # pull requests are not synced; the history was learned elsewhere
    assert await project.notes(is_open=False) == []
    items_path(index_of(project.repository)).write_bytes(b"damaged")
    assert await project.numbers() == []
    await project.index()
    assert await project.numbers() == [11]


async def test_the_texts_are_those_of_now(project: Project) -> None:
    await stored(project.db, project.id, [*OTHERS, *EXPECTED])
    await project.index()
    path = items_path(index_of(project.repository))
    before = path.stat().st_mtime_ns
    await project.index()
    assert path.stat().st_mtime_ns == before  # nothing has changed
    later = replace(EXPECTED[1], number=70, github_id=70)
    async with project.db.writing() as session:
        await items.save_items(session, project.id, [later], now())
        await items.delete_item(session, project.id, 12)
        ours = (ItemRow.repository_id == project.id, ItemRow.number == 11)
        await session.execute(update(ItemRow).where(*ours).values(state="closed", closed_at=now()))
    assert await project.numbers() == [13, 70]
    await project.index()
    assert 70 in load_items(path).numbers and 11 not in load_items(path).numbers


@pytest.mark.parametrize(
    "text", ["x" * 60_000, "<!--" * 15_000, "\n" * 60_000, "#1" * 30_000, "- [ ] " * 10_000, "語" * 9_000]
)
async def test_hostile_texts_cost_little(project: Project, text: str) -> None:
    await stored(project.db, project.id, [*OTHERS, item(30, text[:1_000], body=text[:8_000])])
    await project.index()
    begin = time.process_time()
    await project.numbers(f"{TITLE} {text[:1_000]}", text)
    assert time.process_time() - begin < 3


async def test_the_api_returns_them(repository: Repository, tmp_path: Path, valkey: Valkey) -> None:
    repository.commit("first", {"app/cache.py": "a = 1\n"})
    repository.branch("early")
    early = repository.commit("Write a guide", {"guide.md": "x\n"})
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        first = await stack.finished(early)
        await stored(stack.db, first.repository_id, [*OTHERS, *(replace(one, body="") for one in EXPECTED)])
        mirrors = stack.settings.data_dir / "mirrors"
        assert await learn_history(stack.db, mirrors, first.repository_id)
        [mirror] = mirrors.glob("*.git")
        assert {11, 12, 13} <= set(load_items(items_path(index_path(mirror))).numbers)
        repository.branch("topic", "main")
        head = repository.commit(TITLE, {"app/cache.py": "a = 2\n"})
        await stack.github.watch.look()
        number = (await stack.finished(head)).pull_number
        token = await token_for(stack.settings, stack.db)
        url = f"{stack.settings.public_url}/api/v1/repositories/{first.repository_id}/similar?pull_request={number}"
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
            session.get(url) as answer,
        ):
            found = await answer.json()
        # 13 has a higher number than the pull request here, so it may have been refused because of it.
        assert {one["title"] for one in found["items"]} == {
            "This seems to be about open issue 11, which it does not name",
            "Open pull request 12 seems to do the same",
        }
