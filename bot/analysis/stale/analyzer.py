"""Says which lines of the head still state what a change made untrue."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import islice

from bot import paths
from bot.analysis.analyzer import Analyzer
from bot.analysis.edits import MAX_FILES
from bot.analysis.leftover import TOLD, is_in_comment
from bot.analysis.measured import share_of
from bot.analysis.places import is_written_here
from bot.analysis.stale.calls import calls, is_example, keeps_call, states_call
from bot.analysis.stale.dependencies import (
    dependencies,
    keeps_dependency,
    possible_dependencies,
    states_dependency,
)
from bot.analysis.stale.facts import Fact, FactKind
from bot.analysis.stale.requirements import requirements, states_requirement, waits_for
from bot.analysis.stale.values import states_value, values
from bot.domain.change import Change
from bot.domain.files import FileChange
from bot.domain.insights import Insight, InsightType, Location, Severity, fingerprint
from bot.domain.tree import Mention
from bot.text import code, count

NAME = "stale"
MAX_OF_A_KIND = 16
_MOST_FOUND = 100
_PLACES_SHOWN = 3
_MOST_PLACES = 20
# A fact that so many files state is not this one.
_MOST_FILES = 12
_LISTED = 3


def facts(files: Sequence[FileChange], *, parsed: bool = True) -> list[Fact]:
    """Return what the change alters that other files could state, at most `MAX_OF_A_KIND` of a kind.

    parsed: whether manifests are parsed. If not, every name on their deleted lines could be a removed dependency, which
        is enough to search for it outside of the sandbox.
    """
    files = files[:MAX_FILES]
    packages = dependencies(files) if parsed else possible_dependencies(files)
    return [one for kind in (requirements(files), packages, calls(files), values(files)) for one in _single(kind)]


def _single(facts: Iterator[Fact]) -> list[Fact]:
    """Return the facts of a kind, of equal ones the topmost. One that becomes different things is none."""
    found: dict[tuple[str, str], list[Fact]] = {}
    for fact in islice(facts, _MOST_FOUND):
        found.setdefault((fact.name, fact.old), []).append(fact)
    single = [same for same in found.values() if len({one.new for one in same}) == 1]
    return [min(same, key=lambda one: one.path.count("/")) for same in single][:MAX_OF_A_KIND]


def states(fact: Fact, mention: Mention) -> bool:
    """Return whether a line is about the present and states the old fact."""
    if not is_written_here(mention.path) or paths.is_test(mention.path):
        return False
    told = TOLD.search(mention.text) is not None
    if fact.kind is FactKind.REQUIREMENT:
        # A comment may say what to remove then.
        return not (told and paths.is_docs(mention.path)) and states_requirement(fact, mention)
    if told:
        return False
    if fact.kind is FactKind.DEPENDENCY:
        return states_dependency(fact, mention)
    is_prose = paths.is_docs(mention.path) or is_in_comment(mention, fact.name)
    if fact.kind is FactKind.CALL:
        return (is_prose or is_example(mention.path)) and states_call(fact, mention)
    return is_prose and states_value(fact, mention)


def keeps(fact: Fact, mention: Mention) -> bool:
    """Return whether a line shows that the old fact still holds."""
    if fact.kind is FactKind.CALL:
        return keeps_call(fact, mention)
    return fact.kind is FactKind.DEPENDENCY and keeps_dependency(fact, mention)


def any_concerns(facts: Sequence[Fact], mention: Mention) -> bool:
    """Return whether a line states one of the old facts, or shows that it still holds."""
    return any(states(fact, mention) or keeps(fact, mention) for fact in facts)


def analyze(change: Change, measured: Mapping[str, object]) -> list[Insight]:
    """One remark per fact that is still stated as it was."""
    added = {(file.path, number) for file in change.files for number, _ in file.added_lines()}
    insights = []
    for fact in facts(change.files) if change.tree.stated else ():
        left = [one for one in change.tree.stated if states(fact, one) and (one.path, one.line) not in added]
        kept = left and any(keeps(fact, one) for one in change.tree.stated)
        left = _without_lists(left)
        if left and not kept:
            insights += [
                _insight(*told) for told in _told(fact, left) if len({one.path for one in told[1]}) <= _MOST_FILES
            ]
    return insights


def _told(fact: Fact, left: Sequence[Mention]) -> Iterator[tuple[Fact, list[Mention]]]:
    """Yield the fact with its lines; those that waited for a new minimum by themselves."""
    waiting = [one for one in left if fact.kind is FactKind.REQUIREMENT and waits_for(fact, one)]
    stating = [one for one in left if one not in waiting]
    if stating:
        yield fact, stating
    if waiting:
        yield replace(fact, kind=FactKind.WAITING), waiting


def _without_lists(left: Sequence[Mention]) -> list[Mention]:
    """Return the lines without those of documents that state it again and again, as of many other projects."""
    lines = Counter(one.path for one in left)
    return [one for one in left if lines[one.path] < _LISTED or not paths.is_docs(one.path)]


_SAID = {
    FactKind.REQUIREMENT: "The minimum version of {name} becomes {new} here, and {place} still has {old}",
    FactKind.WAITING: "The minimum version of {name} becomes {new} here, and {place} waited for that",
    FactKind.VALUE: "{name} becomes {new} here, and {place} still states {old}",
    FactKind.CALL: "{name} takes {new} from here on, and {place} calls it as before",
    FactKind.DEPENDENCY: "The dependency {name} is removed here, and {place} still has an entry for it",
}


_REMEDIES = {
    FactKind.WAITING: "Do what the comment says, and take out conditions that are always true or never.",
    FactKind.DEPENDENCY: "Take out the entry too.",
}


def _lines(left: Sequence[Mention]) -> str:
    return "line stands" if len(left) == 1 else "lines stand"


def _changed(fact: Fact) -> str:
    if fact.kind is FactKind.DEPENDENCY:
        return f"It is removed from {code(fact.path)}"
    return f"{code(fact.path)}:{fact.line} changes it"


def _insight(fact: Fact, left: Sequence[Mention]) -> Insight:
    first = left[0]
    is_minimum = fact.kind in {FactKind.REQUIREMENT, FactKind.WAITING}
    is_removed = fact.kind is FactKind.DEPENDENCY
    title = _SAID[fact.kind].format(
        name=fact.name if is_minimum else code(fact.name),
        new=code(f"({fact.new})" if fact.kind is FactKind.CALL else fact.new, 60),
        old=code(fact.old, 60),
        place=f"{code(first.path)}:{first.line}",
    )
    places = ", ".join(f"{code(one.path)}:{one.line}" for one in left[:_PLACES_SHOWN])
    more = f" and {count(len(left) - _PLACES_SHOWN, 'more line')}" if len(left) > _PLACES_SHOWN else ""
    rule = f"stale/{fact.kind.value}"
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule=rule,
        title=title,
        description=f"{_changed(fact)}; the other {_lines(left)} at {places}{more}."
        f" The first line is {code(first.text.strip(), 120)}.",
        remedy=_REMEDIES.get(fact.kind, "Change these lines with it."),
        severity=Severity.LOW,
        confidence=share_of(rule, "the tree at the head was searched for the old value"),
        evidence={
            "name": fact.name,
            "old": fact.old,
            "new": fact.new,
            "changed": {"path": fact.path, "line": fact.line},
            "places": [asdict(one) for one in left[:_MOST_PLACES]],
        },
        # Of what is removed, no line is left to point at.
        locations=(
            *(() if is_removed else (Location(fact.path, fact.line, fact.line),)),
            *(Location(one.path, one.line, one.line) for one in left[:_MOST_PLACES]),
        ),
        fingerprint=fingerprint(rule, fact.name, fact.old),
    )


ANALYZER: Analyzer[object] = Analyzer(name=NAME, analyze=analyze)
