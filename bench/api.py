"""The REST API over 100,000 insights of one repository: how deep a page may lie, and what an answer costs.

Latency of `GET …/insights?limit=20` at offset 0 and at offset 50,000, asked in turns over one connection; then requests
per second against a bare aiohttp handler that answers the same bytes, in one run, the server on a core of its own.
"""

import argparse
import asyncio
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
import uvloop
from sqlalchemy import insert, text

sys.path.insert(0, str(Path(__file__).parent.parent))

from receiver import SECRET, environment, serving

from bot.db.engine import Database
from bot.db.tables import Analysis, InsightRow, Installation, Repository
from bot.storage import database_url
from bot.web.auth import Keys, Role, sign
from tests.postgres import create_database, running_postgres
from tests.servers import free_port, running_valkey
from tests.tokens import granted

ROWS = 100_000
DEEP = 50_000
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
BARE = """
import sys
import uvloop
from aiohttp import web

content = open(sys.argv[1], "rb").read()

async def answer(request):
    return web.Response(body=content, content_type="application/json")

app = web.Application()
app.router.add_get("/{rest:.*}", answer)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[2]), access_log=None, print=None, loop=uvloop.new_event_loop())
"""


async def fill(url: str) -> tuple[UUID, str]:
    """Fill a database; (the repository's id, a token)."""
    db = Database(database_url(url))
    repository_id, analysis_id = uuid4(), uuid4()
    await _insert_rows(db, repository_id, analysis_id)
    async with db.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("ANALYZE" if db.is_sqlite else "VACUUM ANALYZE"))
    token = sign(Keys(SECRET), await granted(db, "bench", Role.VIEWER))
    await db.close()
    return repository_id, token


async def _insert_rows(db: Database, repository_id: UUID, analysis_id: UUID) -> None:
    """One installation, one repository, one analysis and its insights."""
    async with db.writing() as session:
        session.add(Installation(id=1, account="o", suspended=False, created_at=MOMENT))
        await session.flush()
        session.add(
            Repository(
                id=repository_id,
                github_id=1,
                installation_id=1,
                full_name="o/r",
                default_branch="main",
                facts={},
                created_at=MOMENT,
                updated_at=MOMENT,
            )
        )
        await session.flush()
        session.add(
            Analysis(
                id=analysis_id,
                repository_id=repository_id,
                key="k",
                subject="s",
                ref="main",
                head_sha="a" * 40,
                status="completed",
                created_at=MOMENT,
            )
        )
        await session.flush()
        for start in range(0, ROWS, 10_000):
            rows = [_row(number, repository_id, analysis_id) for number in range(start, start + 10_000)]
            await session.execute(insert(InsightRow), rows)


def _row(number: int, repository_id: UUID, analysis_id: UUID) -> dict[str, object]:
    return {
        "id": uuid4(),
        "repository_id": repository_id,
        "analysis_id": analysis_id,
        "pull_request": number % 5_000,
        "head_sha": "a" * 40,
        "type": "code_quality",
        "rule": "complexity/worse",
        "standing": "remark",
        "severity": "low",
        "title": "`function` in `some/path/of/the/file.py` became harder to follow",
        "description": "Its cognitive complexity went from 12 to 25, its CCN from 9 to 17.",
        "remedy": "Lines 10–40 hold about half of it: extract them into a function.",
        "confidence_score": 0.9,
        "confidence_reason": "counted from the syntax tree",
        "evidence": {"before": {"ccn": 9, "cognitive": 12}, "after": {"ccn": 17, "cognitive": 25}},
        "locations": [{"path": "some/path/of/the/file.py", "start_line": 10, "end_line": 80}],
        "tags": ["complexity", "python"],
        "fingerprint": f"{number:016x}",
        "model_version": "gitinsight 0.1.0",
        "created_at": MOMENT + timedelta(seconds=number),
    }


