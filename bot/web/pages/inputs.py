"""The queries of lists and the fields of forms, limited and validated."""

import asyncio
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Annotated, Literal, TypeVar
from urllib.parse import parse_qsl

from aiohttp import web
from pydantic import BaseModel, Field, StringConstraints, ValidationError

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
# What a person typed into a form, by the name of the field.
TYPED: web.RequestKey[dict[str, str]] = web.RequestKey("typed", dict[str, str])


class PagedQuery(Query):
    """The page of a list, counted from 1."""

    page: Whole = Field(1, ge=1, le=_MAX_PAGE)

    @property
    def offset(self) -> int:
        """The number of rows before the page."""
        return (self.page - 1) * PAGE_SIZE


class RepositoriesQuery(PagedQuery):
    """The repositories to list.

    q: a part of the full name.
    state: the status of the newest analysis.
    """

    q: Text | None = None
    state: RepositoryStatus | None = None


class InsightsQuery(PagedQuery):
    """The insights of a repository to list. q: words that each of them contains."""

    q: Text | None = None
    show: Literal["remarks", "open", "praise", "notes", "all"] = "remarks"
    type: InsightType | None = None
    severity: Severity | None = None
    pull_request: Number | None = None
    since: date | None = None
    dismissed: Literal["true", "false", "any"] = "false"


class OverviewQuery(Query):
    """The part of the overview to show. days: of the new insights, up to now."""

    days: Literal["30", "90", "365"] = "90"


class HistoryQuery(Query):
    """The part of the history to show. years: of the metrics, up to now."""

    years: Whole = Field(10, ge=1, le=10)


class FileQuery(Query):
    """A file of a repository. path: at the head of the default branch."""

    path: Annotated[str, StringConstraints(min_length=1, max_length=4096, pattern=r"^[^\x00]*$")]


class DeliveriesQuery(PagedQuery):
    """The deliveries to list. repository: a full name."""

    status: DeliveryStatus | None = None
    repository: Text | None = None


class WorkQuery(PagedQuery):
    """The analyses of the instance to list."""

    status: Literal[AnalysisStatus.QUEUED, AnalysisStatus.IN_PROGRESS, AnalysisStatus.FAILED] = (
        AnalysisStatus.IN_PROGRESS
    )


@dataclass(frozen=True, slots=True)
class Pager:
    """The position of a page in a list.

    page: its number.
    last: the number of the last page.
    total: the number of rows in the list.
    earlier, later: the addresses of the previous and the next page; None if there is none.
    """

    page: int
    last: int
    total: int
    earlier: str | None
    later: str | None


def pager(request: web.Request, page: int, total: int) -> Pager:
    """The position of a page. The addresses of the other pages keep the other query parameters."""
    last = max(1, ceil(total / PAGE_SIZE))

    def address(number: int) -> str:
        return str(request.rel_url.without_query_params("message").update_query(page=str(number)))

    earlier = address(min(page - 1, last)) if page > 1 else None
    return Pager(page, last, total, earlier, address(page + 1) if page < last else None)


def read_query(request: web.Request, model: type[Model]) -> Model:
    """The query as a model. Empty parameters count as absent. Raises 422 with a sentence."""
    return _validate(model, {name: value for name, value in request.query.items() if value.strip()})


async def read_form(request: web.Request, model: type[Model]) -> Model:
    """The form of the request as a model. Raises 408, 413, 415 and 422 with a sentence."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise web.HTTPUnsupportedMediaType(text="This is not a form.")
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
        raise web.HTTPUnprocessableEntity(text="This is not a form.") from None
    request[TYPED] = dict(pairs)
    return _validate(model, request[TYPED])


def _validate(model: type[Model], values: dict[str, str]) -> Model:
    try:
        return model.model_validate_strings(values)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_context=False, include_input=False)[0]
        field = str(first["loc"][0])[:40].replace("_", " ") if first["loc"] else "The form"
        why = first["msg"].removeprefix("Value error, ")
        raise web.HTTPUnprocessableEntity(text=f"{field.capitalize()}: {why[:1].lower()}{why[1:]}."[:400]) from None
