"""Words of the templates: Markdown, times, shares."""

from datetime import UTC, datetime

from markdown_it import MarkdownIt
from markupsafe import Markup

from bot.db.stored_analyses import StoredAnalysis

# Code spans and emphasis are all that our own Markdown uses; links, images and HTML stay text.
_MARKDOWN = MarkdownIt("zero").enable(["backticks", "emphasis"])


def markdown(text: str) -> Markup:
    """Our own Markdown as HTML."""
    return Markup(_MARKDOWN.renderInline(text))  # noqa: S704 - HTML is off: markdown-it escapes everything


def percent(share: float | None) -> str:
    """Of one, as per cent."""
    return "–" if share is None else f"{share:.0%}"


def figure(value: float | None) -> str:
    """Three digits."""
    return "–" if value is None else f"{value:.3f}"


def size(number: int) -> str:
    """Bytes, in the largest unit."""
    amount = float(number)
    for unit in ("B", "KiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}"
        amount /= 1024
    return f"{amount:.1f} MiB"


def ago(moment: datetime | None) -> str:
    """How long ago, in the largest unit."""
    if moment is None:
        return "never"
    seconds = (datetime.now(UTC) - moment).total_seconds()
    for length, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= length:
            number = int(seconds // length)
            return f"{number} {unit}{'s' if number > 1 else ''} ago"
    return "just now"


def subject(analysis: StoredAnalysis) -> str:
    """What an analysis is of."""
    if analysis.pull_number:
        return f"Pull request #{analysis.pull_number}"
    if analysis.kind.is_whole_repository:
        return f"Full analysis of {analysis.ref}" if analysis.ref else "Full analysis"
    return f"Push to {analysis.ref}"


FILTERS = {
    "markdown": markdown,
    "ago": ago,
    "percent": percent,
    "figure": figure,
    "size": size,
    "subject": subject,
}