async def latencies(url: str, token: str, turns: int) -> dict[int, list[float]]:
    """Seconds of each answer, by offset; each turn asks for another page: none was made within the last second."""
    found: dict[int, list[float]] = {0: [], DEEP: []}
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        for turn in range(turns + 20):
            for offset, took in found.items():
                begin = time.perf_counter()
                async with session.get(f"{url}?limit=20&offset={offset + turn}") as answer:
                    content = await answer.json()
                    assert len(content["items"]) == 20, content
                if turn >= 20:
                    took.append(time.perf_counter() - begin)
    return found


async def rate(url: str, token: str, seconds: float, connections: int, *, pages: int = 1) -> float:
    """Answers per second. pages: so many different ones are asked for, one after the other."""
    until, answers = time.perf_counter() + seconds, 0

    async def ask(session: aiohttp.ClientSession) -> None:
        nonlocal answers
        while time.perf_counter() < until:
            asked = url if pages == 1 else f"{url}&offset={answers % pages}"
            async with session.get(asked) as answer:
                await answer.read()
                assert answer.status == 200
                answers += 1

    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(connector=connector, headers={"Authorization": f"Bearer {token}"}) as session:
        await asyncio.gather(*(ask(session) for _ in range(connections)))
    return answers / seconds


async def page(url: str, token: str) -> bytes:
    """The bytes of one answer."""
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as answer:
        return await answer.read()


def measure(name: str, base: str, repository: UUID, token: str, folder: str, arguments: argparse.Namespace) -> None:
    """One row per question."""
    insights = f"{base}/api/v1/repositories/{repository}/insights"
    taken = uvloop.run(latencies(insights, token, arguments.turns))
    p95 = {offset: sorted(took)[int(len(took) * 0.95)] * 1000 for offset, took in taken.items()}
    print(f"{name}: p95 {p95[0]:.1f} ms at offset 0, {p95[DEEP]:.1f} ms at {DEEP:,}: {p95[DEEP] / p95[0]:.2f} times")
    for what, url, pages in (
        ("20 insights of 100,000, the same page again", f"{insights}?limit=20", 1),
        ("20 insights of 100,000, another page each time", f"{insights}?limit=20", DEEP),
        ("one repository", insights.rpartition("/")[0], 1),
    ):
        content = Path(folder, "page.json")
        content.write_bytes(uvloop.run(page(url, token)))
        port = free_port()
        with serving(["-c", BARE, str(content), str(port)], port, dict(os.environ)):
            shares, rates = [], []
            for _ in range(arguments.rounds):
                floor = uvloop.run(rate(f"http://127.0.0.1:{port}/", token, arguments.seconds, 16))
                ours = uvloop.run(rate(url, token, arguments.seconds, 16, pages=pages))
                shares.append(ours / floor)
                rates.append(ours)
        print(
            f"{name}: {what}: {statistics.median(rates):.0f} requests/s, {statistics.median(shares):.2f} of the floor"
        )


def main() -> None:
    """Fill both databases, start a server on each, measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0, help="length of each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="turns; the median counts")
    parser.add_argument("--turns", type=int, default=300, help="answers for each latency")
    parser.add_argument("--sqlite", action="store_true", help="without PostgreSQL")
    arguments = parser.parse_args()
    if sys.platform == "linux" and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, set(range(1, os.cpu_count() or 2)))
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        valkey = stack.enter_context(running_valkey(Path(folder, "valkey")))
        urls = {"SQLite": f"sqlite:///{folder}/b.db"}
        if not arguments.sqlite:
            postgres = stack.enter_context(running_postgres(Path(folder, "postgres")))
            urls["PostgreSQL"] = create_database(postgres, "bench")
        for name, url in urls.items():
            port = free_port()
            env = environment(folder, url, valkey.url, port) | {"API_RATE": "1000000"}
            subprocess.run([sys.executable, "-m", "bot", "migrate"], env=env, check=True, stdout=subprocess.DEVNULL)
            repository, token = asyncio.run(fill(env["DATABASE_URL"]))
            with serving(["-m", "bot", "web"], port, env):
                measure(name, f"http://127.0.0.1:{port}", repository, token, folder, arguments)


if __name__ == "__main__":
    main()
