"""What appears on GitHub, between the report that renders it and the client that posts it."""

from dataclasses import dataclass
from enum import StrEnum

from bot import __version__

# What made an insight; base and head always run through the same one.
ENGINE = f"gitinsight {__version__}"
# By these what we published is found again: the check run's name, and the first line of the comment.
CHECK_NAME = "GitInsight"
MARKER = "<!-- gitinsight -->"


class Conclusion(StrEnum):
    """How a check run ends, in GitHub's words."""

    SUCCESS = "success"
    NEUTRAL = "neutral"
    FAILURE = "failure"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One remark on a line range of the head, as GitHub takes it. level: notice, warning or failure."""

    path: str
    start_line: int
    end_line: int
    level: str
    title: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOutput:
    """What a concluded check run shows. title, summary and text are Markdown."""

    conclusion: Conclusion
    title: str
    summary: str
    text: str = ""
    annotations: tuple[Annotation, ...] = ()
