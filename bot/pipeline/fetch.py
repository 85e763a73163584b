"""Bringing a change into the mirror, and finding the commit to compare it with."""

from pathlib import Path

from bot.db.analyses import Claimed
from bot.errors import GiveUp, RetryLater
from bot.git.change import has_objects
from bot.git.mirror import fetch
from bot.git.read_file import parent_of, resolve
from bot.git.run import EMPTY_TREE
from bot.github.pulls import PullState
from bot.github.tokens import READ_CONTENTS, installation_token, token_name
from bot.pipeline.attempt import Superseded, Work


async def fetch_change(work: Work, mirror: Path, pull: PullState | None) -> str:
    """Bring everything the analyses need into the mirror; returns the commit to compare the head with."""
    context, claimed = work.context, work.claimed
    token = await installation_token(
        work.session, context.tokens, context.app, claimed.installation_id, claimed.github_id, READ_CONTENTS
    )
    base = pull.base_sha if pull else claimed.base_sha
    branches = dict.fromkeys([claimed.default_branch, claimed.ref])
    try:
        await fetch(
            mirror,
            f"{context.github_url}/{claimed.full_name}.git",
            token,
            branches=[name for name in branches if name],
            pull_number=claimed.pull_number,
            shas=[claimed.head_sha, *([base] if base else [])],
            max_mb=context.max_repository_mb,
        )
    except GiveUp as refused:
        await context.tokens.forget(token_name(claimed.installation_id, claimed.github_id, READ_CONTENTS))
        if claimed.attempt > 1:
            raise
        # The kept token may have been revoked; only a fresh one that is refused too tells that there is no access.
        raise RetryLater(str(refused), after=1) from refused
    if not await has_objects(mirror, [claimed.head_sha]):
        raise Superseded("The commit is no longer in the repository: the branch was changed or deleted meanwhile.")
    return await _base(mirror, claimed, base)


async def _base(mirror: Path, claimed: Claimed, base: str | None) -> str:
    """The base that was asked for; the default branch where it is gone; the first parent; nothing at all."""
    if base and await has_objects(mirror, [base]):
        return base
    default = await resolve(mirror, f"refs/remotes/origin/{claimed.default_branch}")
    if default and default != claimed.head_sha and claimed.ref != claimed.default_branch:
        return default
    return await parent_of(mirror, claimed.head_sha) or EMPTY_TREE
