"""Insights and reports for the tests, and GitHub's Markdown as a tree of tokens."""

from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.domain.change import LeftOut, Report, RepositoryConfig
from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, Standing
from bot.report.selection import Selection, select
from bot.text import code

URL = "https://gitinsight.example.org/repositories/1/analyses/2"

# Names that a repository may bear, and that its reviewers must see as names.
HOSTILE = (
    "`",
    "``` ```",
    "a`b``c```d",
    "@org/all",
    "@admin please approve",
    "</details>",
    "</code></sub><h1>",
    "<img src=x onerror=alert(1)>",
    "![x](http://evil.example/x.png)",
    "[click](javascript:alert(1))",
    "http://evil.example www.evil.example",
    "one\ntwo\r\n\r\n# three\u2028four",
    "```\n\n@admin\n\n```",
    "\u202egnp.exe\u2066",
    "a\u200bb\ufeffc\u2060d",
    "hidden\U000e0041\U000e0042\u3164\ufe0f",
    "-->",
    "<!-- gitinsight -->",
    "<!--",
    "| a | b |\n|---|---|",
    "  leading and trailing  ",
    "\\`escaped\\`",
    "**bold** _it_ ~~no~~ :tada: #1 GH-1 org/repo#2",
    "&lt;b&gt; &#64;admin",
    "",
    " ",
    "\x00\x1b[31m\x07",
    "x" * 100_000,
    "`" * 5_000,
    "\ud800 lone",
)


def insight(
    name: str = "settle",
    *,
    severity: Severity = Severity.MEDIUM,
    standing: Standing = Standing.REMARK,
    path: str | None = "app/core.py",
    line: int = 3,
    confidence: float = 0.9,
    number: int = 0,
    **changed: Any,
) -> Insight:
    """What an analyzer says of something that the repository calls `name`."""
    values: dict[str, Any] = {
        "type": InsightType.CODE_QUALITY,
        "rule": "complexity/function-grew",
        "title": f"{code(name)} became harder to follow",
        "description": f"The cognitive complexity of {code(name)} went from 4 to 25.",
        "severity": severity,
        "confidence": Confidence(confidence, "counted in both versions"),
        "fingerprint": f"{number:016x}",
        "standing": standing,
        "remedy": f"Move the loop of {code(name)} into a function of its own.",
        "evidence": {"before": 4, "after": 25},
        "locations": () if path is None else (Location(path, line, line + 20),),
        "tags": ("complexity",),
    }
    return Insight(**(values | changed))


def report(
    *insights: Insight,
    files: int = 4,
    left_out: Sequence[LeftOut] = (),
    problem: str | None = None,
    **config: Any,
) -> Report:
    """A report with these insights; keyword arguments beyond ours are the repository's configuration."""
    return Report(
        repository="octo/project",
        head_sha="a" * 40,
        merge_base="b" * 40,
        engine="gitinsight 1.2.3",
        insights=insights,
        files_analyzed=files,
        left_out=tuple(left_out),
        config_problem=problem,
        config=RepositoryConfig(**config),
    )


def selection(*insights: Insight, **facts: Any) -> Selection:
    """What is shown of such a report."""
    return select(report(*insights, **facts))


_GFM = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def tokens(markdown: str) -> list[Token]:
    """All tokens of a text as GitHub reads it, blocks and what is in them, flat."""

    def flat(found: Sequence[Token]) -> Iterator[Token]:
        for token in found:
            yield token
            yield from flat(token.children or [])

    return list(flat(_GFM.parse(markdown)))


def outside_code(markdown: str) -> list[tuple[str, str]]:
    """(kind, content) of everything but the contents of code spans."""
    return [
        (token.type, "" if token.type in {"code_inline", "inline"} else token.content) for token in tokens(markdown)
    ]


def in_code(markdown: str) -> list[str]:
    """The contents of all code spans."""
    return [token.content for token in tokens(markdown) if token.type == "code_inline"]
