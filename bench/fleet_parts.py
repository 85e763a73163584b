"""The parts of `bench/fleet.py` with their PostgreSQL and Valkey, and all counters of what they use."""

import asyncio
import contextlib
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from fleet_github import Fleet
from soak_parts import Parts

from bot.db.schema import migrate
from tests.repository import Repository
from tests.servers import free_port

_TABLES = "SELECT relname FROM pg_stat_user_tables"


@dataclass(frozen=True, slots=True)
class Totals:
    """All that was used until a moment. seconds: processor time by part. rows, size: of the database, size in bytes."""

    at: float
    seconds: dict[str, float]
    requests: Counter[str]
    mirrors: int
    indexes: int
    rows: int
    size: int


@dataclass(slots=True)
class Bench:
    """The running fleet. peaks: the most memory (PSS) of each part in bytes."""

    parts: Parts
    fleet: Fleet
    postgres: asyncpg.Connection
    others: dict[str, psutil.Process]
    repositories: list[Repository]
    peaks: dict[str, int] = field(default_factory=dict)

    async def totals(self) -> Totals:
        """Read all counters now."""
        seconds = {name: await asyncio.to_thread(self.parts.processor_seconds, name) for name in self.parts.running}
        for name, process in self.others.items():
            times = [one.cpu_times() for one in (process, *process.children())]
            seconds[name] = sum(one.user + one.system for one in times)
            seconds[name] += times[0].children_user + times[0].children_system
        names = [row["relname"] for row in await self.postgres.fetch(_TABLES)]
        rows = sum([await self.postgres.fetchval(f'SELECT count(*) FROM "{name}"') for name in names])
        size = await self.postgres.fetchval("SELECT pg_database_size(current_database())")
        mirrors, indexes = await asyncio.to_thread(_on_disk, self.parts.folder)
        return Totals(time.monotonic(), seconds, Counter(self.fleet.counted), mirrors, indexes, rows, size)

    async def until(self, query: str, number: int, what: str) -> None:
        """Wait until a query counts at least `number`, or at most 0 if it is 0."""
        last = time.monotonic()
        while (found := await self.postgres.fetchval(query)) < number or (number == 0 and found > 0):
            if time.monotonic() - last > 30:
                last = time.monotonic()
                print(f"{what}: {found} of {number}", flush=True)
            await asyncio.sleep(1)

    async def watch_memory(self) -> None:
        """Note the peaks until cancelled."""
        while True:
            for name in list(self.parts.running):
                used = await asyncio.to_thread(self.parts.memory, name)
                self.peaks[name] = max(used, self.peaks.get(name, 0))
            await asyncio.sleep(0.5)


def fleet_parts(folder: Path, url: str) -> Parts:
    """Two web processes, two workers on each of two machines, deliveries and scheduler. url: of an empty database."""
    migrate(url)
    parts = Parts(folder, 0, url)
    parts.also("web 2", "web", PORT=str(free_port()))
    for number in range(4):
        parts.also(f"worker {number + 1}", "worker", DATA_DIR=str(folder / f"data-{number % 2 + 1}"))
    return parts


def _on_disk(folder: Path) -> tuple[int, int]:
    """Bytes of mirrors, and of what lies beside them."""
    mirrors = indexes = 0
    for data in folder.glob("data-*"):
        for path in (data / "mirrors").rglob("*"):
            with contextlib.suppress(OSError):
                size = path.stat().st_blocks * 512 if path.is_file() else 0
                inside = any(part.endswith(".git") for part in path.relative_to(data).parts[:-1])
                mirrors, indexes = mirrors + size * inside, indexes + size * (not inside)
    return mirrors, indexes


@contextlib.asynccontextmanager
async def connected(folder: Path, url: str) -> AsyncIterator[tuple[asyncpg.Connection, psutil.Process]]:
    """A connection to the database, and the process of its server."""
    pid = int((folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        yield connection, psutil.Process(pid)
    finally:
        await connection.close()
