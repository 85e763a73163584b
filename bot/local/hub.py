"""The hub: the repository as the stand-in of GitHub knows it, and all that can happen to it.

What a look at the repository finds (`watch`) and what tests ask for goes through the same few methods, and each
sends the webhooks that GitHub would.
"""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot.git.run import SHA, GitError
from bot.local import events, git_commits
from bot.local.config import Identity, LocalConfig, identify
from bot.local.git_repository import (
    Source,
    branches,
    default_branch,
    existing,
    find_source,
    origin_url,
    prepare,
    write_refs,
)
from bot.local.records import Comment, PullRequest, now
from bot.local.representations import Json, Representations
from bot.local.state import State
from bot.local.webhooks import Webhooks


class Hub:
    """The served repository, its pull requests and check runs; `open` before use."""

    source: Source
    identity: Identity
    show: Representations

    def __init__(self, config: LocalConfig, state: State, webhooks: Webhooks) -> None:
        self.config = config
        self.state = state
        self.webhooks = webhooks
        self.served: Path = config.home / "repository.git"
        self._git = asyncio.Semaphore(4)

    async def open(self) -> None:
        """Find the repository, and make the one that is served. Raises GiveUp when there is none at PATH."""
        self.source = await find_source(self.config.repository)
        self.identity = identify(self.source.folder, await origin_url(self.source))
        await prepare(self.served, self.source)
        heads = await branches(self.source.git_dir)
        default = self.state.remembered("default_branch")
        if default not in heads:
            default = await default_branch(self.source, heads)
            self.state.remember("default_branch", default)
        created = self.state.remembered("created_at") or now()
        self.state.remember("created_at", created)
        self.show = Representations(self.config, self.identity, default, created)

    @property
    def default_branch(self) -> str:
        """The branch that pull requests go to."""
        return self.show.default_branch

    def repository_json(self) -> Json:
        """The served repository."""
        return self.show.repository(open_issues=sum(pull.state == "open" for pull in self.state.pulls))

    async def write_refs(self) -> None:
        """Serve the branches as they are known and one ref for the head of each pull request."""
        wanted = {f"refs/heads/{branch.name}": branch.sha for branch in self.state.branches}
        wanted |= {f"refs/pull/{pull.number}/head": pull.head_sha for pull in self.state.pulls}
        there = await existing(self.served, sorted(set(wanted.values())))
        await write_refs(self.served, {name: sha for name, sha in wanted.items() if sha in there}, self.default_branch)

    async def has_commit(self, sha: str) -> bool:
        """Whether that is the full name of a commit here."""
        return bool(SHA.fullmatch(sha)) and bool(await existing(self.served, [sha]))

    async def resolve(self, name: str) -> str | None:
        """The commit that a sha, a branch or a tag names."""
        return await git_commits.resolve(self.served, name)

    def pull(self, number: int) -> PullRequest:
        """A pull request; KeyError when there is none of that number."""
        if (found := self.state.pulls.get(number)) is None:
            raise KeyError(number)
        return found

    async def measure(self, pull: PullRequest) -> None:
        """Count the commits, files and lines of a pull request."""
        with suppress(GitError):  # a snapshot may lack what would be compared
            async with self._git:
                base = await git_commits.merge_base(self.served, pull.base_sha, pull.head_sha)
                size = await git_commits.diff_size(self.served, base or pull.base_sha, pull.head_sha)
                pull.commits = await git_commits.count(self.served, pull.head_sha, pull.base_sha)
            pull.changed_files, pull.additions = size.changed_files, size.additions
            pull.deletions = size.deletions

    async def add_pull_requests(self, pulls: list[PullRequest]) -> None:
        """Add open pull requests, in this order, and tell the App of each."""
        await asyncio.gather(*(self.measure(pull) for pull in pulls))
        for pull in pulls:
            self.state.pulls.save(pull)
        await self.write_refs()
        for pull in pulls:
            self._tell(pull, "opened")

    async def open_pull_request(
        self,
        head_sha: str,
        title: str,
        *,
        head_ref: str = "patch-1",
        base: str | None = None,
        fork: str | None = None,
        draft: bool = False,
        body: str = "",
        author: str = "contributor",
    ) -> PullRequest:
        """Open a pull request for a commit that the repository has, on no branch of it if from a fork.

        fork: full name of the head's repository. A fork's head is fetched by refs/pull/N/head only.
        """
        base = base or self.default_branch
        base_sha = await self.resolve(f"refs/heads/{base}")
        if base_sha is None or not await self.has_commit(head_sha):
            raise ValueError(f"no such commit or base: {head_sha} {base}")
        pull = PullRequest(
            number=self.state.next_number(),
            title=title,
            body=body,
            author=author,
            head_ref=head_ref,
            head_sha=head_sha,
            head_repository=fork or self.identity.full_name,
            base_ref=base,
            base_sha=base_sha,
            draft=draft,
        )
        await self.add_pull_requests([pull])
        return pull

    async def synchronize(self, number: int, head_sha: str) -> PullRequest:
        """The head of a pull request moved, by a push to its branch or in its fork."""
        pull = self.pull(number)
        before, pull.head_sha = pull.head_sha, head_sha
        pull.base_sha = await self.resolve(f"refs/heads/{pull.base_ref}") or pull.base_sha
        await self.measure(pull)
        self._save(pull)
        await self.write_refs()
        self._tell(pull, "synchronize", before=before, after=head_sha)
        return pull

    async def close(self, number: int, *, merged_as: str | None = None) -> PullRequest:
        """Close a pull request; merged_as: the commit that brought it into its base."""
        pull = self.pull(number)
        pull.state, pull.closed_at = "closed", now()
        pull.merged, pull.merge_commit_sha = merged_as is not None, merged_as
        self._save(pull)
        self._tell(pull, "closed")
        return pull

    async def reopen(self, number: int) -> PullRequest:
        """Open a closed pull request again."""
        pull = self.pull(number)
        pull.state, pull.closed_at, pull.merged, pull.merge_commit_sha = "open", None, False, None
        self._save(pull)
        self._tell(pull, "reopened")
        return pull

    async def set_draft(self, number: int, *, draft: bool) -> PullRequest:
        """Mark as ready for review, or make a draft again."""
        pull = self.pull(number)
        pull.draft = draft
        self._save(pull)
        self._tell(pull, "converted_to_draft" if draft else "ready_for_review")
        return pull

    async def ready_for_review(self, number: int) -> PullRequest:
        """A draft no more."""
        return await self.set_draft(number, draft=False)

    async def edit_base(self, number: int, base: str) -> PullRequest:
        """Point a pull request at another branch."""
        pull = self.pull(number)
        sha = await self.resolve(f"refs/heads/{base}")
        if sha is None:
            raise ValueError(f"no such branch: {base}")
        changes = {"base": {"ref": {"from": pull.base_ref}, "sha": {"from": pull.base_sha}}}
        pull.base_ref, pull.base_sha = base, sha
        await self.measure(pull)
        self._save(pull)
        self._tell(pull, "edited", changes=changes)
        return pull

    async def edit_title(self, number: int, title: str) -> PullRequest:
        """Give a pull request another title."""
        pull = self.pull(number)
        changes = {"title": {"from": pull.title}}
        pull.title = title
        self._save(pull)
        self._tell(pull, "edited", changes=changes)
        return pull

    async def delete_fork(self, number: int) -> PullRequest:
        """The repository of the head is deleted: `head.repo` is null from now on. GitHub tells no one."""
        pull = self.pull(number)
        pull.head_repository = None
        self._save(pull)
        return pull

    async def comment(self, number: int, body: str, author: str = "contributor") -> Comment:
        """Someone else writes in the conversation."""
        made = Comment(id=self.state.new_id(), issue_number=self.pull(number).number, author=author, body=body)
        return self.state.comments.save(made)

    async def rerequest(self, check_run_id: int) -> None:
        """Someone presses "Re-run" on a check run. The run itself stays as it is."""
        run = self.state.check_runs.get(check_run_id)
        if run is None:
            raise KeyError(check_run_id)
        found = await git_commits.commit(self.served, run.head_sha)
        before = found.parents[0] if found and found.parents else "0" * 40
        self.webhooks.send("check_run", events.check_run_rerequested(self.show, run, self.state, before))

    async def send(self, event: str, payload: Json) -> str:
        """Send any webhook; its delivery's guid."""
        return self.webhooks.send(event, payload).guid

    async def settled(self) -> None:
        """Wait until every webhook was tried."""
        await self.webhooks.settled()

    def _save(self, pull: PullRequest) -> None:
        pull.updated_at = now()
        self.state.pulls.save(pull)

    def _tell(self, pull: PullRequest, action: str, **more: Any) -> None:
        payload = events.pull_request(self.show, pull, self.state, action, **more)
        self.webhooks.send("pull_request", payload)
