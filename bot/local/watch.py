"""Looking at the repository at PATH, and telling what changed there since the last look.

The first look makes the pull requests of the past and of the branches.
"""

import asyncio
import logging
from collections.abc import Mapping

from bot.git.run import ZERO, GitError
from bot.local import events, git_commits
from bot.local.git_repository import branches, prepare
from bot.local.hub import Hub
from bot.local.records import Branch, PullRequest
from bot.local.replay import login_of, numbered, replayed, title_of_branch

_log = logging.getLogger(__name__)
_MOST_BRANCHES = 30
_LINE = 300
# GitHub puts at most so many commits into a push payload.
_MOST_COMMITS = 2048
_LISTED_COMMITS = 100


class Watch:
    """Keeps a hub in step with the repository at PATH."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._looking = asyncio.Lock()

    async def run(self) -> None:
        """Look again and again until cancelled."""
        while True:
            await asyncio.sleep(self._hub.config.poll_seconds)
            try:
                await self.look()
            except GitError as error:
                # Someone is working there: a ref may be half written or an object not there yet.
                _log.warning("the repository could not be read: %s", error)

    async def look(self) -> None:
        """One look: bring the hub up to date and send the webhooks of what is new."""
        async with self._looking:
            seen = await branches(self._hub.source.git_dir)
            if not self._hub.state.remembered("installed"):
                await self._first_look(seen)
                self._hub.state.remember("installed", "yes")
                return
            known = {branch.name: branch.sha for branch in self._hub.state.branches}
            if known != seen:
                await prepare(self._hub.served, self._hub.source)
                await self._update(known, seen)

    async def _first_look(self, seen: Mapping[str, str]) -> None:
        hub = self._hub
        for name, sha in seen.items():
            hub.state.branches.save(Branch(name=name, sha=sha))
        await hub.write_refs()
        hub.webhooks.send("installation", events.installation_created(hub.show))
        if (tip := seen.get(hub.default_branch)) is None:
            return
        pulls = await self._of_the_past(tip)
        taken = max((pull.number for pull in pulls), default=0)
        pulls += await self._of_branches(seen, tip, taken)
        await hub.add_pull_requests(pulls)
        await self._push(hub.default_branch, ZERO, tip)

    async def _of_branches(self, seen: Mapping[str, str], tip: str, taken: int) -> list[PullRequest]:
        """Of the branches, which come newest first, the newest; numbered from the oldest of them on."""
        found: list[PullRequest] = []
        for name, sha in seen.items():
            if len(found) < _MOST_BRANCHES and (pull := await self._of_branch(name, sha, tip, 0)):
                found.append(pull)
        found.reverse()
        for number, pull in enumerate(found, taken + 1):
            pull.number = number
        return found

    async def _of_the_past(self, tip: str) -> list[PullRequest]:
        hub = self._hub
        if hub.config.newest <= 0:
            return []
        line = await git_commits.log(hub.served, tip, "--first-parent", limit=_LINE)
        return [
            PullRequest(
                number=number,
                title=past.title,
                body="",
                author=login_of(past.commit.author_name),
                head_ref=past.head_ref,
                head_sha=past.head_sha,
                head_repository=hub.identity.full_name,
                base_ref=hub.default_branch,
                base_sha=past.base_sha,
                replayed=True,
                merge_commit_sha=past.commit.sha,
            )
            for number, past in numbered(replayed(line, hub.config.newest))
        ]

    async def _of_branch(self, name: str, sha: str, base_sha: str, number: int) -> PullRequest | None:
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

    async def _update(self, known: Mapping[str, str], seen: Mapping[str, str]) -> None:
        hub = self._hub
        for name in known.keys() - seen.keys():
            hub.state.branches.delete(name)
        for name, sha in seen.items():
            hub.state.branches.save(Branch(name=name, sha=sha))
        await hub.write_refs()
        # The default branch first: what it merged is closed as merged, not as abandoned.
        names = sorted(known.keys() | seen.keys(), key=lambda name: (name != hub.default_branch, name))
        for name in names:
            before, after = known.get(name, ZERO), seen.get(name, ZERO)
            if before != after:
                await self._push(name, before, after)
                await self._move(name, after)

    async def _move(self, name: str, after: str) -> None:
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
        elif tip := await hub.resolve(f"refs/heads/{hub.default_branch}"):
            opened = await self._of_branch(name, after, tip, hub.state.next_number())
            if opened:
                await hub.add_pull_requests([opened])

    def _open_pull(self, branch: str) -> PullRequest | None:
        for pull in self._hub.state.pulls:
            ours = pull.head_repository == self._hub.identity.full_name
            if pull.head_ref == branch and pull.state == "open" and ours and not pull.replayed:
                return pull
        return None

    async def _close_merged(self, tip: str) -> None:
        for pull in self._hub.state.pulls:
            waiting = pull.state == "open" and not pull.replayed and pull.base_ref == self._hub.default_branch
            if waiting and await git_commits.is_ancestor(self._hub.served, pull.head_sha, tip):
                await self._hub.close(pull.number, merged_as=tip)

    async def _push(self, name: str, before: str, after: str) -> None:
        hub = self._hub
        forced = ZERO not in {before, after} and not await git_commits.is_ancestor(hub.served, before, after)
        head = await git_commits.commit(hub.served, after) if after != ZERO else None
        new: list[git_commits.Commit] = []
        if after != ZERO:
            hidden = before if before != ZERO else await self._elsewhere(name)
            exclude = [f"^{hidden}"] if hidden and await hub.has_commit(hidden) else []
            limit = _MOST_COMMITS if exclude else _LISTED_COMMITS
            new = await git_commits.log(hub.served, after, *exclude, limit=limit, files=True)
        what = events.Push(name, before, after, forced, tuple(reversed(new)), head)
        hub.webhooks.send("push", events.push(hub.show, what))

    async def _elsewhere(self, name: str) -> str | None:
        if name == self._hub.default_branch:
            return None
        return await self._hub.resolve(f"refs/heads/{self._hub.default_branch}")
