"""The sync of 10,000 issues and pull requests from the stand-in for GitHub, against reading the same pages bare.

Both run in turns, each in a process of its own, against one stand-in in a third process: the job `sync_github` with an
empty SQLite database, and a loop that requests the same URLs in the same order with the same client session and parses
the JSON with orjson. Printed are the seconds of each, their ratio (target: at most 1.5), and the job's peak memory
(target: at most 200 MB).
"""

import argparse
import asyncio
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

sys.path.insert(0, str(Path(__file__).parent.parent))

import msgspec
import orjson
from aiohttp import web
from redis.asyncio import Redis

from bot.db import sync_states
from bot.db.engine import Database, now
from bot.db.schema import migrate
from bot.db.tables import Installation, Repository
from bot.github.client import open_session
from bot.github.tokens import READ_ITEMS, App, TokenCache, installation_token
from bot.jobs.sync_github import sync_github
from bot.local import INSTALLATION_ID, LocalConfig, create_app, rate_limit
from bot.local.config import identify
from bot.local.item_records import Comment, Issue, Pull, Record, Review, ReviewComment
from bot.pipeline.context import Context
from bot.sync.source import Source
from tests.repository import Repository as GitRepository
from tests.servers import free_port
from tests.standin import APP_ID, WEBHOOK_SECRET, key_pair

WORDS = "the sync of a page fails when two workers read one list and the limit of GitHub is spent before".split()
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)


