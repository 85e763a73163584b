"""Repositories."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid5

from pydantic import Field, StringConstraints

from bot.db.repository_views import RepositoryView
from bot.domain.analyses import RepositoryStatus
from bot.web.api.models.base import Answer, Id, PageAnswer, PageQuery, RequestBody, Text

# The namespace of the ids of GitHub's accounts (RFC 9562, 5.5). It must never change: the ids are made with it.
_ACCOUNTS = UUID("5c0e7a52-4f0d-4c57-9d4c-8b3f2a1e6d90")
# PostgreSQL cannot store the NUL character.
_TEXT = StringConstraints(strip_whitespace=True, pattern=r"^[^\x00]*$")


class NotificationSettings(RequestBody, from_attributes=True):
    """The notifications of a repository.

    email_updates: whether mail is sent to the subscribed addresses.
    webhook_url: where webhooks are sent: an https URL at a public address, without credentials; null for none.
    """

    email_updates: bool = False
    webhook_url: Annotated[str, Field(max_length=2000)] | None = None


class ChangeNotificationSettings(RequestBody):
    """A merge patch (RFC 7396) of the notifications: fields that are left out keep their values, null removes.

    email_updates: whether mail is sent to the subscribed addresses; null is the same as false.
    webhook_url: where webhooks are sent; null deletes the endpoint with its secret and its delivery log.
    """

    email_updates: bool | None = None
    webhook_url: Annotated[str, Field(max_length=2000)] | None = None

    def patch(self) -> dict[str, Any]:
        """The settings that the request names, as `bot.db.repositories.change` takes them."""
        named = self.model_dump(exclude_unset=True)
        return named | ({"email_updates": bool(self.email_updates)} if "email_updates" in named else {})


class RegisterRepository(RequestBody):
    """A repository to register. GitHub's own facts win over `name`, `description` and `language`.

    github_url: its address on GitHub or on the configured Enterprise Server: `https://…` or `git@…`.
    name: its name, as the client has it. GitHub's name is always shown, so this one is checked but not stored.
    description: shown as long as GitHub has no description of it.
    language: shown, and found by the filter, as long as GitHub names no main language.
    auto_analyze: whether its pushes and pull requests are analyzed.
    notification_settings: its notifications.
    """

    github_url: Annotated[
        str, Field(min_length=1, max_length=2000, examples=["https://github.com/octocat/hello-world"])
    ]
    name: Annotated[str, _TEXT, StringConstraints(min_length=1, max_length=100)] | None = None
    description: Annotated[str, _TEXT, StringConstraints(max_length=1000)] | None = None
    language: Annotated[str, _TEXT, StringConstraints(max_length=100)] | None = None
    auto_analyze: bool = True
    notification_settings: NotificationSettings = Field(default_factory=NotificationSettings)


class ChangeRepository(RequestBody):
    """The settings to change. Fields that are left out keep their values.

    auto_analyze: whether pushes and pull requests are analyzed.
    notification_settings: the notifications. They are merged with the stored ones.
    """

    auto_analyze: bool | None = None
    notification_settings: ChangeNotificationSettings | None = None


class RepositoryQuery(PageQuery):
    """The repositories to list."""

    language: Text | None = Field(None, description="The main language, as GitHub names it.")
    analysis_status: RepositoryStatus | None = None
    q: Text | None = Field(None, description="A part of the full name.")


class Owner(Answer):
    """The account on GitHub that owns a repository.

    id: its id here, made of GitHub's id of the account, so that it never changes: not when the account is renamed, and
    not when its owner signs in or is deleted. It is not the id of a user. Null while GitHub's id is unknown.
    github_id: GitHub's id of the account; null if it is unknown.
    username: its login.
    avatar_url: its picture.
    """

    id: Id | None
    github_id: int | None
    username: str
    avatar_url: str


class Repository(Answer):
    """A repository that the GitHub App is installed on.

    id: its id here.
    github_id: its id on GitHub.
    name: its name.
    full_name: `OWNER/NAME`.
    description: its description on GitHub.
    url: its address on GitHub.
    language: its main language; null if it is unknown.
    stars: the number of its stars.
    forks: the number of its forks.
    watchers: the number of its watchers.
    size: its size on GitHub, in KB.
    created_at: when it was added here.
    updated_at: when its row was last changed.
    last_analyzed: when its newest completed analysis ended; null if there is none.
    analysis_status: the status of its newest analysis.
    auto_analyze: whether its pushes and pull requests are analyzed.
    notification_settings: its notifications.
    owner: the account that owns it.
    """

    id: Id
    github_id: int
    name: str
    full_name: str
    description: str | None
    url: str
    language: str | None
    stars: int
    forks: int
    watchers: int
    size: int
    created_at: datetime
    updated_at: datetime
    last_analyzed: datetime | None
    analysis_status: RepositoryStatus
    auto_analyze: bool
    notification_settings: NotificationSettings
    owner: Owner


class RepositoryPage(PageAnswer):
    """One page of the repositories, by name.

    items: the repositories.
    """

    items: list[Repository]


def repository_answer(view: RepositoryView) -> Repository:
    """The response for a repository."""
    facts = view.facts
    return Repository(
        id=view.id,
        github_id=view.github_id,
        name=view.full_name.rpartition("/")[2],
        full_name=view.full_name,
        description=facts.get("description"),
        url=facts.get("url") or "",
        language=facts.get("language"),
        stars=facts.get("stars", 0),
        forks=facts.get("forks", 0),
        watchers=facts.get("watchers", 0),
        size=facts.get("size", 0),
        created_at=view.created_at,
        updated_at=view.updated_at,
        last_analyzed=view.last_analyzed,
        analysis_status=view.analysis_status,
        auto_analyze=view.auto_analyze,
        notification_settings=NotificationSettings.model_construct(
            email_updates=bool(view.notification_settings.get("email_updates", False)),
            webhook_url=view.notification_settings.get("webhook_url"),
        ),
        owner=_owner(view),
    )


def _owner(view: RepositoryView) -> Owner:
    known = view.facts.get("owner") or {}
    github_id = known.get("id") or None
    return Owner(
        id=uuid5(_ACCOUNTS, str(github_id)) if github_id else None,
        github_id=github_id,
        username=known.get("username") or view.full_name.partition("/")[0],
        avatar_url=known.get("avatar_url") or "",
    )
