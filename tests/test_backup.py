"""The backup and the restore of SQLite that docs/deploy.md describes."""

import asyncio
import os
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path

from bot.db import schema
from bot.db.engine import Database
from tests.databases import migrated_sqlite

ROOT = Path(__file__).parents[1]


def test_a_backup_of_a_running_instance_can_be_restored(tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    data.mkdir()
    elsewhere.mkdir()
    migrated_sqlite(data / "gitinsight.db")
    running = sqlite3.connect(data / "gitinsight.db")
    running.execute("PRAGMA journal_mode=WAL")
    running.execute("INSERT INTO installations (id, account, suspended, created_at) VALUES (7, 'ada', 0, '2026-01-01')")
    running.commit()
    (command,) = re.findall(r"^python3 -c 'import sqlite3.*$", (ROOT / "docs/deploy.md").read_text(), re.MULTILINE)
    shutil.copy(data / "gitinsight.db", elsewhere / "copied.db")
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(data)}
    subprocess.run(["bash", "-ec", command], cwd=elsewhere, env=env, check=True)
    running.close()

    shutil.rmtree(data)
    data.mkdir()
    shutil.copy(elsewhere / "backup.db", data / "gitinsight.db")
    url = f"sqlite+aiosqlite:///{data / 'gitinsight.db'}"
    schema.migrate(url)
    asyncio.run(_check(url))
    assert _accounts(data / "gitinsight.db") == [("ada",)]
    assert _accounts(elsewhere / "copied.db") == []  # which is why the file alone is no backup


async def _check(url: str) -> None:
    db = Database(url)
    try:
        await schema.check(db)
    finally:
        await db.close()


def _accounts(path: Path) -> list[tuple[str]]:
    with sqlite3.connect(path) as restored:
        return restored.execute("SELECT account FROM installations").fetchall()
