"""`gitinsight token` and `gitinsight admin`: create, list and revoke tokens for the REST API; make the first admin."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

from rich.console import Console
from rich.table import Table

from bot.db import access, schema
from bot.db.access import ACCESS, REFRESH
from bot.db.audit import COMMAND_LINE
from bot.db.engine import Database, now
from bot.environment import SettingsError
from bot.errors import GiveUp
from bot.settings import secret_key, secret_key_previous
from bot.storage import data_dir, own_database_url
from bot.web.auth import Keys, sign, token_id


async def create_token(env: Mapping[str, str], name: str, role: str, lifetime: timedelta) -> str:
    """Create a token for the user with this name. Creates the user if necessary."""
    _check_instance(env)
    keys = _keys(env)
    if not name.strip() or len(name) > 255 or not name.isprintable():
        raise GiveUp("--user must be a name of at most 255 printable characters.")
    async with _database(env) as db:
        user = await access.get_or_create_user(db, name, role)
        return sign(keys, await access.issue_token(db, user, ACCESS, role, lifetime, COMMAND_LINE))


async def print_tokens(env: Mapping[str, str]) -> None:
    """Print a table of the tokens, newest first."""
    _check_instance(env)
    async with _database(env) as db:
        rows = await access.list_tokens(db)
    table = Table("id", "user", "role", "kind", "created", "expires", "state", box=None)
    for token, user in rows:
        state = "revoked" if token.revoked_at else "expired" if token.expires_at <= now() else "valid"
        moments = (token.created_at.strftime("%Y-%m-%d %H:%M"), token.expires_at.strftime("%Y-%m-%d %H:%M"))
        table.add_row(str(token.id), user.login, token.role, token.kind, *moments, state)
    console = Console(width=None if Console().is_terminal else 200)
    console.print(table if rows else "No tokens have been created yet.")


async def revoke_token(env: Mapping[str, str], token_or_id: str) -> None:
    """Revoke a token by its id or by the token itself. Raises GiveUp if there is no valid one."""
    try:
        _check_instance(env)
        identifier: UUID | None = UUID(token_or_id)
    except ValueError:
        keys = _keys(env)
        identifier = token_id(keys, token_or_id, ACCESS) or token_id(keys, token_or_id, REFRESH)
    async with _database(env) as db:
        if identifier is None or not await access.revoke(db, identifier, COMMAND_LINE):
            raise GiveUp("There is no such token, or it is no longer valid. `gitinsight token list` lists all tokens.")


async def make_admin(env: Mapping[str, str], login: str) -> None:
    """Make a person who has signed in with GitHub an admin. Raises GiveUp if nobody with this login has."""
    _check_instance(env)
    async with _database(env) as db:
        user = await access.signed_in_user(db, login.removeprefix("@"))
        if user is None:
            raise GiveUp(
                f"Nobody has signed in as {login[:60]!r}. Sign in on the pages of this instance first, then run "
                "this command again."
            )
        await access.change_role(db, user.id, "admin", COMMAND_LINE)


def _check_instance(env: Mapping[str, str]) -> None:
    """Raise SettingsError if neither the settings nor DATA_DIR lead to an instance: its tokens need its own key."""
    folder = data_dir(env)
    if "SECRET_KEY" in env or "DATABASE_URL" in env:
        return
    if (folder / "secret-key").exists():  # `complete` could not read it
        raise SettingsError(f"{folder / 'secret-key'} cannot be read. Run this command as the user of the instance.")
    raise SettingsError(
        f"No instance has run in DATA_DIR {folder}. Run this command in the folder where `gitinsight up` was started, "
        "or set DATA_DIR to the folder that `up` names; for an instance of other commands, set its SECRET_KEY and "
        "DATABASE_URL."
    )


def _keys(env: Mapping[str, str]) -> Keys:
    return Keys(secret_key(env), secret_key_previous(env))


@asynccontextmanager
async def _database(env: Mapping[str, str]) -> AsyncIterator[Database]:
    url = own_database_url(env)
    db = Database(url)
    try:
        if not await schema.has_schema(db):
            await asyncio.to_thread(schema.migrate, url)
        await schema.check(db)
        yield db
    finally:
        await db.close()
