"""What lost webhooks leave is healed: failed deliveries are asked for once, and open pull requests are compared."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis as SyncRedis
from redis.asyncio import Redis
from sqlalchemy import select, update

from bot.db.access_tables import AuditRow
from bot.db.deliveries import StoredDelivery, store
from bot.db.engine import Database, now
from bot.db.healing import find_compared, note_gone
from bot.db.orders import carry_out
from bot.db.snapshots import save_snapshots
from bot.db.tables import Repository as RepositoryRow
from bot.domain.deliveries import DeliveryStatus
from bot.domain.orders import InstallationRef, RepositoryRef, UpdateRepository
from bot.domain.snapshots import Hotspots
from bot.github.tokens import App, TokenCache
from bot.jobs.heal import Healer
from bot.jobs.scheduler import schedule
from bot.local.faults import Fault
from bot.queue.enqueue import open_queue
from tests.databases import migrated_sqlite
from tests.faults.running import NO_REDIS, Running, running
from tests.receiver import running_receiver
from tests.repository import Repository
from tests.servers import Valkey, free_port
from tests.stack import cancelled, eventually
from tests.standin import APP_ID, StandIn, key_pair, running_stand_in


async def healer_of(github: StandIn, valkey: Valkey, tmp_path: Path) -> Healer:
    """A healer with a database that knows the repository by an old name."""
    db = Database(await asyncio.to_thread(migrated_sqlite, tmp_path / "t.db"))
    identity = github.hub.identity
    installation = InstallationRef(github.installation_id, "local")
    known = RepositoryRef(
        github_id=identity.repository_id, full_name="local/before", private=False, installation=installation
    )
    await carry_out(db, [UpdateRepository(known)])
    tokens = TokenCache(Redis.from_url(valkey.url), "k")
    return Healer(db, open_queue(SyncRedis.from_url(valkey.url)), tokens, App(APP_ID, key_pair()[0], github.url))


async def test_a_failed_delivery_is_asked_for_once(repository: Repository, tmp_path: Path, valkey: Valkey) -> None:
    repository.commit("First", {"a.py": ""})
    async with running_receiver() as receiver:
        receiver.answers = [503]
        async with running_stand_in(repository.path, tmp_path, receiver.url, newest=0) as github:
            repository.branch("topic")
            repository.commit("Second", {"b.py": ""})
            await github.watch.look()
            await github.hub.settled()
            failed = [sent["X-GitHub-Delivery"] for sent in receiver.sent]
            healer = await healer_of(github, valkey, tmp_path)
            await store(healer.db, [StoredDelivery(failed[-1], "push", b"{}", DeliveryStatus.DONE, now())])
            await healer.redeliver_failed()
            await github.hub.settled()
            again = [sent["X-GitHub-Delivery"] for sent in receiver.sent[len(failed) :]]
            assert len(again) == len(set(again))
            assert set(again) == set(failed[:-1])
            for another in (healer, Healer(healer.db, healer.queue, healer.tokens, healer.app)):
                await another.redeliver_failed()
                await github.hub.settled()
            assert len(receiver.sent) == len(failed) + len(again)
            await healer.db.close()


async def test_a_head_without_a_delivery_and_a_lost_rename_are_found(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    repository.commit("First", {"a.py": ""})
    async with (
        running_receiver() as receiver,
        running_stand_in(repository.path, tmp_path, receiver.url, newest=0) as github,
    ):
        healer = await healer_of(github, valkey, tmp_path)
        repository.branch("topic")
        repository.commit("Second", {"b.py": ""})
        await github.watch.look()
        await known_since(healer, 2100)
        await healer.compare_heads()
        assert healer.queue.job_ids == []  # it was open before we knew the repository, and nothing happened since
        (known,) = await repositories_of(healer.db)
        assert known == (github.hub.identity.full_name, True)
        await known_since(healer, 2020)
        await healer.compare_heads()
        assert len(healer.queue.job_ids) == 1
        repository.commit("Third", {"c.py": ""})
        await github.watch.look()
        await healer.compare_heads()
        assert len(healer.queue.job_ids) == 1  # not yet its turn
        await known_since(healer, 2100)
        await healer.compare_heads()
        assert len(healer.queue.job_ids) == 2
        await healer.db.close()


async def repositories_of(db: Database) -> list[tuple[str, bool]]:

    return [(one.full_name, one.private) for one in await find_compared(db)]


async def known_since(healer: Healer, year: int) -> None:
    """The repository is known since this year, and it is its turn again."""
    async with healer.db.writing() as session:
        await session.execute(update(RepositoryRow).values(created_at=datetime(year, 1, 1, tzinfo=UTC)))
    healer.compared.clear()


async def test_githubs_absence_is_one_line_of_the_log(
    tmp_path: Path, valkey: Valkey, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    db, redis = Database(await asyncio.to_thread(migrated_sqlite, tmp_path / "t.db")), Redis.from_url(valkey.url)
    queue = open_queue(SyncRedis.from_url(valkey.url))
    healer = Healer(db, queue, TokenCache(redis, "k"), App(APP_ID, key_pair()[0], f"http://127.0.0.1:{free_port()}"))
    running = asyncio.create_task(schedule(db, redis, queue, timedelta(days=400), healer=healer))

    async def said() -> str | None:
        return next((one for one in caplog.messages if "the redelivery of webhooks" in one), None)

    assert "waits: GitHub could not be reached" in await eventually(said, "a line of the log")
    await cancelled(running)
    await redis.aclose()
    await db.close()


async def test_a_push_without_a_delivery_is_found(repository: Repository, tmp_path: Path) -> None:
    repository.commit("First", {"a.py": ""})
    async with running(repository, tmp_path) as bench:
        healer = healer_at(bench)
        old = repository.commit("Second", {"a.py": "a = 1\n"})
        await bench.github.watch.look()
        await healer.compare_heads()
        assert await bench.rows() == []  # no push was analyzed before: the head may be older than the installation
        await bench.deliver_new("push")
        missed = repository.commit("Third", {"a.py": "a = 2\n"})
        await bench.github.watch.look()
        for _ in range(2):
            healer.compared.clear()
            await healer.compare_heads()
        found = [(row.subject, row.head_sha, row.base_sha, row.delivery_id) for row in await bench.rows(missed)]
        assert found == [("refs/heads/main", missed, old, None)]
        await bench.work()
        assert bench.runs(missed)[0].conclusion == "success"


async def test_a_first_push_without_a_delivery_is_found(repository: Repository, tmp_path: Path) -> None:
    known = repository.commit("First", {"a.py": ""})
    async with running(repository, tmp_path) as bench:
        healer = healer_at(bench)
        async with bench.db.reading() as session:
            repository_id = (await session.scalars(select(RepositoryRow.id))).one()
        await save_snapshots(bench.db, repository_id, known, [Hotspots(changes=1, files=())])
        await healer.compare_heads()
        assert await bench.rows() == []  # nothing was pushed since the history was indexed
        missed = repository.commit("Second", {"a.py": "a = 1\n"})
        await bench.github.watch.look()
        for _ in range(2):
            healer.compared.clear()
            await healer.compare_heads()
        found = [(row.subject, row.head_sha, row.base_sha) for row in await bench.rows()]
        assert found == [("refs/heads/main", missed, known)]


async def test_open_pull_requests_are_compared_page_by_page(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.compared._PER_PAGE", 2)
    repository.commit("First", {"a.py": ""})
    async with running(repository, tmp_path) as bench:
        healer = healer_at(bench)
        heads = set()
        for number in range(5):
            repository.git("checkout", "-q", "-B", f"topic-{number}", "main")
            heads.add(repository.commit(f"Change {number}", {f"b{number}.py": ""}))
        await bench.github.watch.look()
        for _ in range(2):  # the second time all pages are unchanged
            healer.compared.clear()
            await healer.compare_heads()
        assert sorted(row.head_sha for row in await bench.rows()) == sorted(heads)


async def test_what_is_not_found_for_a_week_is_forgotten(repository: Repository, tmp_path: Path) -> None:
    repository.commit("First", {"a.py": ""})
    async with running(repository, tmp_path) as bench:
        healer = healer_at(bench)
        not_found = Fault(404, "GET", "/repositories/", {"content-type": "application/json"}, 1_000, "Not Found")
        bench.github.faults.append(not_found)
        await healer.compare_heads()
        (known,) = await find_compared(bench.db)
        assert known.gone_since is not None
        bench.github.faults.clear()  # it was a passing failure
        healer.compared.clear()
        await healer.compare_heads()
        assert (await find_compared(bench.db))[0].gone_since is None
        bench.github.faults.append(not_found)
        week_ago = now() - timedelta(days=7, minutes=1)
        await note_gone(bench.db, known.github_id, week_ago)
        healer.compared.clear()
        await healer.compare_heads()
        assert len(await find_compared(bench.db)) == 1  # the App itself has got no answer: the address may be wrong
        await healer.redeliver_failed()
        healer.compared.clear()
        await healer.compare_heads()
        assert await find_compared(bench.db) == []
        async with bench.db.reading() as session:
            entry = (await session.scalars(select(AuditRow).order_by(AuditRow.at.desc()))).first()
        assert entry is not None
        assert (entry.action, entry.actor, entry.subject) == ("repository.remove", "GitHub", known.full_name)
        assert entry.changes == {"not_found_since": week_ago.isoformat(timespec="seconds")}


@pytest.mark.parametrize(
    ("status", "text", "gone"),
    [
        (404, "Not Found", True),
        (422, "There is at least one repository that does not exist or is not accessible to the parent", True),
        (422, "The permissions requested are not granted to this installation.", False),
        (403, "This installation has been suspended", False),
        (502, "Bad Gateway", False),
    ],
)
async def test_only_an_unknown_repository_counts_as_gone(
    status: int, text: str, gone: bool, repository: Repository, tmp_path: Path
) -> None:
    repository.commit("First", {"a.py": ""})
    async with running(repository, tmp_path) as bench:
        headers = {"content-type": "application/json"}
        bench.github.faults.append(Fault(status, "POST", "/access_tokens", headers, 1, text))
        await healer_at(bench).compare_heads()
        assert ((await find_compared(bench.db))[0].gone_since is not None) is gone


def healer_at(bench: Running) -> Healer:
    queue = open_queue(SyncRedis.from_url(NO_REDIS))
    return Healer(bench.db, queue, bench.context.tokens, bench.context.app)
