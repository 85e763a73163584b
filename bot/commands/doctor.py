"""`gitinsight doctor`: check everything that the app requires, and say how to fix each problem."""

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
from gidgethub import HTTPException
from gidgethub.apps import get_jwt
from jwt import InvalidKeyError
from redis.exceptions import RedisError
from rich.console import Console
from rich.markup import escape
from sqlalchemy.exc import SQLAlchemyError

from bot.db import schema
from bot.db.engine import Database
from bot.environment import SettingsError
from bot.errors import RetryLater
from bot.github.as_app import clock_skew
from bot.github.client import client, open_session
from bot.ml.embeddings import Embedder
from bot.notify.smtp import NotSent, check_connection
from bot.pipeline.summary import NoSummary, ask
from bot.queue import connection
from bot.queue.enqueue import NOTIFICATIONS_QUEUE, connect
from bot.queue.machines import QUEUE
from bot.queue.workers import queues_without_workers
from bot.settings import Settings, read_settings
from bot.storage import free_mb
from bot.telemetry import start as telemetry

REQUIRED = {"checks": "write", "contents": "read", "metadata": "read", "pull_requests": "write"}
OPTIONAL = {"issues": "read", "merge_queues": "read"}  # GitInsight works without them
_LOST = {"issues": "knows no issues", "merge_queues": "learns of merge groups from their pushes only"}
_INSTALLATIONS = "/app/installations?per_page=100"
_FREE_MB = 1024
_CLOCK_SECONDS = 30


async def examine(env: Mapping[str, str]) -> int:
    """Print one line per check. Returns the exit status: 1 if a check failed."""
    console = Console()
    try:
        settings = read_settings(env)
        telemetry.check(settings)
    except SettingsError as problem:
        console.print(f"[red]✗[/] settings: {escape(str(problem))}", highlight=False)
        return 1
    console.print("[green]✓[/] settings are complete")
    checks: tuple[tuple[str, Callable[[Settings], Awaitable[str | None]]], ...] = (
        ("disk", partial(_disk, "DATABASE_URL" in env)),
        ("database", partial(_database, "DATABASE_URL" in env)),
        ("queue", partial(_queue, "REDIS_URL" in env)),
        ("workers", _workers),
        ("GitHub", _github),
        ("mail", _mail),
        ("language model", _language_model),
        ("summary model", _summary_model),
    )
    failed = 0
    for name, check in checks:
        if name == "mail" and settings.mail is None:
            console.print("– mail is off: SMTP_URL is not set", highlight=False)
            continue
        if name == "language model" and not settings.embedding_model:
            continue
        if name == "summary model" and not settings.summary_url:
            continue
        message = await check(settings)
        failed += message is not None
        console.print(f"[red]✗[/] {name}: {escape(message)}" if message else f"[green]✓[/] {name}", highlight=False)
        for note in await _not_accepted(settings) if name == "GitHub" and message is None else ():
            console.print(f"– {escape(note)}", highlight=False)
    return 1 if failed else 0


async def _database(is_set: bool, settings: Settings) -> str | None:
    db = Database(settings.database_url, pool_size=1)
    try:
        await schema.check(db)
    except schema.OldSchema as old:
        return str(old)
    except (SQLAlchemyError, OSError) as problem:
        check = "DATABASE_URL" if is_set else f"DATA_DIR, since it is {settings.data_dir}/gitinsight.db"
        return f"not available ({type(problem).__name__}). Check {check}"
    finally:
        await db.close()
    return None


async def _queue(is_set: bool, settings: Settings) -> str | None:
    try:
        connect(settings.redis_url).ping()
    except (RedisError, OSError) as problem:
        start = "Start Redis or Valkey, or correct REDIS_URL" if is_set else "`gitinsight up` starts one in DATA_DIR"
        return f"not available ({type(problem).__name__}). {start}"
    return None


async def _language_model(settings: Settings) -> str | None:
    embedder = Embedder(settings.embedding_model, settings.data_dir)
    with TemporaryDirectory() as folder:
        await embedder.embed(["Fix a crash"], Path(folder, "vectors"))
    return f"{embedder.problem}. Until then texts are compared by their characters" if embedder.problem else None


async def _summary_model(settings: Settings) -> str | None:
    try:
        await ask(settings.summary_url, settings.summary_model, '{"title":"Fix a crash of the parser"}')
    except NoSummary as problem:
        return f"{problem}. Check SUMMARY_URL and SUMMARY_MODEL. Until then check runs have no summary of a model"
    return None


