"""Makes untrusted text safe to show. No other module does this.

In Markdown, text of a repository goes into a code span: there GitHub creates no mentions, links, HTML or images.
See the CommonMark specification, "Code spans".
"""

import re
import unicodedata
from collections.abc import Iterable

_BACKTICKS = re.compile(r"`+")
# GitHub's tokens (short, long and fine-grained), JWTs, and the Basic authorization of git.
_SECRET = re.compile(
    r"\b(gh[a-z]_[A-Za-z0-9._-]{16,}|github_pat_[A-Za-z0-9_]{16,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9._-]{16,})"
    r"|(?<=Basic )[A-Za-z0-9+/=]{16,}"
)
# Invisible letters and marks. Bidirectional and zero-width characters have the category Cf.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def plain(text: str, limit: int = 200) -> str:
    """Return the text as one line of at most `limit` characters, without control and invisible characters."""
    visible = []
    for char in text[: limit * 4]:
        category = unicodedata.category(char)
        if category == "Cf" or char in _INVISIBLE or _is_variation_selector(char):
            continue
        visible.append(" " if category in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"} else char)
    line = " ".join("".join(visible).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def visible(text: str, limit: int = 1_000) -> str:
    """Return the text for a reader of JSON, with at most `limit` characters of it.

    Control and invisible characters become `\\u202e` and the like; line ends and tabs stay.
    """
    shown = "".join(map(_escaped, text[:limit]))
    return shown if len(text) <= limit else shown + "…"


def _escaped(char: str) -> str:
    hidden = unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    if char in "\n\t" or not (hidden or char in _INVISIBLE or _is_variation_selector(char)):
        return char
    return f"\\u{ord(char):04x}" if char <= "\uffff" else f"\\U{ord(char):08x}"


def _is_variation_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def code(text: str, limit: int = 200) -> str:
    """Return a Markdown code span that the text cannot end. An empty text becomes `(empty)`."""
    line = plain(text, limit) or "(empty)"
    longest = max((len(run) for run in _BACKTICKS.findall(line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def count(number: int, noun: str) -> str:
    """Return the number with the noun in singular or plural: `1 file`, `2,000 files`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def commits(shas: Iterable[str]) -> str:
    """Return the short shas of commits, without a code span: GitHub turns them into links."""
    return ", ".join(sha[:10] for sha in shas)


def without_spans(markdown: str) -> str:
    """Remove the fences of code spans from our own Markdown, for output as plain text."""
    return re.sub(r"(`+)( ?)(.+?)\2\1", lambda match: match.group(3), markdown)


def without_secrets(text: str) -> str:
    """The text with tokens of GitHub and JSON Web Tokens replaced, which GitHub or git might repeat in an error."""
    return _SECRET.sub("[redacted]", text)
