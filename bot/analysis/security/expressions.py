"""Who can choose the value of an expression (`${{ … }}`) of a GitHub workflow. Pure.

Contexts: https://docs.github.com/en/actions/reference/workflows-and-actions/contexts
Untrusted values: https://docs.github.com/en/actions/reference/security/secure-use

`env.X` and `matrix.X` are followed to what the workflow sets them to. Nothing is evaluated: an expression is as free as
the freest value that it can become.
"""

import re
from collections.abc import Iterator
from enum import IntEnum
from itertools import islice

_MOST_TEXT = 200_000
_MOST_LINES = 3_000
_MOST_REFERENCES = 20
_MOST_VALUES = 200
_MOST_VALUE = 40  # lines
EXPRESSION = re.compile(r"\$\{\{([^{}]{1,200})\}\}")
_INDEX = re.compile(r"\[\s*'([\w-]{1,60})'\s*\]")
_STRING = re.compile(r"'[^']*'")
# A call whose result is a number, a digest or a truth value.
_HARMLESS_CALL = re.compile(
    r"\b(?:hashFiles|contains|startsWith|endsWith|success|failure|always|cancelled)\s*\([^()]*\)", re.IGNORECASE
)
_COMPARED = re.compile(r"==|!=|<|>|^\s*!")
_REFERENCE = re.compile(
    r"(?<![\w.-])(?:github|inputs|env|steps|needs|jobs|matrix|secrets|vars|runner|job|strategy)(?:\.(?:[\w-]+|\*))*"
)
# Fields of an event that are numbers, digests, names with few allowed characters, or set by the owners.
_HARMLESS_FIELD = re.compile(
    r"(?:^|_)(?:number|id|sha|at|count|login|draft|merged|state|action|before|after|type|fork|private|size|additions"
    r"|deletions|attempt|conclusion|status|default_branch|full_name|visibility|url)$"
)
_HARMLESS_OUTPUT = re.compile(
    r"(?:^|[-_])(?:digest|sha\d*|hash|image-?id|cache-hit|exit-?code|outcome|conclusion|result)$", re.IGNORECASE
)
_FREE_OF_GITHUB = frozenset({"event", "head_ref"})
_REFS_OF_GITHUB = frozenset({"ref", "ref_name", "base_ref"})
# What only people with write access make.
_OWNED_EVENTS = frozenset(
    {"repository", "organization", "sender", "installation", "enterprise", "release", "milestone"}
)
_TYPED_INPUT = re.compile(r"\s+type\s*:\s*[\"']?(?:boolean|number|choice|environment)\b")


class Source(IntEnum):
    """Who can choose a value, the freest last.

    UNKNOWN: it is made by a step, another job, or outside of the file.
    """

    NOBODY = 0
    UNKNOWN = 1
    REFERENCE = 2
    STARTER = 3
    OUTSIDER = 4


# What is said of a script that such a value becomes part of.
CHOSEN_BY = {
    Source.OUTSIDER: "Text that an outsider can choose becomes part of the script",
    Source.STARTER: "Text that is chosen by who starts or calls the workflow becomes part of the script",
    Source.REFERENCE: "The name of a branch or a tag becomes part of the script",
    Source.UNKNOWN: "Text of a step, a job or a matrix becomes part of the script; who chooses it is not known",
}


def source_of(expression: str, workflow: str) -> Source:
    """Return who can choose the value of an expression, without its braces. workflow: the text of the file."""
    lines = workflow[:_MOST_TEXT].split("\n")[:_MOST_LINES]
    found = Source.NOBODY
    seen: set[str] = set()
    waiting = _references(expression)
    while waiting and found < Source.OUTSIDER:
        reference = waiting.pop()
        if reference in seen:
            continue
        if len(seen) >= _MOST_REFERENCES:
            return max(found, Source.UNKNOWN)
        seen.add(reference)
        context, *fields = reference.split(".")
        if context in {"env", "matrix"}:
            values = _settings(context, fields[0] if fields else "", lines)
            found = max(found, Source.NOBODY if values else Source.UNKNOWN)
            expressions = (one for value in values for line in value for one in EXPRESSION.findall(line[:1_000]))
            waiting += [one for expression in islice(expressions, _MOST_VALUES) for one in _references(expression)]
        else:
            found = max(found, _of(context, fields, lines))
    return found


def _references(expression: str) -> list[str]:
    """Return the values that an expression can become: of each alternative what stands after its conditions."""
    text = _HARMLESS_CALL.sub("", _INDEX.sub(r".\1", expression))
    values = (_STRING.sub("", part.rpartition("&&")[2]) for part in text.split("||"))
    return [one for value in values if not _COMPARED.search(value) for one in _REFERENCE.findall(value)]


def _of(context: str, fields: list[str], lines: list[str]) -> Source:
    last = fields[-1] if fields else ""
    match context:
        case "github":
            return _of_github(fields)
        case "inputs":
            return _of_input(last, lines)
        case "steps" | "needs" | "jobs":
            is_output = "outputs" in fields or not fields
            return Source.UNKNOWN if is_output and not _HARMLESS_OUTPUT.search(last) else Source.NOBODY
    return Source.NOBODY


def _of_github(fields: list[str]) -> Source:
    first, *rest = fields or ["event"]
    if first in _REFS_OF_GITHUB:
        return Source.REFERENCE
    if first not in _FREE_OF_GITHUB:
        return Source.NOBODY
    if not rest or first == "head_ref":
        return Source.OUTSIDER
    if rest[0] in {"inputs", "client_payload"}:
        return Source.STARTER
    if rest[0] in {"ref", "base_ref"} or rest[-1] == "tag_name":
        return Source.REFERENCE
    harmless = rest[0] in _OWNED_EVENTS or _HARMLESS_FIELD.search(rest[-1])
    return Source.NOBODY if harmless else Source.OUTSIDER


def _of_input(name: str, lines: list[str]) -> Source:
    """Return the source of an input: nobody's where the file gives it a type whose values are few or numbers."""
    found = list(_values(name, lines)) if name else []
    typed = [value for value in found if any(_TYPED_INPUT.match(line) for line in value[1:])]
    return Source.NOBODY if typed and len(typed) == len(found) else Source.STARTER


def _settings(context: str, name: str, lines: list[str]) -> list[list[str]]:
    """Return what the file sets a variable or a matrix to; nothing if it is set elsewhere, as by a step."""
    if context == "env" and any("GITHUB_ENV" in line and f"{name}=" in line for line in lines):
        return []
    found = list(_values(name, lines)) if name and name != "*" else []
    if context == "matrix":
        found += [value[:1] for value in _values("matrix", lines) if EXPRESSION.search(value[0])]
    return found


def _values(name: str, lines: list[str]) -> Iterator[list[str]]:
    """Yield what each key of this name is set to: the rest of its line, and the lines that are indented deeper."""
    key = re.compile(rf"(\s*(?:-\s+)?)[\"']?{re.escape(name[:100])}[\"']?\s*:(?:\s+(.*))?$")
    for number, line in enumerate(lines):
        if not (found := key.match(line[:1_000])):
            continue
        below = []
        for other in lines[number + 1 : number + 1 + _MOST_VALUE]:
            margin, item = len(other) - len(other.lstrip()), other.lstrip().startswith("- ")
            if other.strip() and (margin < len(found[1]) or (margin == len(found[1]) and not item)):
                break
            below.append(other)
        yield [found[2] or "", *below]
