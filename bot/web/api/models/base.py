"""The base classes and field types of the models.

Models are built when they are first used, so that a process that only receives webhooks does not build them.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Protocol
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

MAX_LIMIT = 100
DEFAULT_LIMIT = 20
MAX_OFFSET = 10_000_000
# https://www.rfc-editor.org/rfc/rfc3339#section-5.6
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


def _digits(value: Any) -> Any:
    """Accept ASCII digits only. Python would also accept `1_0`, ` 5 ` and the digits of other scripts."""
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise ValueError("this must be a whole number")
    return value


def _moment(value: Any) -> Any:
    """Accept RFC 3339 times with a time zone only."""
    if isinstance(value, str) and not _MOMENT.fullmatch(value):
        raise ValueError("this must be an ISO 8601 time with a time zone")
    return value


def _utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("this time is out of range") from None


# PostgreSQL cannot store the NUL character.
Text = Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\x00]*$")]
Whole = Annotated[int, BeforeValidator(_digits)]
Number = Annotated[int, Field(ge=1, le=2**53), BeforeValidator(_digits)]
When = Annotated[AwareDatetime, BeforeValidator(_moment), AfterValidator(_utc)]


class RequestBody(BaseModel):
    """The base of request bodies: types are strict, and unknown fields are errors."""

    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)


class Query(BaseModel):
    """The base of query parameters: unknown parameters are ignored."""

    model_config = ConfigDict(extra="ignore", defer_build=True)


class Answer(BaseModel):
    """The base of response bodies."""

    model_config = ConfigDict(from_attributes=True, extra="forbid", defer_build=True)


class JsonAnswer(Protocol):
    """What a call returns: an `Answer`, or a dataclass that extends stored facts (`models/history.py`)."""

    def model_dump_json(self) -> str:
        """The response as JSON."""


class PageQuery(Query):
    """The part of a list to answer."""

    limit: Whole = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="The largest number of items to answer.")
    offset: Whole = Field(0, ge=0, le=MAX_OFFSET, description="The number of items to skip.")


class PageAnswer(Answer):
    """One page of a list."""

    # The docstring of a subclass replaces this one, so that the fields have descriptions of their own.
    total: int = Field(description="The number of items in the whole list.")
    limit: int = Field(description="The largest number of items in a page.")
    offset: int = Field(description="The number of items before this page.")


class ProblemDocument(BaseModel):
    """An error (RFC 9457).

    type: a stable identifier of the kind of error.
    title: the meaning of the status.
    status: the HTTP status.
    detail: what went wrong, in a sentence.
    field: the name of the wrong field or parameter; absent if the error concerns none.
    """

    model_config = ConfigDict(extra="allow", defer_build=True)

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None


Id = UUID
