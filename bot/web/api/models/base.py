"""What the models have in common. They are built when first used: a process that only receives never pays for them."""

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


def _digits(given: Any) -> Any:
    """Plain digits only: Python also reads `1_0`, ` 5 ` and the digits of other scripts."""
    if isinstance(given, str) and not re.fullmatch(r"-?[0-9]{1,18}", given):
        raise ValueError("this must be a whole number")
    return given


def _moment(given: Any) -> Any:
    """A time with its zone, as RFC 3339 writes it."""
    if isinstance(given, str) and not _MOMENT.fullmatch(given):
        raise ValueError("this must be an ISO 8601 time with a zone")
    return given


def _utc(given: datetime) -> datetime:
    try:
        return given.astimezone(UTC)
    except OverflowError:
        raise ValueError("this time is out of range") from None


# PostgreSQL has no text with NUL.
Text = Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\x00]*$")]
Whole = Annotated[int, BeforeValidator(_digits)]
Number = Annotated[int, Field(ge=1, le=2**53), BeforeValidator(_digits)]
When = Annotated[AwareDatetime, BeforeValidator(_moment), AfterValidator(_utc)]


class Asking(BaseModel):
    """A body: exact types, no field that we do not know."""

    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)


class Query(BaseModel):
    """The parameters of a query; others are ignored."""

    model_config = ConfigDict(extra="ignore", defer_build=True)


class Answer(BaseModel):
    """What is answered."""

    model_config = ConfigDict(from_attributes=True, extra="forbid", defer_build=True)


class JsonAnswer(Protocol):
    """What a call returns: an `Answer`, or a dataclass that derives from stored facts (`models/history.py`)."""

    def model_dump_json(self) -> str:
        """The answer as JSON."""


class PageQuery(Query):
    """Which part of a list."""

    limit: Whole = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="How many at most.")
    offset: Whole = Field(0, ge=0, le=MAX_OFFSET, description="How many to leave out at the beginning.")


class PageAnswer(Answer):
    """One page of a list, and how many there are at all."""

    total: int
    limit: int
    offset: int


class ProblemDocument(BaseModel):
    """What went wrong (RFC 9457). field: what of the request is wrong."""

    model_config = ConfigDict(extra="allow", defer_build=True)

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None


Id = UUID
