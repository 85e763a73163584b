"""Who reviews or merges on GitHub is active, although git shows nothing of it."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from bot.db import items
from bot.db.engine import Database
from bot.domain.history import HistoryFacts
from bot.domain.items import Account, Item, Response
from bot.domain.periods import DAY, INACTIVE
from bot.history.index import file_histories, opened
from bot.learning.snapshots import snapshots
from bot.pipeline.presence import with_presence
from tests.history.fixtures import commit_as, index_of, indexed
from tests.repository import Repository
from tests.trends.project import BOT, day, pull, review
from tests.web.filled import fill

BOB, CAT, DAN, EVE, FAY, GUS = (Account(7, "bobby"), Account(8, "Cat"), Account(20, "dan"), Account(21, "eve"),
                                Account(22, "fay"), Account(23, "gus"))  # fmt: skip
EVA = Account(10, "eva")  # who has the login that was Eve's once
FILES = ("bob.py", "cat.py", "dan.py", "eve.py", "fay.py", "gus.py", "hal.py", "ivy.py")


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    connected = Database(database_url)
    yield connected
    await connected.close()


@pytest.fixture
def project(repository: Repository) -> Repository:
    """Eight people wrote a file each; then they wrote nothing for 300 days."""

    def wrote(name: str, email: str, message: str) -> None:
        commit_as(repository, name, email, message, {f"{name.lower()[:3]}.py": f"{message} = 1\n" * 9})

    wrote("Bob Bell", "7+bob@users.noreply.github.com", "a")
    wrote("Cat Cole", "cat@users.noreply.github.com", "b")
    wrote("Dan Dole", "dan@home.net", "c (#1)")
    wrote("Dan Dole", "dan@home.net", "d (#2)")
    wrote("Dan Dole", "dan@home.net", "e (#3)")
    wrote("Eve Earl", "9+eva@users.noreply.github.com", "f")
    wrote("Fay Frey", "fay@home.net", "g (#4)")
    wrote("Gus Gray", "gus@home.net", "h (#5)")
    wrote("Hal Hill", "hal@home.net", "i (#6)")
    wrote("Ivy Iles", "ivy@home.net", "j (#8)")
    wrote("Ivy Iles", "ivy@home.net", "k (#9)")
    repository.clock += 300 * DAY
    repository.commit("now", {"z.py": "z = 1\n"})
    indexed(repository)
    return repository


async def gone(db: Database, repository_id: UUID, index: Path) -> list[str]:
    """The files whose authors are inactive."""
    with opened(index) as read:
        files = file_histories(read, FILES, read.clock)
        facts = HistoryFacts(now=read.clock, changes=read.changes, known_faulty=0, files=tuple(files.values()))
    found = await with_presence(facts, db, repository_id, index)
    assert [file.path for file in found.files] == list(FILES)
    return [file.path for file in found.files if facts.now - file.contributors[0].last_active >= INACTIVE]


async def stored(db: Database, pulls: Sequence[Item], reviews: Sequence[Response]) -> UUID:
    """Store pull requests and reviews of a repository. Returns its id."""
    repository_id = (await fill(db)).public
    async with db.writing() as session:
        await items.save_items(session, repository_id, pulls, day(900))
        await items.save_responses(session, repository_id, reviews, day(900))
    return repository_id


async def test_who_reviews_or_merges_is_here(db: Database, project: Repository) -> None:
    today = (datetime.fromtimestamp(project.clock, UTC) - day(0)).days
    repository_id = await stored(
        db,
        [
            pull(1, 10, 11, merged=True, author=DAN),
            pull(2, 10, 11, merged=True, author=DAN),
            pull(3, 10, 11, merged=True, author=EVE),  # a backport
            pull(4, 10, 11, merged=True, author=FAY),
            pull(5, 10, 11, merged=True, author=GUS),
            pull(6, 10, 11, merged=True, author=BOT),
            pull(8, 10, 11, merged=True, author=DAN),  # who opened as many of hers as Eve did
            pull(9, 10, 11, merged=True, author=EVE),
            pull(7, today - 9, today - 8, merged=True, by=FAY),
        ],
        [
            review(7, today - 1, BOB),
            review(7, today - 2, CAT),
            review(7, today - 3, DAN),
            review(7, today - 4, EVE),
            review(7, today - 5, EVA),
            review(7, today - 250, GUS),
            review(7, today - 6, BOT),
            review(7, today - 7, None),
        ],
    )
    assert await gone(db, repository_id, index_of(project)) == ["eve.py", "gus.py", "hal.py", "ivy.py"]


async def test_without_a_sync_nothing_changes(db: Database, project: Repository) -> None:
    assert await gone(db, (await fill(db)).public, index_of(project)) == list(FILES)


async def test_without_an_index_nothing_changes(db: Database, project: Repository) -> None:
    facts = HistoryFacts(now=project.clock, changes=1, known_faulty=0)
    assert await with_presence(facts, db, (await fill(db)).public, project.path / "none.db") == facts


async def test_the_owners_of_hotspots_are_here_too(project: Repository) -> None:
    """hal.py would be by somebody who is gone."""
    indexed_at = index_of(project)
    commit_as(project, "Ida Ives", "ida@home.net", "j", {"hal.py": "i (#6) = 1\n" * 9 + "j = 1\n"})
    indexed(project)
    with opened(indexed_at) as index:
        hal = file_histories(index, ["hal.py"], index.clock)["hal.py"].contributors[0]
        shares = [
            {file.path: file.inactive_share for file in snapshots(index, {}, seen)[1].files}["hal.py"]
            for seen in ({}, {hal.person: index.clock})
        ]
    assert shares == [0.9, 0.0]
