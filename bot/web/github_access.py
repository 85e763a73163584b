"""What a signed-in person may see and change on GitHub. GitHub's answer is stored and used for five minutes at most."""

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
MAX_AGE = timedelta(minutes=5)
_NO_ACCESS: Scope = (frozenset(), frozenset())


@dataclass
class GitHubAccess:
    """Fetches from GitHub, with a person's own tokens, which repositories this person may see and change.

    session: returns the HTTP session, which exists once the application has started.
    """

    db: Database
    oauth: OAuth
    sealer: Sealer
    session: Callable[[], aiohttp.ClientSession]
    _locks: dict[UUID, asyncio.Lock] = field(default_factory=dict)

    async def scope(self, user: User) -> Scope:
        """(visible, writable). Both are empty for a person without a grant, and while GitHub does not answer."""
        grant = await grants.grant_of(self.db, user.id)
        if grant is None:
            return _NO_ACCESS
        if not _is_fresh(grant):
            # One request at a time for each person: a refresh token can be used once.
            async with self._locks.setdefault(user.id, asyncio.Lock()):
                grant = await grants.grant_of(self.db, user.id)
                if grant is None or not (_is_fresh(grant) or await self._update(grant)):
                    return _NO_ACCESS
                grant = await grants.grant_of(self.db, user.id) or grant
        return frozenset(grant.seen), frozenset(grant.writable)

    async def _update(self, grant: UserGrant) -> bool:
        """Store what GitHub permits now. Returns False when GitHub does not answer, or refuses the tokens."""
        try:
            accessible = await self._fetch(grant)
        except SignInRefused as refused:
            newer = await grants.grant_of(self.db, grant.user_id)
            if newer is not None and newer.access != grant.access:
                return await self._update(newer)  # another web process renewed it in the meantime
            log.info("user %s has to sign in again: %s", grant.user_id, refused)
            await grants.delete_grant(self.db, grant.user_id)
            return False
        except RetryLater as problem:
            log.warning("GitHub does not answer which repositories user %s may see: %s", grant.user_id, problem)
            return False
        await grants.save_accessible(self.db, grant.user_id, accessible.seen, accessible.writable)
        return True

    async def _fetch(self, grant: UserGrant) -> AccessibleRepositories:
        try:
            access = self.sealer.unseal(grant.access)
            if grant.expires_at is not None and grant.expires_at <= now():
                if grant.refresh is None:
                    raise SignInRefused("the token has expired")
                tokens = await renew(self.session(), self.oauth, self.sealer.unseal(grant.refresh))
                await grants.save_tokens(self.db, grant.user_id, sealed(self.sealer, tokens))
                access = tokens.access
        except Unreadable as problem:
            raise SignInRefused(str(problem)) from problem
        return await fetch_accessible_repositories(self.session(), self.oauth, access)


def sealed(sealer: Sealer, tokens: UserTokens) -> SealedTokens:
    """Encrypt tokens for the database."""
    refresh = sealer.seal(tokens.refresh) if tokens.refresh else None
    return SealedTokens(sealer.seal(tokens.access), refresh, tokens.expires_at)


def _is_fresh(grant: UserGrant) -> bool:
    return grant.looked_at is not None and grant.looked_at > now() - MAX_AGE
