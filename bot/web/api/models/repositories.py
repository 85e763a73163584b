"""Repositories."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from bot.db.repository_views import RepositoryView
from bot.domain.analyses import RepositoryStatus
from bot.web.api.models.base import Answer, Asking, Id, PageAnswer, PageQuery, Text


class NotificationSettings(Asking, from_attributes=True):
    """Who is told of new results. webhook_url: https only, without credentials, at a public address."""

    email_updates: bool = False
    webhook_url: Annotated[str, Field(max_length=2000)] | None = None


class RegisterRepository(Asking):
    """A repository of GitHub, or of the configured Enterprise Server: `https://…`, `git@…`, with or without `.git`."""

    github_url: Annotated[
        str, Field(min_length=1, max_length=2000, examples=["https://github.com/octocat/hello-world"])
    ]
    auto_analyze: bool = True
    notification_settings: NotificationSettings = Field(default_factory=NotificationSettings)


class ChangeRepository(Asking):
    """What is left out stays as it is."""

    auto_analyze: bool | None = None
    notification_settings: NotificationSettings | None = None


class RepositoryQuery(PageQuery):
    """Which repositories."""

    language: Text | None = Field(None, description="The main language, as GitHub names it.")
    analysis_status: RepositoryStatus | None = None
    q: Text | None = Field(None, description="A part of the full name.")


class Owner(Answer):
    """The account on GitHub."""

    id: int
    username: str
    avatar_url: str


class Repository(Answer):
    """A repository that the app is installed on."""

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
    """Repositories by name."""

    items: list[Repository]


def repository_answer(view: RepositoryView) -> Repository:
    """A repository as it is answered."""
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
        owner=Owner(**facts["owner"])
        if facts.get("owner")
        else Owner(id=0, username=view.full_name.partition("/")[0], avatar_url=""),
    )
