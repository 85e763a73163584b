"""Tables as CSV (RFC 4180), safe to open in a spreadsheet. Pure.

A cell that begins like a formula is executed by spreadsheets: https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
from dataclasses import dataclass

from bot.text import visible

Cell = str | float | None
# Also in full width. White space in front does not help: spreadsheets strip it.
_BEGINS_FORMULA = frozenset("=+-@|%\uff1d\uff0b\uff0d\uff20")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table. Texts may be those of strangers."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def csv_text(sheet: Sheet) -> str:
    """The table as CSV. Numbers stay numbers; invisible characters of texts are written as escapes."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(sheet.columns)
    writer.writerows([_cell(cell) for cell in row] for row in sheet.rows)
    return written.getvalue()


def _cell(cell: Cell) -> str | float:
    if cell is None:
        return ""
    return _text(cell) if isinstance(cell, str) else cell


def _text(words: str) -> str:
    shown = visible(words)
    return f"'{shown}" if shown.lstrip()[:1] in _BEGINS_FORMULA else shown
