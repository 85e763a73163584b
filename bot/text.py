"""Text of strangers made safe to show: the one place that knows how.

Inside a Markdown code span GitHub neither mentions, links, nor reads HTML or images, so that is where
repository text goes. See the CommonMark specification, "Code spans".
"""

import re
import unicodedata

_BACKTICKS = re.compile(r"`+")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ZERO_WIDTH = frozenset("\u200b\u200c\u200d\u2060\ufeff")


def plain(text: str, limit: int = 200) -> str:
    """One line without control, bidirectional or invisible characters, at most `limit` characters."""
    kept = []
    for char in text[: limit * 4]:
        if char in _BIDI or char in _ZERO_WIDTH:
            continue
        kept.append(" " if unicodedata.category(char) in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"} else char)
    line = " ".join("".join(kept).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def code(text: str, limit: int = 200) -> str:
    """A Markdown code span that the text cannot leave; an empty text gives a visible stand-in."""
    line = plain(text, limit) or "(empty)"
    longest = max((len(run) for run in _BACKTICKS.findall(line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def fenced(text: str, language: str = "", limit: int = 4_000) -> str:
    """A Markdown code block that the text cannot close."""
    body = text[:limit]
    longest = max((len(run) for run in _BACKTICKS.findall(body)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{body}\n{fence}"


def without_spans(markdown: str) -> str:
    """Our own Markdown as plain text: code spans lose their fences. For places that show text as it is."""
    return re.sub(r"(`+)( ?)(.+?)\2\1", lambda match: match.group(3), markdown)
