"""The filters of the templates: Markdown, times, numbers."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markupsafe import Markup

from bot.db.stored_analyses import StoredAnalysis
from bot.domain.analyses import AnalysisStatus
from bot.domain.steps import step_name
from bot.text import plain
from bot.web.pages.doc_pages import explained
from bot.web.pages.evidence import readable

# Our own Markdown has code spans and emphasis only. Links, images and HTML are rendered as text.
MARKDOWN = MarkdownIt("zero").enable(["backticks", "emphasis"])


def markdown(text: str) -> Markup:
    """Render our own Markdown as HTML."""
    return Markup(MARKDOWN.renderInline(text))  # noqa: S704 - HTML is off: markdown-it escapes everything


def percent(share: float | None) -> str:
    """A share, 0 to 1, as a percentage."""
    return "–" if share is None else f"{share:.0%}"


def figure(value: float | None) -> str:
    """A number with three decimal places."""
    return "–" if value is None else f"{value:.3f}"


def size(number: int) -> str:
    """A number of bytes, in the largest unit that fits."""
    amount = float(number)
    for unit in ("B", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.1f} MiB" if unit == "MiB" else f"{amount:.0f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"


def ago(moment: datetime | None) -> str:
    """The time since a moment, in the largest unit that fits."""
    if moment is None:
        return "never"
    seconds = (datetime.now(UTC) - moment).total_seconds()
    for length, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= length:
            number = int(seconds // length)
            return f"{number} {unit}{'s' if number > 1 else ''} ago"
    return "just now"


def subject(analysis: StoredAnalysis) -> str:
    """The subject of an analysis."""
    if analysis.pull_number:
        return f"Pull request #{analysis.pull_number}"
    if analysis.kind.is_whole_repository:
        return f"Full analysis of {analysis.ref}" if analysis.ref else "Full analysis"
    return f"Push to {analysis.ref}"


def verdict(analysis: StoredAnalysis) -> str:
    """How an analysis ended, or its status. The check run of a failed one is neutral, as that of one with remarks."""
    failed = analysis.status is AnalysisStatus.FAILED
    return (analysis.status if failed else analysis.conclusion or analysis.status).value


def path_of(address: str) -> str:
    """The path and the query of an address of this instance."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


FILTERS = {
    "path_of": path_of,
    "evidence": readable,
    "plain": plain,
    "markdown": markdown,
    "ago": ago,
    "percent": percent,
    "figure": figure,
    "size": size,
    "subject": subject,
    "verdict": verdict,
    "step_name": step_name,
    "explained": explained,
}
