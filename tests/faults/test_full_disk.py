"""A full disk, on a real file system of some megabytes: nothing is torn, and it goes on when there is room."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.local.conftest import token_of
from tests.repository import Repository
from tests.standin import key_pair, running_stand_in

# A file system of its own, without root: user_namespaces(7). Some machines forbid it.
ALONE = ["unshare", "--user", "--map-root-user", "--mount"]
CHILD = """
import asyncio, subprocess, sys
from pathlib import Path
from bot.errors import Unavailable
from bot.git.change import has_objects
from bot.git.mirror import fetch
from bot.git.run import git
from bot.history.index import opened
from bot.pipeline.history import update_index

folder, url, head = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
token = sys.stdin.read()

def mount(place, options):
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], check=True)

async def fetched(name):
    try:
        await fetch(folder / name, url, token, branches=["main"])
    except Unavailable as full:
        return str(full)
    return "fetched"

async def main():
    mount(folder, "size=3m")
    print(await fetched("1.git"))
    print([path.name for path in folder.rglob("*tmp_pack*")])
    mount(folder, "remount,size=64m")
    print(await fetched("1.git"), await has_objects(folder / "1.git", [head]))
    await git(folder / "1.git", "fsck", "--full", "--strict")
    small = folder / "small"
    small.mkdir()
    mount(small, "size=64k")
    print(await update_index(folder / "1.git", small / "index.db", head))
    mount(small, "remount,size=8m")
    print(await update_index(folder / "1.git", small / "index.db", head))
    with opened(small / "index.db") as index:
        print(index.changes)

asyncio.run(main())
"""

RECEIVER = """
import asyncio, hashlib, hmac, json, logging, subprocess, sys
from pathlib import Path
from aiohttp.test_utils import TestClient, TestServer
from bot.db.engine import Database
from bot.db.schema import migrate
from bot.queue.connection import connect
from bot.settings import read_settings
from bot.web.application import create_app

logging.disable()
folder, secret = Path(sys.argv[1]), "w" * 32
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=72m", "tmpfs", str(folder)], check=True)
url = f"sqlite+aiosqlite:///{folder / 'gitinsight.db'}"
migrate(url)
settings = read_settings({
    "DATABASE_URL": url, "DATA_DIR": str(folder), "GITHUB_APP_ID": "1", "GITHUB_PRIVATE_KEY": sys.stdin.read(),
    "GITHUB_WEBHOOK_SECRET": secret, "SECRET_KEY": "s" * 32, "REDIS_URL": "redis://127.0.0.1:9",
})

async def delivered(client, number):
    body = json.dumps({"action": "opened", "number": number, "body": "".join(map(str, range(number, 3_000)))}).encode()
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-GitHub-Event": "pull_request", "X-GitHub-Delivery": str(number), "X-Hub-Signature-256": signature}
    async with client.post("/webhook", data=body, headers=headers) as answer:
        return answer.status

async def disk(client):
    async with client.get("/readyz") as answer:
        return answer.status, (await answer.json())["disk"]

async def main():
    db = Database(url)
    async with TestClient(TestServer(create_app(settings, db, connect(settings.redis_url)))) as client:
        print(await delivered(client, 1), (await disk(client))[1])
        filler = folder / "filler"
        try:
            with filler.open("wb", buffering=0) as file:
                while file.write(b"x" * 4096) == 4096:
                    pass
        except OSError:
            pass
        full = [await delivered(client, number) for number in range(2, 40)]
        print(full[-1], sorted(set(full)), await disk(client))
        filler.unlink()
        again = [await delivered(client, number) for number in range(2, 40)]
        print(sorted(set(again)), (await disk(client))[1])
    async with db.reading() as session:
        from sqlalchemy import text
        print((await session.execute(text("SELECT count(*) FROM deliveries"))).scalar())
        print((await session.execute(text("PRAGMA integrity_check"))).scalar())

asyncio.run(main())
"""


def may_mount() -> bool:
    try:
        return subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not may_mount(), reason="this machine has no user namespaces")
async def test_a_mirror_and_an_index_without_room_wait_and_go_on(tmp_path: Path) -> None:
    repository = Repository.create(tmp_path / "project")
    head = repository.commit("large", {f"blob{number}": os.urandom(1_000_000) for number in range(8)})
    (tmp_path / "mirrors").mkdir()
    async with running_stand_in(repository.path, tmp_path, newest=0) as stand_in:
        token = await token_of(stand_in, permissions={"contents": "read"})
        url = f"{stand_in.url}/{stand_in.hub.identity.full_name}.git"
        child = await asyncio.create_subprocess_exec(
            *ALONE, sys.executable, "-c", CHILD, str(tmp_path / "mirrors"), url, head,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(60):
            out, problems = await child.communicate(token.encode())
    assert child.returncode == 0, problems.decode()
    first, left, then, *index = out.decode().splitlines()
    assert "no room" in first and token not in first
    assert left == "[]", "what was cut off does not take the room that is left"
    assert then == "fetched True"
    assert index == ["False", "True", "1"], "the history index is missing without room, and whole with it"


@pytest.mark.skipif(not may_mount(), reason="this machine has no user namespaces")
async def test_a_database_without_room_refuses_deliveries_and_goes_on(tmp_path: Path) -> None:
    child = await asyncio.create_subprocess_exec(
        *ALONE, sys.executable, "-c", RECEIVER, str(tmp_path),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(60):
        out, problems = await child.communicate(key_pair()[0].encode())
    assert child.returncode == 0, problems.decode()
    before, full, after, *stored = out.decode().splitlines()
    assert before == "202 ok"
    # 503 makes the delivery a failed one at GitHub, which is asked for again; 202 would have lost it.
    assert full in {f"503 {statuses} (503, 'only 0 MB are free')" for statuses in ("[503]", "[202, 503]")}
    assert after == "[202] ok"
    assert stored == ["39", "ok"]
