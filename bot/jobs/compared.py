"""What GitHub says of one repository, compared with what we have: its open pull requests and its default branch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

from gidgethub import BadRequest

from bot.db import healing
from bot.db.engine import Database
from bot.db.healing import Compared
from bot.domain.orders import AnalyzeChange, InstallationRef, RepositoryRef
from bot.errors import GiveUp
from bot.github.client import Answer, GitHubClient
from bot.github.repository_json import read_repository
from bot.github.tokens import PermissionMissing

# GitHub's times are of whole seconds, and of its clock.
_MARGIN = timedelta(minutes=1)
_PER_PAGE = 100
_PAGES = 20
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of an answer: not the answer itself, which can be large. next_url: the next page of a list."""

    etag: str
    content: Any
    next_url: str | None


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads from GitHub. kept: by URL; an unchanged answer costs nothing of the limit."""

    api: GitHubClient
    api_url: str
    kept: dict[str, Kept]

    async def repository(self, known: Compared) -> RepositoryRef:
        """The repository, by its id."""
        installation = InstallationRef(known.installation_id, known.account)
        url = f"{self.api_url}/repositories/{known.github_id}"
        return (await self._get(url, lambda facts: read_repository(facts, installation)))[0]

    async def open_pulls(self, full_name: str) -> list["_Pull"]:
        """The open pull requests, at most 2,000, those that changed last."""
        query = f"?state=open&sort=updated&direction=desc&per_page={_PER_PAGE}"
        url: str | None = f"{self.api_url}/repos/{full_name}/pulls{query}"
        found: dict[int, _Pull] = {}
        for _ in range(_PAGES):
            if url is None:
                break
            listed, url = await self._get(url, _pulls)
            found |= {pull.number: pull for pull in listed if pull.number not in found}
        return list(found.values())

    async def head_of(self, full_name: str, branch: str) -> str:
        """The head of a branch."""
        url = f"{self.api_url}/repos/{full_name}/git/ref/heads/{quote(branch)}"
        return (await self._get(url, lambda found: str(found["object"]["sha"])))[0]

    async def _get(self, url: str, read: Callable[[Any], T]) -> tuple[T, str | None]:
        kept = self.kept.get(url)
        answer: Answer = await self.api.get_if_changed(url, kept.etag if kept else None)
        if answer.is_unchanged and kept is not None:
            return kept.content, kept.next_url
        content = read(answer.content)
        if answer.etag is not None:
            self.kept[url] = Kept(answer.etag, content, answer.next_url)
        return content, answer.next_url


async def missed_pulls(db: Database, reader: Reader, ref: RepositoryRef, known_since: datetime) -> list[AnalyzeChange]:
    """The present heads of open pull requests that have no analysis.

    Pull requests that were open before we knew the repository are left alone until something happens to them.
    """
    pulls = await reader.open_pulls(ref.full_name)
    ours = await healing.known_pulls(db, ref.github_id, [pull.number for pull in pulls])
    moved = [pull for pull in pulls if pull.number in ours or pull.updated_at >= known_since - _MARGIN]
    return await _without_analysis(db, ref, [pull.change(ref) for pull in moved])


async def missed_push(db: Database, reader: Reader, ref: RepositoryRef) -> list[AnalyzeChange]:
    """The head of the default branch, if it has no analysis although it was pushed after we knew the repository.

    What was known of the branch is its newest analysis, else the commit that the history is indexed up to.
    """
    if not ref.default_branch:
        return []
    subject = f"refs/heads/{ref.default_branch}"
    newest = await healing.newest_head(db, ref.github_id, subject) or await healing.indexed_head(db, ref.github_id)
    if newest is None:
        return []
    try:
        head = await reader.head_of(ref.full_name, ref.default_branch)
    except BadRequest as refused:
        if int(refused.status_code) in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}:  # no such branch, no commits
            return []
        raise
    if head == newest:
        return []
    change = AnalyzeChange(repository=ref, subject=subject, ref=ref.default_branch, head_sha=head, base_sha=newest)
    return await _without_analysis(db, ref, [change])


async def _without_analysis(db: Database, ref: RepositoryRef, changes: list[AnalyzeChange]) -> list[AnalyzeChange]:
    known = await healing.known_keys(db, ref.github_id, [change.key for change in changes])
    return [change for change in changes if change.key not in known]


def is_not_found(problem: Exception) -> bool:
    """Whether GitHub says that a repository, or the App's installation on it, does not exist.

    For a repository that an installation does not have, GitHub answers a request for a token with 422.
    https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
    """
    if isinstance(problem, BadRequest):
        return int(problem.status_code) == HTTPStatus.NOT_FOUND
    cause = problem.__cause__
    if not isinstance(problem, GiveUp) or isinstance(problem, PermissionMissing) or not isinstance(cause, BadRequest):
        return False
    return int(cause.status_code) in {HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}


@dataclass(frozen=True, slots=True)
class _Pull:
    """An open pull request, as far as it is compared."""

    number: int
    base_ref: str
    base_sha: str
    head_sha: str
    updated_at: datetime

    def change(self, repository: RepositoryRef) -> AnalyzeChange:
        return AnalyzeChange(
            repository=repository,
            subject=f"pull/{self.number}",
            ref=self.base_ref,
            head_sha=self.head_sha,
            base_sha=self.base_sha,
            pull_number=self.number,
        )


def _pulls(listed: Sequence[Mapping[str, Any]]) -> list[_Pull]:
    return [
        _Pull(
            number=int(pull["number"]),
            base_ref=pull["base"]["ref"],
            base_sha=pull["base"]["sha"],
            head_sha=pull["head"]["sha"],
            updated_at=datetime.fromisoformat(pull["updated_at"]),
        )
        for pull in listed
    ]
