"""Configures logging as text or as JSON. Tokens are replaced by `[redacted]`.

A line about a delivery carries its id, in web, scheduler and worker. A line about an analysis carries the id of the
analysis, and that of the delivery that asked for it.
"""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.text import without_secrets


@dataclass(frozen=True, slots=True)
class Subject:
    """What lines of the log are about. analysis: None before there is one. Empty strings and None are left out."""

    delivery: str | None = None
    analysis: str | None = None

    def named(self) -> dict[str, str]:
        """The fields of a JSON line."""
        fields = {"delivery_id": self.delivery, "analysis_id": self.analysis}
        return {name: value for name, value in fields.items() if value}


_NOTHING = Subject()
_subject: ContextVar[Subject] = ContextVar("subject", default=_NOTHING)


@contextmanager
def about(*, delivery: str | None = None, analysis: object = None) -> Iterator[None]:
    """All lines of this task, and of the tasks and threads that it starts, are about these within the block."""
    token = _subject.set(Subject(delivery, None if analysis is None else str(analysis)))
    try:
        yield
    finally:
        _subject.reset(token)


def subject() -> Subject:
    """What the lines of this task are about now."""
    return _subject.get()


class _Redacting(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class _Console(_Redacting):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        line, named = super().formatMessage(record), subject().named()
        return f"{line} [{' '.join(f'{name}={value}' for name, value in named.items())}]" if named else line


class _Json(_Redacting):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": super().format(record),
        } | subject().named()
        return json.dumps(line, ensure_ascii=False)


def configure(level: str, form: str) -> None:
    """Log to standard error. form: `console` or `json`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if form == "json" else _Console("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it logs its context at every start
