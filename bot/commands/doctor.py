"""`gitinsight doctor`: checks what the app needs, and says how to mend each."""

import shutil
from collections.abc import Awaitable, Callable, Mapping

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
from bot.github.client import client, open_session
from bot.notify.smtp import NotSent, check_connection
from bot.queue.enqueue import connect
from bot.settings import Settings, read_settings

NEEDED = {"checks": "write", "contents": "read", "metadata": "read", "pull_requests": "write"}
_FREE_MB = 1024


async def examine(env: Mapping[str, str]) -> int:
    """Print one line per check; 1 when something needs mending."""
    console = Console()
    try:
        settings = read_settings(env)
    except SettingsError as problem:
        console.print(f"[red]✗[/] settings: {escape(str(problem))}", highlight=False)
        return 1
    console.print("[green]✓[/] settings are complete")
    checks: tuple[tuple[str, Callable[[Settings], Awaitable[str | None]]], ...] = (
        ("database", _database),
        ("queue", _queue),
        ("GitHub", _github),
        ("disk", _disk),
        ("mail", _mail),
    )
    wrong = 0
    for name, check in checks:
        if name == "mail" and settings.mail is None:
            console.print("– mail is off: SMTP_URL is not set", highlight=False)
            continue
        fault = await check(settings)
        wrong += fault is not None
        console.print(f"[red]✗[/] {name}: {escape(fault)}" if fault else f"[green]✓[/] {name}", highlight=False)
    return 1 if wrong else 0


async def _database(settings: Settings) -> str | None:
    db = Database(settings.database_url, pool_size=1)
    try:
        await schema.check(db)
    except schema.OldSchema as old:
        return str(old)
    except (SQLAlchemyError, OSError) as problem:
        return f"does not answer ({type(problem).__name__}); check DATABASE_URL"
    finally:
        await db.close()
    return None


async def _queue(settings: Settings) -> str | None:
    try:
        connect(settings.redis_url).ping()
    except (RedisError, OSError) as problem:
        return f"does not answer ({type(problem).__name__}); check REDIS_URL, or start `gitinsight up`"
    return None


async def _github(settings: Settings) -> str | None:
    async with open_session() as session:
        return await _ask_github(session, settings)


async def _ask_github(session: aiohttp.ClientSession, settings: Settings) -> str | None:
    try:
        token = get_jwt(app_id=str(settings.app_id), private_key=settings.private_key, expiration=540)
        app = await client(session, settings.github_api_url).getitem("/app", jwt=token)
    except (ValueError, InvalidKeyError):
        return "the private key cannot be read; download a new one from the App's settings"
    except RetryLater as away:
        return f"cannot be reached ({away}); check GITHUB_API_URL and the network"
    except HTTPException as refused:
        return f"refuses the app's credentials ({refused}); check GITHUB_APP_ID and the private key"
    missing = [name for name, level in NEEDED.items() if app.get("permissions", {}).get(name) not in {level, "write"}]
    return f"the App lacks the permissions {', '.join(missing)}; see app.yml" if missing else None


async def _mail(settings: Settings) -> str | None:
    if settings.mail is None:
        return None
    try:
        await check_connection(settings.mail)
    except NotSent as problem:
        return f"the mail server does not answer as it should ({problem}); check SMTP_URL"
    return None


async def _disk(settings: Settings) -> str | None:
    try:
        free = shutil.disk_usage(settings.data_dir).free // (1024 * 1024)
    except OSError as problem:
        return f"DATA_DIR {settings.data_dir}: {problem.strerror}"
    return None if free >= _FREE_MB else f"only {free} MB free in {settings.data_dir}; mirrors need room"
