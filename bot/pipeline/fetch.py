"""Fetches a repository into its mirror, and finds the commit that a head is compared with."""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import aiohttp
from redis.exceptions import RedisError

from bot.db.analyses import Claimed
from bot.errors import AccessRefused
from bot.git.change import has_objects
from bot.git.mirror import fetch, mirror_path, remote_head
from bot.git.read_file import parent_of, resolve
from bot.git.run import empty_tree
from bot.github.pulls import PullState
from bot.github.tokens import READ_CONTENTS, installation_token, token_name
from bot.pipeline.attempt import Superseded
from bot.pipeline.context import Context
from bot.queue.machines import set_home

T = TypeVar("T")


class Fetchable(Protocol):
    """A repository and its installation. Claimed analyses and repositories have these properties."""

    @property
    def installation_id(self) -> int: ...
    @property
    def github_id(self) -> int: ...
    @property
    def full_name(self) -> str: ...


async def fetch_mirror(
    context: Context,
    session: aiohttp.ClientSession,
    repository: Fetchable,
    *,
    branches: Sequence[str],
    pull_number: int | None = None,
    shas: Sequence[str] = (),
    head: bool = False,
) -> Path:
    """Fetch into the mirror of the repository, and return the path of the mirror. See `git.mirror.fetch`.

    Raises GiveUp and RetryLater.
    """
    mirror = mirror_path(context.mirrors, repository.github_id)

    async def attempt(token: str) -> None:
        await fetch(
            mirror,
            f"{context.github_url}/{repository.full_name}.git",
            token,
            branches=branches,
            pull_number=pull_number,
            shas=shas,
            head=head,
            max_mb=context.max_repository_mb,
        )

    await _with_token(context, session, repository, attempt)
    if context.redis is not None and context.machine:
        with contextlib.suppress(RedisError, OSError):  # then another machine may fetch it, too
            await set_home(context.redis, repository.github_id, context.machine)
    return mirror


async def present_head(context: Context, session: aiohttp.ClientSession, claimed: Claimed) -> str | None:
    """Return the commit that the pushed branch has on GitHub now; None if it was deleted. Raises as `fetch_mirror`."""
    mirror = mirror_path(context.mirrors, claimed.github_id)
    url = f"{context.github_url}/{claimed.full_name}.git"

    async def attempt(token: str) -> str | None:
        return await remote_head(mirror, url, token, claimed.ref)

    return await _with_token(context, session, claimed, attempt)


async def _with_token(
    context: Context, session: aiohttp.ClientSession, repository: Fetchable, attempt: Callable[[str], Awaitable[T]]
) -> T:
    """Run `attempt` with a token that may read contents. If GitHub rejects it, it is run again with a new one."""
    ids = (repository.installation_id, repository.github_id)
    try:
        return await attempt(await installation_token(session, context.tokens, context.app, *ids, READ_CONTENTS))
    except AccessRefused:  # a cached token may be revoked
        await context.tokens.discard(token_name(*ids, READ_CONTENTS))
        return await attempt(await installation_token(session, context.tokens, context.app, *ids, READ_CONTENTS))


async def fetch_change(
    context: Context, session: aiohttp.ClientSession, claimed: Claimed, pull: PullState | None
) -> tuple[Path, str]:
    """Fetch everything that the analysis of a change needs. Returns the mirror and the base commit.

    pull: the current state of the pull request; None for a push.
    Raises Superseded if the head does not exist any more.
    """
    base = pull.base_sha if pull else claimed.base_sha
    branches = dict.fromkeys([claimed.default_branch, claimed.ref])
    mirror = await fetch_mirror(
        context,
        session,
        claimed,
        branches=[name for name in branches if name],
        pull_number=claimed.pull_number,
        shas=[claimed.head_sha, *([base] if base else [])],
    )
    if not await has_objects(mirror, [claimed.head_sha]):
        raise Superseded("The commit is no longer in the repository, because its branch was changed or deleted.")
    return mirror, await _base(mirror, claimed, base)


async def _base(mirror: Path, claimed: Claimed, base: str | None) -> str:
    """Return the base from GitHub if it exists, else the default branch, else the first parent, else the empty tree."""
    if base and await has_objects(mirror, [base]):
        return base
    default = await resolve(mirror, f"refs/remotes/origin/{claimed.default_branch}")
    if default and default != claimed.head_sha and claimed.ref != claimed.default_branch:
        return default
    return await parent_of(mirror, claimed.head_sha) or empty_tree(claimed.head_sha)
