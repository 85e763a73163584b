"""Polls the repository at PATH and sends the webhooks for what changed since the last read.

The first read creates the pull requests: the replayed ones, and one for each open branch.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import TypeVar

from bot.git.run import ZERO, GitError
from bot.local import events, git_commits
from bot.local.config import Candidate
from bot.local.git_repository import branches, prepare
from bot.local.hub import Hub
from bot.local.past_pulls import PastChange, past_changes, pulls_of
from bot.local.records import Branch, PullRequest
from bot.local.replay import login_of, title_of_branch

_log = logging.getLogger(__name__)
_MAX_BRANCHES = 30
# How many replayed changes appear at once, while those with a remark are searched.
_FIRST = 3
# The maximum number of commits in GitHub's push payload.
_MAX_COMMITS = 2048
_LISTED_COMMITS = 100


T = TypeVar("T")


async def _first(found: AsyncIterator[T], most: int) -> AsyncIterator[T]:
    """Yield at most so many, and close the iterator."""
    async with aclosing(found) as each:  # type: ignore[type-var]
        if most <= 0:
            return
        async for one in each:
            yield one
            if (most := most - 1) <= 0:
                return


class Watch:
    """Updates the hub from the repository at PATH."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._lock = asyncio.Lock()

    async def run(self) -> None:
        """Read the repository at regular intervals until cancelled."""
        while True:
            await asyncio.sleep(self._hub.config.poll_seconds)
            try:
                await self.look()
            except GitError as error:
                # The user may be writing to the repository: a ref or an object may be incomplete.
                _log.warning("could not read the repository, will retry: %s", error)

    async def look(self) -> None:
        """Read the repository once, update the hub, and send the webhooks for what changed."""
        async with self._lock:
            current = await branches(self._hub.source.git_dir)
            if not self._hub.state.setting("installed"):
                await self._install(current)
                self._hub.state.set_setting("installed", "yes")
                return
            previous = {branch.name: branch.sha for branch in self._hub.state.branches}
            if previous != current:
                await prepare(self._hub.served, self._hub.source)
                await self._update(previous, current)

    async def _install(self, heads: Mapping[str, str]) -> None:
        hub = self._hub
        for name, sha in heads.items():
            hub.state.branches.save(Branch(name=name, sha=sha))
        await hub.write_refs()
        hub.webhooks.send("installation", events.installation(hub.show, "created"))
        if (tip := heads.get(hub.default_branch)) is None:
            return
        pulls = await self._replayed_pulls(tip)
        highest = max(hub.state.items.all.highest("number"), *(pull.number for pull in pulls), 0)
        pulls += await self._branch_pulls(heads, tip, highest + 1)
        await hub.add_pull_requests(pulls)
        await self._push(hub.default_branch, ZERO, tip)

    async def _branch_pulls(self, heads: Mapping[str, str], tip: str, first_number: int) -> list[PullRequest]:
        """Return pull requests for the newest branches, oldest first. heads: newest first."""
        pulls: list[PullRequest] = []
        for name, sha in heads.items():
            if len(pulls) < _MAX_BRANCHES and (pull := await self._branch_pull(name, sha, tip, 0)):
                pulls.append(pull)
        pulls.reverse()
        for number, pull in enumerate(pulls, first_number):
            pull.number = number
        return pulls

    async def _replayed_pulls(self, tip: str) -> list[PullRequest]:
        """Return the newest changes, oldest first. If those with remarks are searched, few others come before them."""
        newest = self._hub.config.newest if self._hub.config.remarked is None else min(_FIRST, self._hub.config.newest)
        chosen = [change async for change in _first(past_changes(self._hub, tip), newest)]
        return pulls_of(self._hub, chosen[::-1])

    async def replay_remarked(self) -> None:
        """Add changes that have a remark until enough are replayed; if there are too few, add any others."""
        try:
            await self._replay_remarked()
        except (GitError, OSError) as error:
            _log.warning("could not search for changes with a remark: %s", error)

    async def _replay_remarked(self) -> None:
        hub, find = self._hub, self._hub.config.remarked
        tip = await hub.git.resolve(f"refs/heads/{hub.default_branch}")
        if find is None or tip is None or hub.state.setting("replayed"):
            return
        known = {pull.merge_commit_sha for pull in hub.state.pulls}
        past = [change async for change in past_changes(hub, tip) if change.past.commit.sha not in known]
        left = {change.past.head_sha: change for change in past}
        listed = [Candidate(one.past.base_sha, one.past.head_sha, one.past.title) for one in past]
        async for head in _first(find(hub.served, listed), self._room()):
            if (change := left.pop(head, None)) is not None:
                await self._replay([change])
        await self._replay(list(left.values())[: self._room()][::-1])
        hub.state.set_setting("replayed", "yes")

    def _room(self) -> int:
        return max(self._hub.config.newest - sum(pull.replayed for pull in self._hub.state.pulls), 0)

    async def _replay(self, changes: Sequence[PastChange]) -> None:
        async with self._lock:
            await self._hub.add_pull_requests(pulls_of(self._hub, changes))

    async def _branch_pull(self, name: str, sha: str, base_sha: str, number: int) -> PullRequest | None:
        """Return the pull request of a branch, or None if it has no commits of its own."""
        hub = self._hub
        if name == hub.default_branch:
            return None
        own = await git_commits.log(hub.served, sha, f"^{base_sha}", limit=2)
        if not own:
            return None
        return PullRequest(
            number=number,
            title=title_of_branch(name, own),
            body="\n".join(own[0].message.splitlines()[1:]).strip() if len(own) == 1 else "",
            author=login_of(own[0].author_name),
            head_ref=name,
            head_sha=sha,
            head_repository=hub.identity.full_name,
            base_ref=hub.default_branch,
            base_sha=base_sha,
        )

    async def _update(self, previous: Mapping[str, str], current: Mapping[str, str]) -> None:
        hub = self._hub
        for name in previous.keys() - current.keys():
            hub.state.branches.delete(name)
        for name, sha in current.items():
            hub.state.branches.save(Branch(name=name, sha=sha))
        await hub.write_refs()
        # The default branch comes first, so that the pull requests it merged are closed as merged.
        names = sorted(previous.keys() | current.keys(), key=lambda name: (name != hub.default_branch, name))
        for name in names:
            before, after = previous.get(name, ZERO), current.get(name, ZERO)
            if before != after:
                await self._push(name, before, after)
                await self._update_pull(name, after)

    async def _update_pull(self, name: str, after: str) -> None:
        """Open, synchronize or close the pull request of a branch whose head is now `after`."""
        hub = self._hub
        if name == hub.default_branch:
            if after != ZERO:
                await self._close_merged(after)
            return
        pull = self._open_pull(name)
        if after == ZERO:
            if pull:
                await hub.close(pull.number)
        elif pull:
            await hub.synchronize(pull.number, after)
        elif tip := await hub.git.resolve(f"refs/heads/{hub.default_branch}"):
            opened = await self._branch_pull(name, after, tip, hub.state.next_number())
            if opened:
                await hub.add_pull_requests([opened])

    def _open_pull(self, branch: str) -> PullRequest | None:
        for pull in self._hub.state.pulls:
            same_repository = pull.head_repository == self._hub.identity.full_name
            if pull.head_ref == branch and pull.state == "open" and same_repository and not pull.replayed:
                return pull
        return None

    async def _close_merged(self, tip: str) -> None:
        for pull in self._hub.state.pulls:
            candidate = pull.state == "open" and not pull.replayed and pull.base_ref == self._hub.default_branch
            if candidate and await git_commits.is_ancestor(self._hub.served, pull.head_sha, tip):
                await self._hub.close(pull.number, merged_as=tip)

    async def _push(self, name: str, before: str, after: str) -> None:
        hub = self._hub
        forced = ZERO not in {before, after} and not await git_commits.is_ancestor(hub.served, before, after)
        head = await git_commits.commit(hub.served, after) if after != ZERO else None
        new: list[git_commits.Commit] = []
        if after != ZERO:
            known = before if before != ZERO else await self._default_head(name)
            exclude = [f"^{known}"] if known and await hub.git.has_commit(known) else []
            limit = _MAX_COMMITS if exclude else _LISTED_COMMITS
            new = await git_commits.log(hub.served, after, *exclude, limit=limit, files=True)
        change = events.Push(name, before, after, forced, tuple(reversed(new)), head)
        hub.webhooks.send("push", events.push(hub.show, change))

    async def _default_head(self, name: str) -> str | None:
        """Return the head of the default branch, or None for the default branch itself."""
        if name == self._hub.default_branch:
            return None
        return await self._hub.git.resolve(f"refs/heads/{self._hub.default_branch}")
