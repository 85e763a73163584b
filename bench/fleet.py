"""A fleet: what a repository, a delivery and an analysis cost in processor time, memory, disk and requests to GitHub.

    python bench/fleet.py --repositories 1000

Two web processes, four workers on two machines (two folders for mirrors), one worker of notifications and one scheduler
share one PostgreSQL and one Valkey. Small repositories are served by a stand-in for GitHub each, in this process, whose
own cost is not counted. Five phases, each with a table: the repositories come (fetched, indexed, learned, replayed,
synced, analyzed as a whole); nothing happens; a pull request on each repository; a push to each default branch; and
deliveries that ask for no analysis.
The first phase takes five seconds per repository at least, because the scheduler starts first analyses in fours, and
some 20 s of a processor. Linux only.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import psutil
from aiohttp import ClientSession
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from fleet_github import Served, serving
from fleet_parts import Bench, connected, fleet_parts
from soak_faults import wait_for
from soak_parts import Parts

from bot.local import STATE
from tests.postgres import create_database, running_postgres
from tests.repository import Repository
from tests.standin import WEBHOOK_SECRET
from tests.web.posting import headers

_COMMITS = 60
_FILES = 20
_POSTS_AT_ONCE = 16
_LEARNED = "SELECT count(*) FROM snapshots WHERE kind = 'hotspots'"
_WHOLE = "SELECT count(*) FROM analyses WHERE kind = 'quick' AND status = 'completed'"
_UNFINISHED = "SELECT count(*) FROM analyses WHERE status IN ('queued', 'in_progress')"
_UNREAD = "SELECT count(*) FROM sync_states WHERE completed_at IS NULL AND status <> 'refused'"
_NEW = "SELECT count(*) FROM deliveries WHERE status = 'received'"


def main() -> None:
    """Run the phases and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repositories", type=int, default=1_000)
    parser.add_argument("--deliveries", type=int, default=2_000, help="that ask for no analysis (default 2,000)")
    parser.add_argument("--idle", type=float, default=120.0, help="seconds in which nothing happens (default 120)")
    parser.add_argument("--folder", type=Path, help="where the data lie during the run (default: a temporary folder)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder, prefix="fleet-") as name:
        folder = Path(name)
        with running_postgres(folder / "postgres") as server:
            url = create_database(server, "fleet")
            parts = fleet_parts(folder, url)
            asyncio.run(_run(arguments, folder, parts, url))


async def _run(arguments: argparse.Namespace, folder: Path, parts: Parts, url: str) -> None:
    made = await asyncio.to_thread(_made, folder, arguments.repositories)
    parts.valkey.start()
    places = [one.path for one in made]
    async with (
        serving(places, folder, parts.webhook_url, parts.github_port) as fleet,
        connected(folder, url) as (
            postgres,
            postmaster,
        ),
    ):
        assert parts.valkey.process is not None
        others = {"PostgreSQL": postmaster, "Valkey": psutil.Process(parts.valkey.process.pid)}
        bench = Bench(parts, fleet, postgres, others, made)
        try:
            parts.start()
            watching = asyncio.create_task(bench.watch_memory())
            await wait_for(parts.is_ready, 120)
            await _phases(bench, arguments)
            watching.cancel()
        finally:
            await asyncio.to_thread(parts.stop)


async def _phases(bench: Bench, arguments: argparse.Namespace) -> None:
    number = arguments.repositories
    await _measured(bench, "a new repository", number, lambda: _arrive(bench, number))
    await _measured(bench, "an hour of the idle instance", arguments.idle / 3_600,
                    lambda: asyncio.sleep(arguments.idle))  # fmt: skip
    await _measured(bench, "a pull request, analyzed", number, lambda: _pull_requests(bench))
    await _measured(bench, "a push to the default branch, analyzed and learned", number, lambda: _merges(bench))
    await _measured(bench, "a delivery without an analysis", arguments.deliveries,
                    lambda: _deliver(bench, arguments.deliveries))  # fmt: skip
    table = Table("part", "peak memory (PSS), MB")
    for name, peak in sorted(bench.peaks.items()):
        table.add_row(name, f"{peak / 2**20:.0f}")
    Console().print(table)


async def _measured(bench: Bench, title: str, number: float, work: Callable[[], Awaitable[object]]) -> None:
    """Run a phase, and print what each of `number` cost."""
    before = await bench.totals()
    await work()
    after = await bench.totals()
    table = Table(f"{title} ({number:g} of them in {after.at - before.at:.0f} s)", "each")
    groups: defaultdict[str, float] = defaultdict(float)
    for name, seconds in after.seconds.items():
        groups[name.partition(" ")[0]] += seconds - before.seconds.get(name, 0.0)
    for name, seconds in groups.items():
        table.add_row(f"{name}, processor", f"{1_000 * seconds / number:.1f} ms")
    for kind, count in (after.requests - before.requests).items():
        table.add_row(f"requests to GitHub: {kind}", f"{count / number:.2f}")
    table.add_row("mirrors", f"{(after.mirrors - before.mirrors) / number / 1024:.1f} KB")
    table.add_row("indexes and models", f"{(after.indexes - before.indexes) / number / 1024:.1f} KB")
    table.add_row("rows", f"{(after.rows - before.rows) / number:.2f}")
    table.add_row("database", f"{(after.size - before.size) / number / 1024:.1f} KB")
    Console().print(table)


async def _arrive(bench: Bench, number: int) -> None:
    await bench.until(_LEARNED, number, "learned")
    await bench.until(_WHOLE, number, "analyzed as a whole")
    await bench.until(_UNREAD, 0, "not synced yet")
    await bench.until(_UNFINISHED, 0, "unfinished")


async def _pull_requests(bench: Bench) -> None:
    heads = []
    for one, repository in zip(bench.fleet.served, bench.repositories, strict=True):
        await asyncio.to_thread(repository.branch, "topic")
        files = {f"app/part{number}.py": _code(number + 1_000) for number in range(3)}
        heads.append((one, await asyncio.to_thread(repository.commit, "change three parts", files)))
        await one.look()
    await wait_for(lambda: all(one.concluded(sha) for one, sha in heads), 3_600)
    await bench.until(_UNFINISHED, 0, "unfinished")


async def _merges(bench: Bench) -> None:
    since = await bench.postgres.fetchval("SELECT now()")
    for one, repository in zip(bench.fleet.served, bench.repositories, strict=True):
        await asyncio.to_thread(repository.checkout, "main")
        await asyncio.to_thread(repository.commit, "merged", {"app/part7.py": _code(7_000)})
        await one.look()
    await bench.until(f"{_LEARNED} AND created_at > '{since}'", len(bench.repositories), "learned")
    await bench.until(_UNFINISHED, 0, "unfinished")


async def _deliver(bench: Bench, number: int) -> None:
    """Deliver again, under new ids, that the pull requests were opened: they are analyzed already."""
    bodies = [_opened(one) for one in bench.fleet.served]
    todo = iter(range(number))

    async def post() -> None:
        async with ClientSession() as session:
            for index in todo:
                body = bodies[index % len(bodies)]
                sent = headers(WEBHOOK_SECRET, "pull_request", body, str(uuid4()))
                async with session.post(bench.parts.webhook_url, data=body, headers=sent) as answer:
                    assert answer.status == 202

    await asyncio.gather(*(post() for _ in range(_POSTS_AT_ONCE)))
    await bench.until(_NEW, 0, "undispatched")


def _opened(one: Served) -> bytes:
    sent = [row for row in one.app[STATE].deliveries if (row.event, row.action) == ("pull_request", "opened")]
    return sent[-1].payload.encode()


def _made(folder: Path, number: int) -> list[Repository]:
    """Repositories of the same small history; each is one on GitHub of its own."""
    first = Repository.create(folder / "repositories" / "r0")
    first.commit("first", {f"app/part{part}.py": _code(part) for part in range(_FILES)})
    for change in range(_COMMITS):
        fix = "fix" if change % 5 == 0 else "change"
        first.commit(f"{fix} part {change % _FILES}", {f"app/part{change % _FILES}.py": _code(change)})
    made = [first]
    for index in range(1, number):
        copy = Repository(folder / "repositories" / f"r{index}", first.clock)
        shutil.copytree(first.path, copy.path)
        made.append(copy)
    for index, one in enumerate(made):
        one.git("remote", "add", "origin", f"https://github.com/fleet/r{index}")
    return made


def _code(seed: int) -> str:
    return "".join(
        f"def f{seed}_{number}(value):\n    if value > {seed}:\n        return {number}\n    return value\n\n\n"
        for number in range(12)
    )


if __name__ == "__main__":
    main()
