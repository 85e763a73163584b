"""Recommendations on single files: hard code that changes often, and code whose authors are gone. Pure."""

from collections.abc import Iterator, Sequence

from bot.domain.fix_patterns import FixedFunction
from bot.domain.insights import Insight, InsightType, Location
from bot.domain.patterns import Patterns
from bot.insights.advice import Advice, Measure
from bot.insights.findings import Findings
from bot.insights.fix_advice import next_look
from bot.insights.fix_receipts import receipts_of
from bot.insights.receipts import commits_words
from bot.text import code

_LEAST_FIXES = 3
_LEAST_SOON = 2
_LINES = 200


def split_advice(findings: Findings) -> Iterator[Advice]:
    """Hotspots with a function that is hard to follow and was fixed often, the most often fixed one of each file.

    benefit: the fixes of a year that repaired what had been changed in the last 30 days; effort: 200 lines each.
    """
    patterns = findings.past.patterns
    hotspots = findings.past.hotspots
    for file in hotspots.files if hotspots else ():
        named = findings.on_file(file.path, InsightType.HOTSPOT)
        hard = [
            (counted, one)
            for one in findings.hard_functions(file.path)
            if (counted := _counted(patterns, file.path, str(one.evidence.get("function", "")))) is not None
        ]
        if named and hard and patterns is not None:
            counted, worst = max(hard, key=lambda pair: pair[0].fixes)
            yield _split(counted, worst, named, next_look(patterns))


def _split(counted: FixedFunction, hard: Insight, named: Sequence[Insight], until: str) -> Advice:
    place, function, path = hard.locations[0], code(counted.name, 60), code(counted.path, 80)
    return Advice(
        name="split",
        target=(counted.path,),
        title=f"Take apart {function} in {path}: {counted.fixes:,} fixes in two years",
        first=f"{hard.title} (lines {place.start_line} to {place.end_line}). Write tests of what the newest fixes "
        f"mended, then: {hard.remedy}",
        facts=f"{counted.soon:,} of the {counted.fixes:,} fixes repaired something that was changed at most 30 days "
        f"before; {counted.tested:,} changed a test. The newest: {commits_words(counted.commits, 5)}.",
        effect=f"{counted.fixes_year:,} fixes of the last year were in this function. Where a part has a function and "
        "tests of its own, a change of another part cannot break it unseen.",
        measure=Measure(
            name=f"fixes in {function} of what was changed at most 30 days before, in two years",
            today=counted.soon,
            unit="",
            goal="half of it",
            until=until,
        ),
        findings=(*named, hard),
        benefit=counted.soon / 2,
        effort=max(1, (place.end_line - place.start_line) / _LINES),
        locations=(Location(counted.path, place.start_line, place.end_line),),
        receipts=tuple(receipts_of(counted)),
    )


def _counted(patterns: Patterns | None, path: str, name: str) -> FixedFunction | None:
    """The counted fixes of a function, if some of them came soon. Names of methods may come without their type."""
    last = name.replace("::", ".").rpartition(".")[2]
    for one in patterns.fixed_functions if patterns else ():
        if one.path == path and one.name.rpartition(".")[2] == last and one.soon >= _LEAST_SOON:
            return one
    return None


def knowledge_advice(findings: Findings) -> Iterator[Advice]:
    """Hotspots whose authors are no longer active.

    benefit: the fixes of the file in a year, times the share of its lines whose authors are gone; effort: 200 lines
    each, which somebody has to read.
    """
    hot = {file.path: file for file in findings.past.hotspots.files} if findings.past.hotspots else {}
    for owned in findings.past.ownership.files if findings.past.ownership else ():
        gone = [one for one in findings.on_file(owned.path, InsightType.OWNERSHIP) if "authors-gone" in one.rule]
        named = findings.on_file(owned.path, InsightType.HOTSPOT)
        file = hot.get(owned.path)
        if not gone or not named or file is None or file.fixes < _LEAST_FIXES:
            continue
        hard = findings.hard_functions(owned.path)
        yield Advice(
            name="knowledge",
            target=(owned.path,),
            title=f"Let somebody learn {code(owned.path, 80)} before it has to be fixed again",
            first=(f"begin with this: {hard[0].title}. " if hard else "")
            + "Let the reviewer of the next fix write down, as tests, what the old code must keep doing.",
            effect=f"{file.fixes:,} fixes of the last year were made in code of which {owned.inactive_share:.0%} is by "
            "people who are no longer active.",
            measure=Measure(
                name=f"lines of {code(owned.path, 80)} by people who are no longer active",
                today=owned.inactive_share,
                unit="%",
            ),
            findings=(*gone, *named, *hard[:1]),
            benefit=file.fixes * owned.inactive_share,
            effort=max(1, owned.lines / _LINES),
            locations=(Location(owned.path, 1, 1),),
        )
