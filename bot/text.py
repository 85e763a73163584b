"""Text of strangers made safe to show: the one place that knows how.

Inside a Markdown code span GitHub neither mentions, links, nor reads HTML or images, so that is where
repository text goes. See the CommonMark specification, "Code spans".
"""

import re
import unicodedata
from collections.abc import Iterable

_BACKTICKS = re.compile(r"`+")
# Letters and marks that show nothing; bidirectional and zero-width characters are all of the category Cf.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def plain(text: str, limit: int = 200) -> str:
    """One line without control, bidirectional or invisible characters, at most `limit` characters."""
    kept = []
    for char in text[: limit * 4]:
        category = unicodedata.category(char)
        if category == "Cf" or char in _INVISIBLE or _is_variation_selector(char):
            continue
        kept.append(" " if category in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"} else char)
    line = " ".join("".join(kept).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _is_variation_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def code(text: str, limit: int = 200) -> str:
    """A Markdown code span that the text cannot leave; an empty text gives a visible stand-in."""
    line = plain(text, limit) or "(empty)"
    longest = max((len(run) for run in _BACKTICKS.findall(line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def count(number: int, noun: str) -> str:
    """`1 file`, `2,000 files`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def commits(shas: Iterable[str]) -> str:
    """Commits as GitHub links them by itself: the first ten digits, bare."""
    return ", ".join(sha[:10] for sha in shas)


def without_spans(markdown: str) -> str:
    """Our own Markdown as plain text: code spans lose their fences. For places that show text as it is."""
    return re.sub(r"(`+)( ?)(.+?)\2\1", lambda match: match.group(3), markdown)
