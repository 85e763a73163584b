"""The context for the reviewer: what history and GitHub say of a change besides its remarks.

It is chosen from the notes of the analyzers, so that nothing is said twice and a dismissed note stays away.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.insights import Insight
from bot.report.selection import Selection


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the context. rows: Markdown of one line each."""

    heading: str
    rows: tuple[str, ...]


# Heading, rules in their order, and how many of the notes are shown.
_SECTIONS: tuple[tuple[str, tuple[str, ...], int], ...] = (
    ("Who knows this code", ("ownership/reviewers", "ownership/orphaned"), 2),
    ("Similar past changes", ("similarity/past-change",), 3),
    (
        "Open pull requests and issues nearby",
        ("collision/same-function", "collision/companion", "similarity/pull-request", "similarity/issue"),
        5,
    ),
    ("Risk", ("risk/change",), 1),
)


def context(selection: Selection) -> tuple[Section, ...]:
    """Return the sections of which something is known; none if nothing is."""
    told = [note for note in selection.notes if _tells(note)]
    sections = (Section(heading, _rows(told, rules, most)) for heading, rules, most in _SECTIONS)
    return tuple(section for section in sections if section.rows)


def _tells(note: Insight) -> bool:
    """Return whether a note is news for the reviewer: no closed item, and no risk without a probability."""
    if note.rule == "risk/change":
        return note.evidence.get("probability") is not None
    return bool(note.evidence.get("open", True))


def _rows(notes: Sequence[Insight], rules: tuple[str, ...], most: int) -> tuple[str, ...]:
    """Return the first notes of these rules as rows. Within a rule the order is that of the selection."""
    chosen = sorted((note for note in notes if note.rule in rules), key=lambda note: rules.index(note.rule))
    return tuple(map(_row, chosen[:most]))


def _row(note: Insight) -> str:
    # The title of this one is the heading in other words.
    return note.description if note.rule == "ownership/reviewers" else f"{note.title}. {note.description}"
