"""What a visitor asks for: the query of a list, and the fields of a form, both bounded and checked."""

import asyncio
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Literal, TypeVar
from urllib.parse import parse_qsl

from aiohttp import web
from pydantic import BaseModel, Field, ValidationError

from bot.domain.analyses import AnalysisStatus, RepositoryStatus
from bot.domain.deliveries import DeliveryStatus
from bot.domain.insights import InsightType, Severity
from bot.web.api.models.base import Number, Query, Text, Whole

PAGE_SIZE = 50
_MAX_PAGE = 100_000
_MAX_FORM = 64 * 1024
_MAX_FIELDS = 50
_FORM_SECONDS = 15.0
Model = TypeVar("Model", bound=BaseModel)


class Paged(Query):
    """Which page of a list, from 1."""

    page: Whole = Field(1, ge=1, le=_MAX_PAGE)

    @property
    def offset(self) -> int:
        """How many rows lie before it."""
        return (self.page - 1) * PAGE_SIZE


class RepositoriesAsked(Paged):
    """Which repositories. state: of the newest analysis."""

    q: Text | None = None
    state: RepositoryStatus | None = None


class InsightsAsked(Paged):
    """Which insights of a repository."""

    type: InsightType | None = None
    severity: Severity | None = None
    pull_request: Number | None = None
    since: date | None = None


class DeliveriesAsked(Paged):
    """Which deliveries."""

    status: DeliveryStatus | None = None


class WorkAsked(Paged):
    """Which analyses of the instance."""

    status: Literal[AnalysisStatus.QUEUED, AnalysisStatus.IN_PROGRESS, AnalysisStatus.FAILED] = (
        AnalysisStatus.IN_PROGRESS
    )


@dataclass(frozen=True, slots=True)
class Pager:
    """Where in a list a page stands. earlier, later: addresses of its neighbours."""

    page: int
    last: int
    total: int
    earlier: str | None
    later: str | None


def pager(request: web.Request, page: int, total: int) -> Pager:
    """The neighbours keep what else was asked for."""
    last = max(1, ceil(total / PAGE_SIZE))

    def address(number: int) -> str:
        return str(request.rel_url.without_query_params("said").update_query(page=str(number)))

    earlier = address(min(page - 1, last)) if page > 1 else None
    return Pager(page, last, total, earlier, address(page + 1) if page < last else None)


def asked(request: web.Request, model: type[Model]) -> Model:
    """The query as a model; an empty field is one that was left out. Raises 422 with a sentence."""
    return _checked(model, {name: value for name, value in request.query.items() if value.strip()})


async def sent(request: web.Request, model: type[Model]) -> Model:
    """A form as a model. Raises 413, 415 and 422 with a sentence."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise web.HTTPUnsupportedMediaType(text="That is no form.")
    content = bytearray()
    try:
        async with asyncio.timeout(_FORM_SECONDS):
            async for chunk in request.content.iter_any():
                content += chunk
                if len(content) > _MAX_FORM:
                    raise web.HTTPRequestEntityTooLarge(_MAX_FORM, len(content), text="The form is too large.")
        pairs = parse_qsl(content.decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict")
    except TimeoutError:
        raise web.HTTPRequestTimeout(text="The form did not arrive in time.") from None
    except ValueError:
        raise web.HTTPUnprocessableEntity(text="That is no form.") from None
    return _checked(model, dict(pairs))


def _checked(model: type[Model], given: dict[str, str]) -> Model:
    try:
        return model.model_validate_strings(given)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_context=False, include_input=False)[0]
        field = str(first["loc"][0])[:40].replace("_", " ") if first["loc"] else "The form"
        why = first["msg"].removeprefix("Value error, ")
        raise web.HTTPUnprocessableEntity(text=f"{field.capitalize()}: {why[:1].lower()}{why[1:]}."[:400]) from None
