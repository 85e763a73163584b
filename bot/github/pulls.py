"""Reads the current state of pull requests."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gidgethub.abc import GitHubAPI


@dataclass(frozen=True, slots=True)
class PullState:
    """The state of a pull request, as far as it decides what is posted or is compared. body: as it was written."""

    number: int
    head_sha: str
    base_sha: str
    base_ref: str
    draft: bool
    open: bool
    title: str
    body: str = ""


async def get_pull(api: GitHubAPI, full_name: str, number: int) -> PullState:
    """Return the current state of a pull request."""
    owner, name = full_name.split("/", 1)
    pull = await api.getitem(
        "/repos/{owner}/{name}/pulls/{number}", {"owner": owner, "name": name, "number": str(number)}
    )
    return _read(pull)


def _read(pull: Mapping[str, Any]) -> PullState:
    return PullState(
        number=int(pull["number"]),
        head_sha=pull["head"]["sha"],
        base_sha=pull["base"]["sha"],
        base_ref=pull["base"]["ref"],
        draft=bool(pull.get("draft")),
        open=pull["state"] == "open",
        title=pull.get("title") or "",
        body=pull.get("body") or "",
    )


async def open_pull_of(api: GitHubAPI, full_name: str, sha: str) -> PullState | None:
    """Return an open pull request whose head is this commit, or None.

    https://docs.github.com/en/rest/commits/commits#list-pull-requests-associated-with-a-commit
    """
    owner, name = full_name.split("/", 1)
    pulls = await api.getitem("/repos/{owner}/{name}/commits/{sha}/pulls", {"owner": owner, "name": name, "sha": sha})
    return next((_read(pull) for pull in pulls if pull["state"] == "open" and pull["head"]["sha"] == sha), None)
