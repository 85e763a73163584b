"""What charts are drawn on: a wide paper, and a narrow one for phones. The style sheet shows one of them.

Drawings have no styles but the classes of the page's style sheet. Every drawing has a title for screen readers.
"""

from dataclasses import dataclass
from math import ceil
from typing import Literal

from markupsafe import Markup, escape

from bot.text import plain


@dataclass(frozen=True, slots=True)
class Paper:
    """The size of a drawing, in pixels.

    left, right, top, bottom: the margins around the area of the marks.
    labels: the width for the labels of rows; 0 if a label stands above its row.
    ticks: how many values an axis shows.
    letters: the longest label.
    """

    name: Literal["wide", "narrow"]
    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    labels: int
    ticks: int
    letters: int

    @property
    def floor(self) -> int:
        """Where the area of the marks ends, from the top."""
        return self.height - self.bottom


WIDE = Paper("wide", 760, 380, left=56, right=30, top=34, bottom=56, labels=300, ticks=5, letters=40)
NARROW = Paper("narrow", 360, 300, left=42, right=18, top=34, bottom=56, labels=0, ticks=4, letters=44)
PAPERS = (WIDE, NARROW)


def framed(title: str, body: Markup, paper: Paper, height: float) -> Markup:
    """A drawing with its title."""
    return Markup(
        '<svg class="chart {}" role="img" viewBox="0 0 {} {}" aria-label="{}"><title>{}</title>{}</svg>'
    ).format(paper.name, paper.width, ceil(height), title, title, body)


def short_label(label: str, most: int = 40) -> Markup:
    """A label with at most so many characters. The end of a path is kept, because it says more than its beginning."""
    shown = plain(label, 4096)
    return escape(shown if len(shown) <= most else "…" + shown[-most + 1 :])


def tip(words: str) -> Markup:
    """What is shown under the pointer."""
    return Markup("<title>{}</title>").format(plain(words, 400))


def row_label(label: str, paper: Paper, top: float, height: float) -> Markup:
    """The label of a row: left of it, or above it. top, height: of the row's bar."""
    if paper.labels:
        text = Markup('<text class="row" x="{}" y="{}" text-anchor="end">{}</text>')
        return text.format(paper.labels - 8, f"{top + height / 2 + 4:.1f}", short_label(label, paper.letters))
    text = Markup('<text class="row" x="{}" y="{}">{}</text>')
    return text.format(2, f"{top - 5:.1f}", short_label(label, paper.letters))
