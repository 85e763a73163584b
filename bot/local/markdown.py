"""Markdown from untrusted people as safe HTML: rendered as on GitHub, then reduced to GitHub's allow-list.

Sources: the GitHub Flavored Markdown specification (tables, task lists, strikethrough); docs.github.com and
github/markup for the allow-list, which has no styles, scripts or forms.
"""

import re
from collections.abc import Iterator
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_MAX_TEXT = 200_000
_TAGS = set(
    "a abbr b bdo blockquote br caption cite code dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 "
    "hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span strike strong sub summary sup table tbody td "
    "tfoot th thead time tr tt ul var wbr".split()
)
_ATTRIBUTES = {
    "*": {"align", "title", "lang", "dir"},
    "a": {"href"},
    "details": {"open"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
# Two characters of the private use area replace the check boxes until the HTML is cleaned.
_EMPTY_BOX, _TICKED_BOX = "\ue0b0", "\ue0b1"
_BOXES = str.maketrans(
    {
        _EMPTY_BOX: '<input type="checkbox" disabled>',
        _TICKED_BOX: '<input type="checkbox" checked disabled>',
    }
)
_TASK = re.compile(r"\[([ xX])\]\s")
# GitHub's rule for logins: letters, digits, single hyphens inside; at most 39; also `@org/team`.
_MENTION = re.compile(r"(?<![\w@/.`-])@([A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}(?:/[\w.-]+)?)(?![\w-])")
_REFERENCE = re.compile(r"(?<![\w&/#])#([1-9]\d{0,8})(?!\w)")
_LINK = re.compile(f"{_MENTION.pattern}|{_REFERENCE.pattern}")
_markdown = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable(["table", "strikethrough"])


def render(text: str | None, root: str, repository: str) -> Markup:
    """Return safe HTML.

    root: the prefix of links to accounts.
    repository: the path `/owner/name` for links such as `#123`.
    """
    plain = (text or "")[:_MAX_TEXT].replace(_EMPTY_BOX, "").replace(_TICKED_BOX, "")
    tokens = _markdown.parse(plain)
    for before, token in zip([None, None, *tokens], tokens, strict=False):
        if token.type == "inline":
            _replace_check_box(before, token)
            token.children = list(_linked(token.children or [], root, repository))
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
    )
    return Markup(clean.translate(_BOXES))  # noqa: S704 - cleaned on the line above


def _replace_check_box(before: Token | None, token: Token) -> None:
    if before is None or before.type != "list_item_open" or not token.children:
        return
    first = token.children[0]
    if first.type == "text" and (match := _TASK.match(first.content)):
        box = _EMPTY_BOX if match[1] == " " else _TICKED_BOX
        first.content = f"{box} {first.content[match.end() :]}"


def _linked(children: list[Token], root: str, repository: str) -> Iterator[Token]:
    depth = 0
    for token in children:
        depth += (token.type == "link_open") - (token.type == "link_close")
        if token.type != "text" or depth or not _LINK.search(token.content):
            yield token
            continue
        html = []
        end = 0
        for match in _LINK.finditer(token.content):
            target = f"{root}/{match[1]}" if match[1] else f"{repository}/pull/{match[2]}"
            html += [escape(token.content[end : match.start()]), f'<a href="{escape(target)}">{escape(match[0])}</a>']
            end = match.end()
        html.append(escape(token.content[end:]))
        yield Token("html_inline", "", 0, content="".join(html))