def main() -> None:
    """Run the turns and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=10_000, help="issues and pull requests together [10000]")
    parser.add_argument("--pulls", type=float, default=0.2, help="the share of pull requests [0.2]")
    parser.add_argument("--turns", type=int, default=3, help="how often each is run [3]")
    parser.add_argument("--part", choices=["serve", "sync", "bare"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.part == "serve":
        serve(wanted.folder, wanted.port)
    elif wanted.part:
        print(json.dumps(asyncio.run((sync if wanted.part == "sync" else bare)(wanted.folder, wanted.port))))
    else:
        with tempfile.TemporaryDirectory() as folder:
            compare(Path(folder), wanted.items, wanted.pulls, wanted.turns)


def compare(folder: Path, items: int, share: float, turns: int) -> None:
    """Serve the items, run both in turns, and print what they took."""
    private, public = key_pair()
    (folder / "private.pem").write_text(private)
    (folder / "public.pem").write_text(public)
    GitRepository.create(folder / "project").commit("first", {"a.py": "1\n"})
    with (folder / "items.jsonl").open("wb") as file:
        for record in records(items, int(items * share)):
            file.write(msgspec.json.encode(record) + b"\n")
    port = free_port()
    server = subprocess.Popen(part("serve", folder, port))
    try:
        wait_for(f"http://127.0.0.1:{port}/app")
        found: dict[str, list[dict[str, float]]] = {"sync": [], "bare": []}
        for _ in range(turns):
            for name, results in found.items():
                done = subprocess.run(part(name, folder, port), check=True, capture_output=True, text=True)
                results.append(json.loads(done.stdout.splitlines()[-1]))
    finally:
        server.kill()
        server.wait()
    report(items, found)


def report(items: int, found: dict[str, list[dict[str, float]]]) -> None:
    """Print the medians."""
    seconds = {name: statistics.median(one["seconds"] for one in results) for name, results in found.items()}
    cpu = {name: statistics.median(one["cpu"] for one in results) for name, results in found.items()}
    requests = found["sync"][0]["requests"]
    peak = max(one["peak_mb"] for one in found["sync"])
    print(f"{items:,} issues and pull requests, {requests:,.0f} requests, median of {len(found['sync'])} turns")
    print(f"{'sync':<8}{seconds['sync']:8.1f} s{cpu['sync']:8.1f} s of processor time{peak:8.0f} MB at its peak")
    print(f"{'bare':<8}{seconds['bare']:8.1f} s{cpu['bare']:8.1f} s of processor time")
    print(f"{'ratio':<8}{seconds['sync'] / seconds['bare']:8.2f}   (target 1.5)")


def part(name: str, folder: Path, port: int) -> list[str]:
    """The command line of a part."""
    return [sys.executable, __file__, "--part", name, "--folder", str(folder), "--port", str(port)]


def records(items: int, pulls: int) -> Iterator[Record]:
    """Issues and pull requests with comments and reviews."""
    chance = random.Random(1)
    for number in range(1, items + 1):
        at = (BEGIN + timedelta(hours=5 * number)).strftime("%Y-%m-%dT%H:%M:%SZ")
        common: dict[str, Any] = {
            "number": number,
            "title": " ".join(chance.choices(WORDS, k=8)),
            "user": f"person{chance.randrange(500)}",
            "created_at": at,
            "body": " ".join(chance.choices(WORDS, k=chance.randrange(20, 400))),
            "labels": chance.sample(["bug", "docs", "help wanted", "wontfix"], k=2),
        }
        if number % (items // max(1, pulls)):
            yield Issue(**common)
        else:
            shas: dict[str, Any] = {"head_sha": f"{number:040x}", "base_sha": "b" * 40, "base_ref": "main"}
            yield Pull(**common, **shas, merged_at=at if chance.random() < 0.7 else None, merged_by="person1")
            yield Review(number=number, user="person2", created_at=at, state="APPROVED")
            yield ReviewComment(number=number, user="person3", created_at=at, body="see above")
        yield Comment(number=number, user="person4", created_at=at, body=common["title"])


def serve(folder: Path, port: int) -> None:
    """Serve the stand-in, without a limit that the runs would spend."""
    rate_limit._LIMIT = 1_000_000_000
    config = LocalConfig(
        repository=folder / "project",
        data_dir=folder / "github",
        webhook_url="http://127.0.0.1:9/webhook",
        webhook_secret=WEBHOOK_SECRET,
        app_id=APP_ID,
        public_key_pem=(folder / "public.pem").read_text(),
        base_url=f"http://127.0.0.1:{port}",
        poll_seconds=3600.0,
        items=folder / "items.jsonl",
    )
    web.run_app(create_app(config), host="127.0.0.1", port=port, access_log=None, print=lambda *_: None)


def wait_for(url: str) -> None:
    """Wait until the server answers anything."""
    for _ in range(1_200):
        try:
            urllib.request.urlopen(url, timeout=5)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the stand-in did not start")


def app_of(folder: Path, port: int) -> App:
    """The App of the stand-in."""
    return App(APP_ID, (folder / "private.pem").read_text(), f"http://127.0.0.1:{port}")


async def sync(folder: Path, port: int) -> dict[str, float]:
    """Run the job once with an empty database; its seconds, requests and peak memory."""
    identity = identify(folder / "project", "")
    with tempfile.TemporaryDirectory(dir=folder) as place:
        url = f"sqlite+aiosqlite:///{place}/bench.db"
        await asyncio.to_thread(migrate, url)
        db = Database(url)
        repository_id = await store_repository(db, identity.repository_id, identity.full_name)
        context = Context(
            db=db,
            tokens=TokenCache(Redis.from_url("redis://127.0.0.1:9"), "x" * 32),
            app=app_of(folder, port),
            github_url=f"http://127.0.0.1:{port}",
            public_url="http://127.0.0.1",
            mirrors=folder,
            max_repository_mb=100,
            enqueue_change_analysis=lambda _: None,
            enqueue_learn_history=lambda _: None,
            enqueue_back_test=lambda _: None,
        )
        urls = noted_urls()
        began, cpu = time.perf_counter(), time.process_time()
        await sync_github(context, repository_id, limits=None)
        seconds = time.perf_counter() - began
        for state in await sync_states.get_states(db, repository_id):
            if state.status != "done":
                raise SystemExit(f"{state.resource}: {state.reason}")
        await db.close()
    (folder / "urls.json").write_bytes(orjson.dumps(urls))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "cpu": time.process_time() - cpu, "requests": len(urls), "peak_mb": peak}


def noted_urls() -> list[str]:
    """The URLs that the sync requests from now on, in order."""
    urls: list[str] = []
    read = Source.get

    async def noting(self: Source, url: str, etag: str | None = None) -> object:
        urls.append(url)
        return await read(self, url, etag)

    Source.get = noting  # type: ignore[method-assign,assignment]
    return urls


async def store_repository(db: Database, github_id: int, full_name: str) -> UUID:
    """Store the served repository."""
    identifier = uuid4()
    async with db.writing() as session:
        session.add(Installation(id=INSTALLATION_ID, account="local", suspended=False, created_at=now()))
        await session.flush()
        values = {"full_name": full_name, "default_branch": "main", "created_at": now(), "updated_at": now()}
        session.add(Repository(id=identifier, github_id=github_id, installation_id=INSTALLATION_ID, facts={}, **values))
    return identifier


async def bare(folder: Path, port: int) -> dict[str, float]:
    """Request the same URLs and parse them; its seconds."""
    app, tokens = app_of(folder, port), TokenCache(Redis.from_url("redis://127.0.0.1:9"), "x" * 32)
    urls, repository_id = orjson.loads((folder / "urls.json").read_bytes()), identify(folder / "project", "")
    async with open_session() as session:
        token = await installation_token(session, tokens, app, INSTALLATION_ID, repository_id.repository_id, READ_ITEMS)
        headers = {"authorization": f"token {token}", "user-agent": "bench", "accept": "application/vnd.github+json"}
        began, cpu = time.perf_counter(), time.process_time()
        for url in urls:
            async with session.get(url, headers=headers) as answer:
                orjson.loads(await answer.read())
        return {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}


if __name__ == "__main__":
    main()
