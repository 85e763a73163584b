"""What a call of the API is: one coroutine whose types say what is asked and answered, and a line in the table.

    @call("GET", "/repositories", problems=(404,))
    async def list_repositories(context: RequestContext, query: RepositoryQuery) -> RepositoryPage: …

The models of `query`, `body` and the answer are read from the types, so that the document (`openapi.py`) cannot
differ from what runs. A coroutine that returns None answers 204.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from inspect import getdoc
from typing import get_type_hints
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel

from bot.db import repository_views
from bot.db.audit import Actor
from bot.db.engine import Database
from bot.db.repository_views import RepositoryView
from bot.web.api.cache import MEMORY
from bot.web.api.models.base import JsonAnswer
from bot.web.api.problems import forbidden, not_found, path_id
from bot.web.auth import Identity, Role
from bot.web.health import DATABASE


@dataclass(frozen=True, slots=True)
class RequestContext:
    """One request, and who asks."""

    request: web.Request
    request_id: str
    who: Identity | None

    @property
    def db(self) -> Database:
        """The application's database."""
        return self.request.app[DATABASE]

    @property
    def identity(self) -> Identity:
        """Who asks; calls that are not open always have one."""
        if self.who is None:
            raise TypeError("an open call has no identity")
        return self.who

    @property
    def actor(self) -> Actor:
        """Who asks, for the audit log."""
        return Actor(self.identity.user_id, self.identity.name, self.request_id)

    def id(self, name: str = "id") -> UUID:
        """The id in the path."""
        return path_id(self.request, name)

    def number(self) -> int:
        """The number in the path; what is none is not found."""
        text = self.request.match_info["number"]
        if not re.fullmatch(r"[1-9][0-9]{0,14}", text):
            raise not_found()
        return int(text)

    def admin(self) -> Identity:
        """Who asks, when that is an admin. Raises 403."""
        if self.identity.role is not Role.ADMIN:
            raise forbidden("admin")
        return self.identity

    async def visible(self, repository_id: UUID) -> UUID:
        """The id of a repository that can be seen. Raises 404."""
        known = self.request.app[MEMORY].repositories
        if (github_id := known.get(repository_id)) is None:
            github_id = await repository_views.github_id_of(self.db, repository_id)
            if github_id is not None:
                known.put(repository_id, github_id)
        if github_id is None or not self.identity.may_see(github_id):
            raise not_found()
        return repository_id

    async def repository(self, *, change: bool = False, identifier: UUID | None = None) -> RepositoryView:
        """The repository of the path, or of this id. Raises 404 when it cannot be seen, 403 when not changed."""
        view = await repository_views.get_repository(self.db, identifier or self.id())
        if view is None or not self.identity.may_see(view.github_id):
            raise not_found()
        if change and not self.identity.may_change(view.github_id):
            raise forbidden("maintainer")
        return view


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A line of the table. open: needs no token. problems: the statuses beyond those that every call has.

    lately: an answer of the last second will do; it is about the repository of the path, and the same for everybody who
    may see that.
    """

    method: str
    path: str
    run: Callable[..., Awaitable[JsonAnswer | None]]
    status: int
    query: type[BaseModel] | None
    body: type[BaseModel] | None
    answer: type[JsonAnswer] | None
    problems: tuple[int, ...]
    open: bool
    lately: bool

    @property
    def name(self) -> str:
        """The name of its coroutine."""
        return str(self.run.__name__)

    @property
    def about(self) -> str:
        """The docstring of its coroutine."""
        return getdoc(self.run) or ""


def call(
    method: str,
    path: str,
    *,
    status: int = 200,
    problems: tuple[int, ...] = (),
    open: bool = False,  # noqa: A002
    lately: bool = False,
) -> Callable[[Callable[..., Awaitable[JsonAnswer | None]]], Call]:
    """Make a coroutine a call; its path is below `/api/v1`."""

    def made(run: Callable[..., Awaitable[JsonAnswer | None]]) -> Call:
        types = get_type_hints(run)
        answer = types["return"] if types["return"] is not type(None) else None
        return Call(
            method=method,
            path=path,
            run=run,
            status=status if answer else 204,
            query=types.get("query"),
            body=types.get("body"),
            answer=answer,
            problems=problems,
            open=open,
            lately=lately,
        )

    return made
