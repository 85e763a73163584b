"""The evidence of an insight as words: names and values, and a table for each list of things with several fields."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.text import plain

_MOST_ROWS = 50
_MOST_PAIRS = 200
_MOST_VALUES = 20
_CHARACTERS = 300
_LATEST = 4_102_444_800  # the year 2100, in Unix seconds


@dataclass(frozen=True, slots=True)
class Table:
    """A list of things with several fields.

    left_out: how many rows are not in it.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence of an insight.

    pairs: (name, value).
    """

    pairs: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]


def readable(evidence: Mapping[str, Any]) -> Evidence:
    """The evidence in words. Empty values are left out."""
    pairs: list[tuple[str, str]] = []
    tables: list[Table] = []
    for name, value in _fields("", evidence):
        if _is_table(value):
            tables.append(_table(name, value))
        elif text := _text(value):
            pairs.append((name, text))
    return Evidence(tuple(pairs[:_MOST_PAIRS]), tuple(tables))


def _fields(above: str, value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The fields of nested objects: `before` of `ccn` is `before, ccn`."""
    for key, inner in value.items():
        words = plain(str(key), 60).replace("_", " ")
        name = f"{above}, {words}" if above else words
        if isinstance(inner, Mapping):
            yield from _fields(name, inner)
        elif key == "when" and isinstance(inner, int) and 0 < inner < _LATEST:
            yield name, f"{datetime.fromtimestamp(inner, UTC):%Y-%m-%d %H:%M} UTC"
        else:
            yield name, inner


def _is_table(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _table(title: str, things: Sequence[Mapping[str, Any]]) -> Table:
    shown = [dict(_fields("", one)) for one in things[:_MOST_ROWS]]
    columns = tuple(dict.fromkeys(name for one in shown for name in one))
    rows = tuple(tuple(_text(one.get(name)) for name in columns) for one in shown)
    return Table(title, columns, rows, len(things) - len(shown))


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
        case list() | tuple():
            words = [text for one in value[:_MOST_VALUES] if (text := _text(one))]
            more = len(value) - _MOST_VALUES
            return "; ".join(words) + (f"; and {more:,} more" if more > 0 else "")
        case Mapping():
            return ", ".join(f"{name} {_text(one)}" for name, one in _fields("", value))
    return plain(str(value), _CHARACTERS)
