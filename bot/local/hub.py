"""The hub: the served repository with its pull requests and check runs, and every change to them.

`watch` and the tests call the same methods. Each method sends the webhooks that GitHub would send.
"""

import asyncio
from pathlib import Path
from typing import Any

from bot.git.run import ZERO
from bot.local import events
from bot.local.config import Identity, LocalConfig, identify
from bot.local.git_repository import (
    Source,
    branches,
    default_branch,
    find_source,
    origin_url,
    prepare,
)
from bot.local.item_changes import ItemChanges
from bot.local.item_records import Comment
from bot.local.records import PullRequest, now
from bot.local.repository_changes import RepositoryChanges
from bot.local.representations import Json, Representations
from bot.local.served import ServedGit
from bot.local.state import State
from bot.local.webhooks import Webhooks


class Hub:
    """The served repository, its pull requests and its check runs. Call `open` first."""

    source: Source
    identity: Identity
    show: Representations
    items: ItemChanges  # changes issues, reviews and comments
    repository: RepositoryChanges  # changes labels, releases and settings

    def __init__(self, config: LocalConfig, state: State, webhooks: Webhooks) -> None:
        self.config = config
        self.state = state
        self.webhooks = webhooks
        self.served: Path = config.home / "repository.git"
        self.git = ServedGit(self.served)

    async def open(self) -> None:
        """Find the source repository, and create or update the served one. Raises GiveUp if PATH has no repository.

        It loads the data file, if there is one; GiveUp names its first bad line.
        """
        self.source = await find_source(self.config.repository)
        self.identity = identify(self.source.folder, await origin_url(self.source))
        await prepare(self.served, self.source)
        heads = await branches(self.source.git_dir)
        default = self.state.setting("default_branch")
        if default not in heads:
            default = await default_branch(self.source, heads)
            self.state.set_setting("default_branch", default)
        created = self.state.setting("created_at") or now()
        self.state.set_setting("created_at", created)
        self.show = Representations(self.config, self.identity, default, created)
        if self.state.setting("accepted"):
            self.show.unaccepted = frozenset()
        self.items = ItemChanges(self.show, self.state, self.webhooks)
        self.repository = RepositoryChanges(self.show, self.state, self.webhooks)
        if self.config.items:
            self.state.load_items(self.config.items, self.identity.full_name)

    @property
    def default_branch(self) -> str:
        """The base branch of pull requests."""
        return self.show.default_branch

    def repository_json(self) -> Json:
        """Return the served repository as GitHub's JSON."""
        return self.show.repository(open_issues=self.state.items.open_count())

    async def write_refs(self) -> None:
        """Write the refs of the served repository."""
        await self.git.write_refs(self.state, self.default_branch)

    def pull(self, number: int) -> PullRequest:
        """Return a pull request. Raises KeyError if the number does not exist."""
        pull = self.state.pulls.get(number) or self.state.items.all.get(number)
        if not isinstance(pull, PullRequest):
            raise KeyError(number)
        return pull

    async def add_pull_requests(self, pulls: list[PullRequest]) -> None:
        """Add open pull requests in this order, and send a webhook for each."""
        await asyncio.gather(*(self.git.measure(pull) for pull in pulls))
        for pull in pulls:
            self.state.pulls.save(pull)
        await self.write_refs()
        for pull in pulls:
            self._send_pull_request(pull, "opened")

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
        """Open a pull request for an existing commit, and send the webhook.

        fork: the full name of the head's repository; None: the head is in the served repository.
        A client reaches the head of a fork by refs/pull/N/head only.
        """
        base = base or self.default_branch
        base_sha = await self.git.resolve(f"refs/heads/{base}")
        if base_sha is None or not await self.git.has_commit(head_sha):
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
        """Set the head of a pull request after a push to its branch, and send the webhook."""
        pull = self.pull(number)
        before, pull.head_sha = pull.head_sha, head_sha
        pull.base_sha = await self.git.resolve(f"refs/heads/{pull.base_ref}") or pull.base_sha
        await self.git.measure(pull)
        self._save(pull)
        await self.write_refs()
        self._send_pull_request(pull, "synchronize", before=before, after=head_sha)
        return pull

    async def close(self, number: int, *, merged_as: str | None = None) -> PullRequest:
        """Close a pull request. merged_as: the commit that merged it; None: it is not merged."""
        pull = self.pull(number)
        pull.state, pull.closed_at = "closed", now()
        pull.merged, pull.merge_commit_sha = merged_as is not None, merged_as
        pull.merged_at, pull.merged_by = (now(), self.identity.owner) if pull.merged else (None, None)
        self._save(pull)
        self._send_pull_request(pull, "closed")
        return pull

    async def reopen(self, number: int) -> PullRequest:
        """Reopen a closed pull request."""
        pull = self.pull(number)
        pull.state, pull.closed_at, pull.merged, pull.merge_commit_sha = "open", None, False, None
        pull.merged_at, pull.merged_by = None, None
        self._save(pull)
        self._send_pull_request(pull, "reopened")
        return pull

    async def set_draft(self, number: int, *, draft: bool) -> PullRequest:
        """Convert a pull request to a draft, or mark it as ready for review."""
        pull = self.pull(number)
        pull.draft = draft
        self._save(pull)
        self._send_pull_request(pull, "converted_to_draft" if draft else "ready_for_review")
        return pull

    async def ready_for_review(self, number: int) -> PullRequest:
        """Mark a draft as ready for review."""
        return await self.set_draft(number, draft=False)

    async def edit_base(self, number: int, base: str) -> PullRequest:
        """Change the base branch of a pull request."""
        pull = self.pull(number)
        sha = await self.git.resolve(f"refs/heads/{base}")
        if sha is None:
            raise ValueError(f"no such branch: {base}")
        changes = {"base": {"ref": {"from": pull.base_ref}, "sha": {"from": pull.base_sha}}}
        pull.base_ref, pull.base_sha = base, sha
        await self.git.measure(pull)
        self._save(pull)
        self._send_pull_request(pull, "edited", changes=changes)
        return pull

    async def delete_fork(self, number: int) -> PullRequest:
        """Delete the repository of the head: `head.repo` becomes null. GitHub sends no webhook for this."""
        pull = self.pull(number)
        pull.head_repository = None
        self._save(pull)
        return pull

    async def comment(self, number: int, body: str, author: str | None = "contributor") -> Comment:
        """Add a comment of another account to an issue or a pull request."""
        return self.items.comment(number, body, author)

    async def rerequest(self, check_run_id: int) -> None:
        """Request a check run again, as the button "Re-run" does. The run itself does not change."""
        run = self.state.check_runs.get(check_run_id)
        if run is None:
            raise KeyError(check_run_id)
        before = await self.git.parent(run.head_sha) or ZERO
        self.webhooks.send("check_run", events.check_run_rerequested(self.show, run, self.state, before))

    async def send(self, event: str, payload: Json) -> str:
        """Send any webhook. Returns the guid of its delivery."""
        return self.webhooks.send(event, payload).guid

    async def settled(self) -> None:
        """Wait until every webhook has been attempted."""
        await self.webhooks.settled()

    def _save(self, pull: PullRequest) -> None:
        pull.updated_at = now()
        self.state.pulls.save(pull)

    def _send_pull_request(self, pull: PullRequest, action: str, **more: Any) -> None:
        payload = events.pull_request(self.show, pull, self.state, action, **more)
        self.webhooks.send("pull_request", payload)
