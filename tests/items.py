"""A data file of issues, pull requests and what belongs to them, for the stand-in."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SHA = "a" * 40


def at(day: int) -> str:
    """Return a time: so many days after the beginning of 2025."""
    return (datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ")


def issue(number: int, **fields: Any) -> dict[str, Any]:
    """Return the record of an issue, which was opened on the day of its number."""
    return {
        "type": "issue",
        "number": number,
        "title": f"issue {number}",
        "user": "alice",
        "created_at": at(number),
    } | (fields)


def pull(number: int, **fields: Any) -> dict[str, Any]:
    """Return the record of a pull request, which was opened on the day of its number."""
    shas = {"head_sha": SHA, "base_sha": SHA, "base_ref": "main"}
    return issue(number, title=f"pull {number}") | shas | fields | {"type": "pull"}


def response(kind: str, identifier: int, number: int, **fields: Any) -> dict[str, Any]:
    """Return the record of a comment, review or review comment. kind: `comment`, `review` or `review_comment`."""
    made = {"type": kind, "id": identifier, "number": number, "user": "bob", "created_at": at(number + 1)}
    return made | fields


def write(path: Path, *records: dict[str, Any]) -> Path:
    """Write a data file."""
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path
