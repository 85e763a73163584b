"""What a signed-in person may see and change: what GitHub says now, asked again after five minutes at most."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import aiohttp

from bot.db import grants
from bot.db.access_tables import User, UserGrant
from bot.db.engine import Database, now
from bot.db.grants import SealedTokens
from bot.db.sealed import Sealer, Unreadable
from bot.errors import RetryLater
from bot.github.users import (
    AccessibleRepositories,
    OAuth,
    SignInRefused,
    UserTokens,
    fetch_accessible_repositories,
    renew,
)
from bot.web.auth import Scope

log = logging.getLogger(__name__)
FRESH = timedelta(minutes=5)
_NOTHING: Scope = (frozenset(), frozenset())


@dataclass
class Reaches:
    """Asks GitHub on behalf of people who signed in. session: made when the application starts."""

    db: Database
    oauth: OAuth
    sealer: Sealer
    session: Callable[[], aiohttp.ClientSession]
    _locks: dict[UUID, asyncio.Lock] = field(default_factory=dict)

    async def scope(self, user: User) -> Scope:
        """(seen, writable). Nothing for whoever granted nothing, and while GitHub cannot be asked."""
        grant = await grants.grant_of(self.db, user.id)
        if grant is None:
            return _NOTHING
        if not _fresh(grant):
            # One at a time for each person: a refresh token serves once.
            async with self._locks.setdefault(user.id, asyncio.Lock()):
                grant = await grants.grant_of(self.db, user.id)
                if grant is None or not (_fresh(grant) or await self._look(grant)):
                    return _NOTHING
                grant = await grants.grant_of(self.db, user.id) or grant
        return frozenset(grant.seen), frozenset(grant.writable)

    async def _look(self, grant: UserGrant) -> bool:
        try:
            found = await self._ask(grant)
        except SignInRefused as refused:
            newer = await grants.grant_of(self.db, grant.user_id)
            if newer is not None and newer.access != grant.access:
                return await self._look(newer)  # another web process renewed it meanwhile
            log.info("user %s has to sign in again: %s", grant.user_id, refused)
            await grants.delete_grant(self.db, grant.user_id)
            return False
        except RetryLater as away:
            log.warning("GitHub cannot be asked what user %s may see: %s", grant.user_id, away)
            return False
        await grants.save_reach(self.db, grant.user_id, found.seen, found.writable)
        return True

    async def _ask(self, grant: UserGrant) -> AccessibleRepositories:
        try:
            access = self.sealer.unseal(grant.access)
            if grant.expires_at is not None and grant.expires_at <= now():
                if grant.refresh is None:
                    raise SignInRefused("the token is over")
                tokens = await renew(self.session(), self.oauth, self.sealer.unseal(grant.refresh))
                await grants.save_tokens(self.db, grant.user_id, sealed(self.sealer, tokens))
                access = tokens.access
        except Unreadable as problem:
            raise SignInRefused(str(problem)) from problem
        return await fetch_accessible_repositories(self.session(), self.oauth, access)


def sealed(sealer: Sealer, tokens: UserTokens) -> SealedTokens:
    """Tokens as they are stored."""
    refresh = sealer.seal(tokens.refresh) if tokens.refresh else None
    return SealedTokens(sealer.seal(tokens.access), refresh, tokens.expires_at)


def _fresh(grant: UserGrant) -> bool:
    return grant.looked_at is not None and grant.looked_at > now() - FRESH