async def _workers(settings: Settings) -> str | None:
    redis = connection.connect(settings.redis_url)
    try:
        lacking = await queues_without_workers(redis)
    except (RedisError, OSError):
        return "unknown without the queue"
    finally:
        await redis.aclose()
    started = {QUEUE: "`gitinsight worker`", NOTIFICATIONS_QUEUE: "`gitinsight worker --deliveries`"}
    commands = " and ".join(started[name] for name in lacking)
    return f"none is alive for {' and '.join(lacking)}. Start `gitinsight up`, or {commands}" if lacking else None


async def _github(settings: Settings) -> str | None:
    async with open_session() as session:
        return await _check_app(session, settings)


async def _check_app(session: aiohttp.ClientSession, settings: Settings) -> str | None:
    try:
        app = await _get(session, settings, "/app")
    except (ValueError, InvalidKeyError):
        return "the private key cannot be read. Download a new one from the App's settings"
    except RetryLater as temporary:
        return f"not available ({temporary}). Check GITHUB_API_URL and the network"
    except HTTPException as refused:
        if abs(skew := clock_skew(refused)) >= _CLOCK_SECONDS:
            ahead = "ahead of" if skew > 0 else "behind"
            return f"the clock of this machine is {abs(skew):.0f} s {ahead} GitHub's. Set it, for example with NTP"
        return f"the App's credentials are rejected ({refused}). Check GITHUB_APP_ID and the private key"
    missing = _missing(app, REQUIRED)
    return f"the App does not have these permissions: {', '.join(missing)}. See app.yml" if missing else None


async def _get(session: aiohttp.ClientSession, settings: Settings, path: str) -> Any:
    token = get_jwt(app_id=str(settings.app_id), private_key=settings.private_key, expiration=540)
    return await client(session, settings.github_api_url).getitem(path, jwt=token)


def _missing(owner: Mapping[str, Any], needed: Mapping[str, str]) -> list[str]:
    """The permissions that an App or an installation does not have."""
    has = owner.get("permissions") or {}
    return [name for name, level in needed.items() if has.get(name) not in {level, "write"}]


async def _not_accepted(settings: Settings) -> list[str]:
    """What to do about permissions that GitInsight can do without, as sentences."""
    async with open_session() as session:
        try:
            app = await _get(session, settings, "/app")
            installations = await _get(session, settings, _INSTALLATIONS)
        except (RetryLater, HTTPException):
            return []
    if lacking := _missing(app, OPTIONAL):
        page = f"Permissions, in the App's settings ({app.get('html_url')})"
        return [f"the App does not ask for {_levels(lacking)}. {_without(lacking)}. Add it on GitHub: {page}"]
    return [
        f"{(one.get('account') or {}).get('login')} has not accepted {_levels(lacking)}. {_without(lacking)}. "
        f"Accept it on {one.get('html_url')}"
        for one in installations
        if (lacking := _missing(one, OPTIONAL))
    ]


def _without(names: Sequence[str]) -> str:
    return f"GitInsight works without it, but {' and '.join(_LOST[name] for name in names)}"


def _levels(names: Sequence[str]) -> str:
    return ", ".join(f"{name}: {OPTIONAL[name]}" for name in names)


async def _mail(settings: Settings) -> str | None:
    if settings.mail is None:
        return None
    try:
        await check_connection(settings.mail)
    except NotSent as problem:
        return f"the mail server cannot be used ({problem}). Check SMTP_URL"
    return None


async def _disk(is_elsewhere: bool, settings: Settings) -> str | None:
    """is_elsewhere: whether the database is not in DATA_DIR, which then need not exist before the first analysis."""
    folder = settings.data_dir
    if not folder.exists() and not is_elsewhere:
        return f"DATA_DIR {folder} does not exist. Run this in the folder of the instance, or set DATA_DIR"
    if folder.exists() and not folder.is_dir():
        return f"DATA_DIR {folder} is a file. Set DATA_DIR to a folder"
    if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
        return f"DATA_DIR {folder} cannot be written. Let this user write there, or set DATA_DIR to another folder"
    try:
        free = free_mb(folder)
    except OSError as problem:
        return f"DATA_DIR {folder}: {problem.strerror}"
    return None if free >= _FREE_MB else f"only {free} MB are free in {folder}. Mirrors need more space"
