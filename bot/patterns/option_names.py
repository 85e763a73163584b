"""Reads long options such as `--height` from code, help texts, manual pages and shell completions. Pure.

Texts come from strangers: every pattern is bounded.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

_NAME = r"([a-z][a-z0-9]*(?:-[a-z0-9]+)*)"
# `--height` in any text; `long = "height"` of clap (Rust); `BoolVarP(&height, "height", …)` of pflag (Go);
# `.Fl -height` and `.Fl Fl height` of mdoc; `complete -c app -l height` of fish.
_OPTIONS = (
    re.compile(rf"(?<![\w-])--{_NAME}(?![\w-])"),
    re.compile(rf"\blong(?: = |\()\"{_NAME}\""),
    re.compile(rf"\b(?:Bool|Int|Uint|Float|String|Duration|Count)\w{{0,12}}\((?:&[\w.]{{1,60}}, )?\"{_NAME}\","),
    re.compile(rf"\bFl (?:-|Fl ){_NAME}(?![\w-])"),
    re.compile(rf"^\s{{0,40}}complete\b[^\n]{{0,300}}?\s(?:-l|--long-option)[ =]['\"]?{_NAME}(?![\w-])", re.MULTILINE),
)
_MENTIONED = re.compile(r"(?=--([a-z0-9][a-z0-9-]{0,60}))")
# Changes of the font in a manual page: `\fB`, `\f(CB`, `\f[B]`.
_FONT = re.compile(r"\\f(?:\[[^\]\n]{0,20}\]|\(..|.)")
# A line of a help text: `  -e, --exact    Enable exact match`.
_USAGE = re.compile(
    rf"^[ \t]{{1,12}}(?:[-+]\w,? )?--{_NAME}(?![\w-])\S{{0,120}}(?: \S{{1,40}}){{0,3}}?(?:[ ]{{2,}}\S|[ ]{{0,40}}$)",
    re.MULTILINE,
)
_ALIAS = re.compile(r"(?:an? )?alias (?:for|of) -", re.IGNORECASE)
# The paragraph head of a manual page: its first long option is the name, the others are aliases.
_HEAD = re.compile(rf"^\.(?:B|BI|BR|IP|It)\b[^\n]{{0,60}}?(?:--|\bFl -|\bFl Fl ){_NAME}", re.MULTILINE)
# An argument of clap: its attribute and the field, which is the name of the option if `long` has no value.
_ARGUMENT = re.compile(
    r"#\[(?:arg|clap|structopt)\((?P<what>(?:(?!#\[).){0,1500}?)\)\]\s{0,200}"
    r"(?:pub(?:\(\w+\))? )?(?:r#)?(?P<field>[a-z]\w{0,60})\s?:",
    re.DOTALL,
)
_LONG = re.compile(rf"\blong\b(?:(?: = |\()\"{_NAME}\")?(?!_)")
_HIDE = re.compile(r"\bhide(?:_long_help)?(?: = true|\(true\))")
# A declaration that keeps the option out of the help: cobra and pflag; argparse, click and clap's builder.
_MARKED = re.compile(rf"\bMark(?:Hidden|Deprecated)\(\"{_NAME}\"")
_DECLARED = re.compile(r"\b(?:add_argument|option|Option|add_option)\(")
_HIDDEN = re.compile(r"\bSUPPRESS(?:_HELP)?\b|\bhidden ?[=:] ?(?:True|true)\b|\bhideHelp\(|\bdeprecated ?= ?True\b")
_QUOTED = re.compile(rf"['\"`]--{_NAME}")
_LONGEST_CALL = 800
_LEAST_HELP = 10
_MOST_NAMES = 2_000


def option_names(text: str) -> frozenset[str]:
    """The long options in a text, such as `--height`; at most 2,000."""
    found: set[str] = set()
    plain = _plain(text)
    for name in (*_names(plain), *_arguments(text, hidden=False), *_arguments(text, hidden=True)):
        found.add(name)
        if len(found) >= _MOST_NAMES:
            break
    return frozenset(found)


def mentioned_names(text: str) -> frozenset[str]:
    """All that stands behind two hyphens, in whatever markup: what `git grep` of the receipts finds."""
    return frozenset(f"--{match[1]}" for match in _MENTIONED.finditer(text.replace("\\-", "-")))


def shown_options(text: str) -> frozenset[str]:
    """The options that a file shows to users: those of its help text or paragraph heads, or all but hidden ones."""
    plain = _plain(text)
    for pattern in (_USAGE, _HEAD):
        found = (match for match in pattern.finditer(plain) if not _ALIAS.match(plain, match.end() - 1))
        shown = frozenset(f"--{match[1]}" for match in found)
        if len(shown) >= _LEAST_HELP:
            return shown
    declared = frozenset(_arguments(text, hidden=False))
    return declared if len(declared) >= _LEAST_HELP else option_names(text) - _hidden(text)


def _plain(text: str) -> str:
    """The text with the hyphens and without the fonts of a manual page."""
    return _FONT.sub("", text).replace("\\-", "-") if "\\-" in text else text


def _names(plain: str) -> Iterator[str]:
    return (f"--{match[1]}" for pattern in _OPTIONS for match in pattern.finditer(plain))


def _arguments(text: str, *, hidden: bool) -> Iterator[str]:
    """The options of clap's attributes that are in the help, or that are hidden."""
    for match in _ARGUMENT.finditer(text):
        if (long := _LONG.search(match["what"])) and bool(_HIDE.search(match["what"])) is hidden:
            yield f"--{long[1] or match['field'].replace('_', '-')}"


def _hidden(text: str) -> frozenset[str]:
    found = {f"--{match[1]}" for match in _MARKED.finditer(text)} | set(_arguments(text, hidden=True))
    calls = [match.end() for match in _DECLARED.finditer(text)]
    for start, end in pairwise([*calls, len(text)]):
        call = text[start : min(end, start + _LONGEST_CALL)]
        if _HIDDEN.search(call):
            found.update(f"--{match[1]}" for match in _QUOTED.finditer(call))
    return frozenset(found)
