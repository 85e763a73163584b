"""Creates tokens for the REST API, as `gitinsight token create` does."""

from datetime import timedelta

from bot.db import access
from bot.db.access import ACCESS, IssuedToken
from bot.db.audit import COMMAND_LINE
from bot.db.engine import Database
from bot.settings import Settings
from bot.web.auth import Keys, Role, sign

HOUR = timedelta(hours=1)


async def granted(db: Database, name: str, role: Role, lifetime: timedelta = HOUR, kind: str = ACCESS) -> IssuedToken:
    """Create a token record for the user with this name."""
    user = await access.get_or_create_user(db, name, role.value)
    return await access.issue_token(db, user, kind, role.value, lifetime, COMMAND_LINE)


async def token_for(
    settings: Settings, db: Database, name: str = "alice", role: Role = Role.VIEWER, lifetime: timedelta = HOUR
) -> str:
    """Create a token for the user with this name."""
    keys = Keys(settings.secret_key, settings.secret_key_previous)
    return sign(keys, await granted(db, name, role, lifetime))
