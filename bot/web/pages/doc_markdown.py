"""The documentation as HTML: CommonMark with tables, links between the pages, and anchors as on GitHub. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from posixpath import basename, dirname, normpath
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

from bot.web.pages.doc_pages import BY_FILE, PICTURE
from bot.web.schema import ADDRESS as SCHEMA

_OTHERS = {"docs": "/docs", PICTURE: "/docs/picture", "bot/web/gitinsight.schema.json": SCHEMA}
_STACKED = 4  # columns
_NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a section."""

    anchor: str
    title: Markup


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page. title: its first line, as HTML and as text. html: what follows. contents: its sections."""

    title: Markup
    plain_title: str
    html: Markup
    contents: tuple[Heading, ...]


class _Renderer(RendererHTML):
    """Wide tables and blocks of code scroll by themselves, also with the keyboard."""

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """A table in a region of its own, named after the heading above it; a number follows if that had one before."""
        above = next((tokens[at + 1] for at in range(idx, -1, -1) if tokens[at].type == "heading_open"), None)
        name = escape(_words(above)) if above else "Overview"
        env[name] = number = env.get(name, 0) + 1
        name += ", as a table" if number == 1 else f", table {number}"
        region = f'<div class="scroll" role="region" aria-label="{name}" tabindex="0">'
        return region + self.renderToken(tokens, idx, options, env)

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """The end of the table and of its region."""
        return "</table></div>\n"

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """A block of code."""
        return f'<pre tabindex="0"><code>{escape(tokens[idx].content)}</code></pre>\n'


_MARKDOWN = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")


def title_of(text: str) -> Markup:
    """The title of a page, as HTML."""
    return _inline(_MARKDOWN.parse(text.partition("\n")[0])[1])


def render(text: str, file: str) -> Rendered:
    """Render a page. file: its place in the repository, which its links are relative to."""
    tokens = _MARKDOWN.parse(text)
    contents = []
    taken: dict[str, int] = {}
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            anchor = _anchor(_words(inline), taken)
            opening.attrSet("id", anchor)
            if opening.tag == "h2":
                contents.append(Heading(anchor, _inline(inline)))
    (_, first, _), body = tokens[:3], tokens[3:]
    _name_cells(body)
    for token in body:
        if token.children:
            token.children = _resolved(token.children, file)
    html = Markup(_MARKDOWN.renderer.render(body, _MARKDOWN.options, {}))  # noqa: S704 - HTML is off: it escapes everything
    return Rendered(_inline(first), _words(first), html, tuple(contents))


def _inline(token: Token) -> Markup:
    return Markup(_MARKDOWN.renderer.render([token], _MARKDOWN.options, {}))  # noqa: S704 - as below


def _words(token: Token) -> str:
    """The text of a heading, without its markup."""
    return "".join(child.content for child in token.children or () if child.type in ("text", "code_inline"))


def _anchor(words: str, taken: dict[str, int]) -> str:
    """The anchor that GitHub gives to a heading; a number follows if there was one before."""
    name = _NOT_IN_ANCHORS.sub("", words.lower()).replace(" ", "-")
    number = taken.get(name, 0)
    taken[name] = number + 1
    return f"{name}-{number}" if number else name


def _name_cells(tokens: Sequence[Token]) -> None:
    """On a phone the cells of a row stand below each other, each with the heading of its column, if they are few."""
    headings: list[str] = []
    column = 0
    table: Token | None = None
    for token, inline in pairwise(tokens):
        if token.type == "table_open":
            headings, table = [], token
        elif token.type == "th_open":
            headings.append(_words(inline))
        elif token.type == "tbody_open" and table is not None and len(headings) <= _STACKED:
            table.attrSet("class", "stacked")
        elif token.type == "tr_open":
            column = 0
        elif token.type == "td_open":
            if column and len(headings) > 2:
                token.attrSet("data-name", headings[column])
            column += 1


def _resolved(tokens: Sequence[Token], file: str) -> list[Token]:
    """Point links and pictures to what the app serves. The words of a link to another file stay, without the link."""
    kept: list[Token] = []
    is_open = True
    for token in tokens:
        if token.type == "link_open":
            address = _address(str(token.attrGet("href")), file)
            is_open = bool(address)
            token.attrSet("href", address)
        if token.type == "text" and kept and kept[-1].type == "link_open" and token.content.endswith(".md"):
            token.content = basename(token.content).removesuffix(".md")
        if token.type == "image":
            token.attrSet("src", _address(str(token.attrGet("src")), file))
        if is_open or token.type not in ("link_open", "link_close"):
            kept.append(token)
        is_open = is_open or token.type == "link_close"
    return kept


def _address(target: str, file: str) -> str:
    """What a link of a file leads to; empty for a file that is not served."""
    parts = urlsplit(target)
    if parts.scheme or not parts.path:
        return target
    place = normpath(f"{dirname(file)}/{parts.path}".lstrip("/"))
    page = BY_FILE.get(place)
    address = page.address if page else _OTHERS.get(place, "")
    return f"{address}#{parts.fragment}" if address and parts.fragment else address
