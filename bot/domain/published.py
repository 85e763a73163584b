"""What appears on GitHub, between the report that renders it and the client that posts it."""

from dataclasses import dataclass

from bot import __version__

# What made an insight; base and head always run through the same one.
ENGINE = f"gitinsight {__version__}"
# By these what we published is found again: the check run's name, and the first line of the comment.
CHECK_NAME = "GitInsight"
MARKER = "<!-- gitinsight -->"


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

    conclusion: str
    title: str
    summary: str
    text: str = ""
    annotations: tuple[Annotation, ...] = ()
