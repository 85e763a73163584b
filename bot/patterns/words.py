"""Reduces the text of an issue to the words in which a person describes it. Works in any language.

Left out: code blocks, logs, stack traces, HTML, links, mentions of people, and the lines of issue templates. A line
belongs to a template if many issues have it: that needs no list of templates, and no language.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

MAX_TEXT = 1_500
_MOST_WORDS = 150
_FENCE = re.compile(r"^[ \t]*(```|~~~).*?(?:^[ \t]*\1|\Z)", re.MULTILINE | re.DOTALL)
_MARKUP = re.compile(
    r"<!--.{0,5000}?(?:-->|\Z)|<[^<>\n]{1,300}>|\]\([^()\s]{1,500}\)|\bhttps?://\S{1,500}"
    r"|(?<!\w)@[\w-]{1,60}|&\w{2,8};",
    re.DOTALL,
)
_INLINE = re.compile(r"`([^`\n]{1,200})`")
# Indented code, quotes, tables, prompts, frames of a stack, log lines with a time or a level, images.
_NO_PROSE = re.compile(
    r"^(?: {4,}|\t|>|\||\$ |>>> |!\[|#!|\s*at \S+\s?\(|\s*File \"|\s*\d{4}-\d\d-\d\d|\s*\d\d:\d\d"
    r"|\s*\[?(?:INFO|DEBUG|WARN|WARNING|ERROR|TRACE|FATAL)\b|Traceback |[A-Za-z-]{3,30}-by: )"
)
_WORD = re.compile(r"[^\W\d_](?:[\w'’]*[\w])?", re.UNICODE)
_NAME = re.compile(r"[A-Za-z_][\w.-]{1,40}\Z")
_STOP = frozenset(
    """a about above after again against all also am an and any anyway are as at back be because been before being
    below between both but by can cannot could did do does doing don down during each either else even ever every few
    for from further get gets getting give given go goes going got had has have having he her here hers him his how
    however i if in instead into is it its itself just know last let like ll made make makes many may maybe me might
    more most much must my need needs never new no nor not nothing now of off on once one only or other our out over
    own please possible quite rather re really same say see seem seems set she should since so some something still
    such sure take than thank thanks that the their them then there these they thing things think this those though
    through to too try trying two under until up upon us use used user users uses using very via want wants was way we
    well were what when where whether which while who whole why will with within without work worked working works
    would yes yet you your yours ve isn doesn didn won wouldn shouldn couldn aren wasn hasn haven ain
    actual add added adding allow behaviour behavior bug bugs case code correct correctly current currently default
    description different environment error errors example expected fail fails failed failing feature file files fix
    fixed fixes following function happen happens hello hi import improve incorrect issue issues line lines none null
    option problem problems proposal question release report reproduce request return returns run running screenshot
    solution start steps support supported supports test tests true false unable update version versions wrong
    print def class self const var let int str string""".split()
)


def texts_of(items: Sequence[tuple[str, str]]) -> list[str]:
    """The prose of each (title, body), the title first and twice, because it says most."""
    bodies = [prose(body) for _, body in items]
    common = _template_lines(bodies)
    texts = []
    for (title, _), lines in zip(items, bodies, strict=True):
        own = " ".join(line for line in lines if line not in common)
        name = _readable(title[:300])
        texts.append(f"{name} {name} {own}")
    return texts


def prose(body: str) -> list[str]:
    """The lines of a body that a person wrote as sentences, at most MAX_TEXT characters."""
    text = _FENCE.sub("\n", body[: 2 * MAX_TEXT].replace("\r\n", "\n"))
    text = _INLINE.sub(lambda match: f" {match[1]} " if _NAME.match(match[1]) else " ", _MARKUP.sub(" ", text))
    lines = (line.strip(" \t#*-_=") for line in text.split("\n") if not _NO_PROSE.match(line))
    kept, length = [], 0
    for line in lines:
        if line and length < MAX_TEXT:
            kept.append(_readable(line[: MAX_TEXT - length]))
            length += len(line)
    return kept


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without stop words and words of one letter, at most _MOST_WORDS."""
    found = (match.group().replace("’", "'") for match in _WORD.finditer(text.lower()))
    kept = (singular(word) for word in found if len(word) <= 30 and word.split("'")[0] not in _STOP)
    return [word for word in kept if len(word) > 1 or not word.isascii()][:_MOST_WORDS]


def singular(word: str) -> str:
    """An English plural without its s, so that both forms are one word; other words as they are."""
    word = word.split("'", maxsplit=1)[0] if word.isascii() else word
    regular = word.isascii() and len(word) > 4 and word.endswith("s") and word[-2] not in "aiosu"
    return word[:-1] if regular else word


def _readable(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("\0", " ")


def _template_lines(bodies: Sequence[Sequence[str]]) -> set[str]:
    """The lines that at least five issues and one in thirty have."""
    counts = Counter(line for lines in bodies for line in set(lines))
    return {line for line, count in counts.items() if count >= 5 and count * 30 >= len(bodies)}
