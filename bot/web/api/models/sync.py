"""What is synced from GitHub: how far it is, issues and pull requests, contributors."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from bot.domain.items import Account as SyncedAccount
from bot.domain.items import AccountActivity, Item, ItemKind
from bot.domain.sync import MissingSource, ResourceState, SyncOverall, SyncResource, SyncStatus, SyncSummary
from bot.text import plain
from bot.web.api.models.base import Answer, PageAnswer, PageQuery, Text, When

SOURCE_OF_KIND: dict[ItemKind, Literal["issues", "pull_requests"]] = {
    ItemKind.ISSUE: "issues",
    ItemKind.PULL_REQUEST: "pull_requests",
}


class SyncedResource(Answer):
    """How far one resource is synced.

    resource: what is synced.
    status: `waiting`, `running`, `done`, `refused` (GitHub does not permit it) or `failed` (it is tried again).
    done: how many elements are read; after the pass, how many are stored. Of reviews, while running: pull requests.
    total: how many elements the running pass will read, about; null while that is unknown.
    since: what changed before this time is stored; null before the first complete pass.
    completed_at: when the last pass ended; null before that.
    due_at: when the next pass begins or the delayed one goes on; null: as soon as possible.
    reason: why it is refused, failed or delayed; empty if it is not.
    """

    resource: SyncResource
    status: SyncStatus
    done: int
    total: int | None
    since: datetime | None
    completed_at: datetime | None
    due_at: datetime | None
    reason: str


class Missing(Answer):
    """A data source that is not synced completely.

    source: its name, as in `data_sources` of `/ai/generate-insights`.
    reason: why, in a sentence.
    until: when its sync goes on; null if that is not known.
    """

    source: Literal["issues", "pull_requests"]
    reason: str
    until: datetime | None


class SyncState(Answer):
    """How far the issues, pull requests and the rest of a repository are synced from GitHub.

    status: `done`, `running`, `waiting`, `partial` (a part is refused, or failed), `unavailable` (no GitHub App).
    sentence: the same for people.
    missing: the data sources that are not complete.
    resources: each resource, in the order in which they are synced; empty before the first sync.
    """

    status: SyncOverall
    sentence: str
    missing: list[Missing]
    resources: list[SyncedResource]


class ItemsQuery(PageQuery):
    """The issues and pull requests to list."""

    kind: ItemKind | None = None
    state: Literal["open", "closed"] | None = None
    label: Text | None = Field(None, description="The name of a label.")
    author: Text | None = Field(None, description="The login of the author.")
    since: When | None = Field(None, description="Only those that changed at this time or later.")
    q: Text | None = Field(None, description="A part of the title.")


class Account(Answer):
    """An account on GitHub.

    id: GitHub's id.
    login: its name.
    is_bot: whether it is a bot.
    """

    id: int
    login: str
    is_bot: bool


class SyncedItem(Answer):
    """An issue or a pull request on GitHub.

    number: its number.
    kind: whether it is an issue or a pull request.
    title: its title.
    author: who opened it; null if GitHub has deleted the account.
    state: `open` or `closed`.
    state_reason: of a closed issue, why; null if GitHub names no reason.
    labels: the names of its labels.
    milestone: the number of its milestone; null if it has none.
    comments: the number of comments on the conversation.
    created_at: when it was opened.
    updated_at: when it last changed.
    closed_at: when it was closed; null while it is open.
    draft: whether it is a draft; null for an issue.
    merged_at: when it was merged; null if it was not.
    merged_by: who merged it; null if it was not merged, or if that is not known.
    url: its page on GitHub.
    """

    number: int
    kind: ItemKind
    title: str
    author: Account | None
    state: str
    state_reason: str | None
    labels: list[str]
    milestone: int | None
    comments: int
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    draft: bool | None
    merged_at: datetime | None
    merged_by: Account | None
    url: str


class ItemPage(PageAnswer):
    """One page of the issues and pull requests, the highest number first.

    items: the issues and pull requests.
    """

    items: list[SyncedItem]


class Contributor(Answer):
    """A contributor, as GitHub counts them.

    account: the account.
    contributions: the number of commits on the default branch.
    """

    account: Account
    contributions: int


class ContributorPage(PageAnswer):
    """One page of the contributors, by login.

    items: the contributors.
    """

    items: list[Contributor]


def sync_answer(states: list[ResourceState], missing: tuple[MissingSource, ...], whole: SyncSummary) -> SyncState:
    """The response for the state of the sync."""
    return SyncState(
        status=whole.overall,
        sentence=whole.sentence,
        missing=[Missing(source=SOURCE_OF_KIND[one.kind], reason=one.reason, until=one.until) for one in missing],
        resources=[SyncedResource.model_validate(state) for state in states],
    )


def item_answer(item: Item, repository_url: str) -> SyncedItem:
    """The response for an issue or a pull request. repository_url: of the repository on GitHub."""
    pull = item.pull
    path = "issues" if item.kind is ItemKind.ISSUE else "pull"
    return SyncedItem(
        number=item.number,
        kind=item.kind,
        title=plain(item.title),
        author=_account(item.author) if item.author else None,
        state=item.state,
        state_reason=item.state_reason,
        labels=[plain(name, 100) for name in item.labels],
        milestone=item.milestone,
        comments=item.comments,
        created_at=item.created_at,
        updated_at=item.updated_at,
        closed_at=item.closed_at,
        draft=pull.draft if pull else None,
        merged_at=pull.merged_at if pull else None,
        merged_by=_account(pull.merged_by) if pull and pull.merged_by else None,
        url=f"{repository_url}/{path}/{item.number}" if repository_url else "",
    )


def contributor_answer(activity: AccountActivity) -> Contributor:
    """The response for a contributor."""
    return Contributor(account=_account(activity.account), contributions=activity.contributions)


def _account(account: SyncedAccount) -> Account:
    return Account(id=account.github_id, login=plain(account.login, 100), is_bot=account.is_bot)
