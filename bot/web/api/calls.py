"""The definition of an API call: a coroutine whose types are the models of the request and the response.

    @call("GET", "/repositories", problems=(404,))
    async def list_repositories(context: RequestContext, query: RepositoryQuery) -> RepositoryPage: …

`openapi.py` reads the models of `query`, `body` and the response from the types, so that the document agrees with the
code. A coroutine that returns None answers 204. A body that may be missing has the type `Model | None`.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from inspect import getdoc
from typing import get_args, get_type_hints
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel

from bot.db import repository_views
from bot.db.audit import Actor
from bot.db.engine import Database
from bot.db.repository_views import RepositoryView
from bot.web.api.cache import CACHE
from bot.web.api.models.base import JsonAnswer
from bot.web.api.problems import forbidden, not_found, path_id
from bot.web.auth import Identity, Role
from bot.web.health import DATABASE


@dataclass(frozen=True, slots=True)
class RequestContext:
    """One request, and the identity of its caller.

    caller: None for a request without a valid token, which only open calls accept.
    """

    request: web.Request
    request_id: str
    caller: Identity | None

    @property
    def db(self) -> Database:
        """The application's database."""
        return self.request.app[DATABASE]

    @property
    def identity(self) -> Identity:
        """The identity of the caller. Every call that is not open has one."""
        if self.caller is None:
            raise TypeError("an open call has no identity")
        return self.caller

    @property
    def actor(self) -> Actor:
        """The caller, for the audit log."""
        return Actor(self.identity.user_id, self.identity.name, self.request_id)

    def id(self, name: str = "id") -> UUID:
        """The id in the path. Raises 404 when it is malformed."""
        return path_id(self.request, name)

    def number(self) -> int:
        """The number in the path. Raises 404 when it is malformed."""
        text = self.request.match_info["number"]
        if not re.fullmatch(r"[1-9][0-9]{0,14}", text):
            raise not_found()
        return int(text)

    def admin(self) -> Identity:
        """The identity of the caller. Raises 403 when the caller is not an admin."""
        if self.identity.role is not Role.ADMIN:
            raise forbidden("admin")
        return self.identity

    async def visible(self, repository_id: UUID) -> UUID:
        """Check that the caller may see the repository; returns its id. Raises 404."""
        cache = self.request.app[CACHE].github_ids
        if (github_id := cache.get(repository_id)) is None:
            github_id = await repository_views.github_id_of(self.db, repository_id)
            if github_id is not None:
                cache.put(repository_id, github_id)
        if github_id is None or not self.identity.may_see(github_id):
            raise not_found()
        return repository_id

    async def repository(self, *, change: bool = False, identifier: UUID | None = None) -> RepositoryView:
        """The repository of the path, or with this id.

        change: whether the caller must have permission to change it.
        Raises 404 when the caller may not see it, 403 when the caller may not change it.
        """
        view = await repository_views.get_repository(self.db, identifier or self.id())
        if view is None or not self.identity.may_see(view.github_id):
            raise not_found()
        if change and not self.identity.may_change(view.github_id):
            raise forbidden("maintainer")
        return view


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call, as the table in `routes.py` lists it.

    method: the HTTP method.
    path: below `/api/v1`.
    run: the coroutine.
    status: of a successful response.
    query, body, answer: the models of the query, the request body and the response body.
    body_optional: whether a request may have no body; the coroutine then gets None.
    problems: the error statuses in addition to those that every call has.
    open: whether the call needs no token.
    cached: whether the call may be answered from the one-second cache. The response must be about the repository of the
    path, and must be the same for everyone who may see that repository.
    """

    method: str
    path: str
    run: Callable[..., Awaitable[JsonAnswer | None]]
    status: int
    query: type[BaseModel] | None
    body: type[BaseModel] | None
    body_optional: bool
    answer: type[JsonAnswer] | None
    problems: tuple[int, ...]
    open: bool
    cached: bool

    @property
    def name(self) -> str:
        """The name of the coroutine."""
        return str(self.run.__name__)

    @property
    def description(self) -> str:
        """The docstring of the coroutine."""
        return getdoc(self.run) or ""


def call(
    method: str,
    path: str,
    *,
    status: int = 200,
    problems: tuple[int, ...] = (),
    open: bool = False,  # noqa: A002
    cached: bool = False,
) -> Callable[[Callable[..., Awaitable[JsonAnswer | None]]], Call]:
    """Make a `Call` of a coroutine. The parameters are the fields of `Call`."""

    def decorate(run: Callable[..., Awaitable[JsonAnswer | None]]) -> Call:
        types = get_type_hints(run)
        answer = types["return"] if types["return"] is not type(None) else None
        body = types.get("body")
        models = [one for one in get_args(body) if one is not type(None)]  # of `Model | None`
        return Call(
            method=method,
            path=path,
            run=run,
            status=status if answer else 204,
            query=types.get("query"),
            body=models[0] if models else body,
            body_optional=bool(models),
            answer=answer,
            problems=problems,
            open=open,
            cached=cached,
        )

    return decorate
