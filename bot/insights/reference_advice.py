"""The recommendation to mend lines that name files which are gone: what to do at each file, the worst first. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import PurePosixPath

from bot import paths
from bot.domain.insights import Insight
from bot.insights.advice import Advice, Measure
from bot.insights.dead_references import RULE
from bot.insights.evidence import joined
from bot.insights.findings import Findings
from bot.text import code, count

_STEPS_SHOWN = 8
_LINES_SHOWN = 20
# More entries of one file are told by their lines.
_NAMED = 4
_SCRIPTS = frozenset({".sh", ".bash", ".zsh", ".ps1", ".bat", ".mk"})
_RECIPES = frozenset({"makefile", "gnumakefile", "justfile", "dockerfile", "containerfile"})


class _Kind(IntEnum):
    """What a line is, in the order in which a dead path in it does harm."""

    STEP = 0
    DOCUMENT = 1
    ENTRY = 2
    COMMENT = 3


_EFFECTS = {
    _Kind.STEP: "A step of a script or a workflow that needs such a file fails.",
    _Kind.DOCUMENT: "Who follows such a line of a document finds nothing.",
    _Kind.ENTRY: "An entry of a setting for such a file mostly has no effect.",
    _Kind.COMMENT: "A comment that points to such a file misleads.",
}


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that names a path which is gone. now: where the file is; empty if it was deleted."""

    kind: _Kind
    path: str
    line: int
    gone: str
    now: str
    went: str


def dead_reference_advice(findings: Findings) -> Iterator[Advice]:
    """Mend the lines that name files which are gone.

    benefit: the lines; effort: the files that they are in.
    """
    dead = [one for one in findings.insights if one.rule == RULE and one.locations]
    lines = sorted((line for one in dead for line in _lines(one)), key=lambda one: (one.kind, one.path, one.line))
    if not lines:
        return
    places = list(dict.fromkeys((one.kind, one.path) for one in lines))
    steps = [_step([one for one in lines if (one.kind, one.path) == place]) for place in places]
    more = f"; and the same in {count(len(steps) - _STEPS_SHOWN, 'more file')}" if len(steps) > _STEPS_SHOWN else ""
    # A line can name two files.
    number = len({(one.path, one.line) for one in lines})
    names = "names a file which is" if number == 1 else "name files which are"
    yield Advice(
        name="dead-references",
        target=("dead references",),
        title=f"Mend {count(number, 'line')} that {names} gone",
        first=f"{'; '.join(steps[:_STEPS_SHOWN])}{more}.",
        effect=" ".join(_EFFECTS[kind] for kind in dict.fromkeys(one.kind for one in lines)),
        measure=Measure(name="lines that name a file which is gone", today=number, unit="", goal="0"),
        findings=tuple(dead),
        benefit=number,
        effort=len({one.path for one in lines}),
        locations=tuple(place for one in dead for place in one.locations[:1])[:_LINES_SHOWN],
    )


def _lines(insight: Insight) -> Iterator[_Line]:
    known = insight.evidence
    texts = {
        (str(place["path"]), int(place["line"])): str(place["text"])
        for place in known.get("places", ())
        if isinstance(place, dict)
    }
    gone = str(known.get("gone", ""))
    for place in insight.locations:
        kind = _kind(place.path, texts.get((place.path, place.start_line), ""), gone)
        yield _Line(kind, place.path, place.start_line, gone, str(known.get("now", "")), str(known.get("went", "")))


def _kind(path: str, text: str, gone: str) -> _Kind:
    if paths.is_docs(path):
        return _Kind.DOCUMENT
    stripped = text.strip()
    if stripped.startswith(("#", "//", "*", "/*", ";")) or (paths.is_code(path) and paths.is_production(path)):
        return _Kind.COMMENT if PurePosixPath(path).suffix not in _SCRIPTS or stripped[:1] == "#" else _Kind.STEP
    # An entry of a list in a workflow or a Makefile holds nothing but the path.
    is_entry = not stripped.replace(gone, "").strip(" -*/,'\"")
    pure = PurePosixPath(path)
    is_run = pure.suffix in _SCRIPTS or pure.name.lower() in _RECIPES or path.startswith(".github/workflows/")
    return _Kind.STEP if is_run and not is_entry else _Kind.ENTRY


def _step(lines: Sequence[_Line]) -> str:
    """What to do at the lines of one kind in one file."""
    first = lines[0]
    where = code(first.path, 120)
    if first.kind is _Kind.ENTRY and len(lines) > _NAMED:
        numbers = joined([str(one.line) for one in lines[:_LINES_SHOWN]], len(lines) - _LINES_SHOWN, "line")
        return f"in {where}, delete the entries (or whole rules) at lines {numbers}, whose files are gone or moved"
    return "; ".join(f"in {where}:{one.line}, {_what(one)}" for one in lines[:_LINES_SHOWN])


def _what(line: _Line) -> str:
    old, new = code(line.gone, 120), code(line.now, 120)
    went = f"({'moved since' if line.now else 'gone with'} {line.went})"
    match line.kind:
        case _Kind.ENTRY if line.now:
            return f"delete the entry (or its whole rule) for {old} {went}, or name {new} if it is still needed"
        case _Kind.ENTRY:
            return f"delete the entry (or its whole rule) for {old} {went}"
        case _Kind.COMMENT if line.now:
            return f"see whether the comment holds: {old} is now {new} {went}"
        case _Kind.COMMENT:
            return f"see where the comment should point instead of {old} {went}"
        case _:
            return f"write {new} for {old} {went}" if line.now else f"replace or drop {old} {went}"
