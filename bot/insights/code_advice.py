"""Recommendations on single files: hard code that changes often, and code whose authors are gone. Pure."""

from collections.abc import Iterator, Sequence

from bot.domain.fix_patterns import FixedFunction
from bot.domain.insights import Insight, InsightType, Location
from bot.domain.patterns import Patterns
from bot.insights.advice import Advice, Measure
from bot.insights.findings import Findings
from bot.insights.fix_patterns import next_look, repairs_of
from bot.insights.fix_receipts import receipts_of
from bot.insights.receipts import commits_words, repaired_words
from bot.text import code, count

_LEAST_FIXES = 3
_LEAST_SOON = 2
_LEAST_YEAR = 4
_LINES = 200
_MOST_LINES = 1_000
_MOSTLY = 0.7


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
        if not (named and hard and patterns is not None):
            continue
        counted, worst = max(hard, key=lambda pair: pair[0].fixes)
        if step := _split_step(counted, worst, patterns):
            yield _split(counted, worst, named, patterns, step)


def _split(counted: FixedFunction, hard: Insight, named: Sequence[Insight], patterns: Patterns, step: str) -> Advice:
    place, path = hard.locations[0], code(counted.path, 80)
    function = code(str(hard.evidence["function"]), 60)
    soon = repairs_of(counted.repaired)
    return Advice(
        name="split",
        target=(counted.path,),
        title=f"Take apart {function} in {path}: {counted.fixes:,} fixes in two years",
        first=step,
        facts=f"{soon:,} of the {counted.fixes:,} fixes repaired something that was changed at most 30 days before: "
        f"{repaired_words(counted.repaired, 4)}. {counted.tested:,} of the {counted.fixes:,} changed a test.",
        effect=f"{counted.fixes_year:,} fixes of the last year were in this function. Where a part has a function and "
        "tests of its own, a change of another part cannot break it unseen.",
        measure=Measure(
            name=f"fixes in {function} of what was changed at most 30 days before, in two years",
            today=soon,
            unit="",
            goal="half of it",
            until=next_look(patterns),
        ),
        findings=(*named, hard),
        benefit=soon / 2,
        effort=max(1, (place.end_line - place.start_line) / _LINES),
        locations=(Location(counted.path, place.start_line, place.end_line),),
        receipts=tuple(receipts_of(counted, patterns.changes.until)),
    )


def _split_step(counted: FixedFunction, hard: Insight, patterns: Patterns) -> str:
    """Where to begin; empty if that is not known. Of a function of a thousand lines, half of it is no first step."""
    place = hard.locations[0]
    lines = place.end_line - place.start_line + 1
    told = {word for cause in patterns.fix_causes if cause.path == counted.path for word in cause.words}
    parts = [part for part in counted.parts if part.name not in told]
    remedy = hard.remedy if lines <= _MOST_LINES and not _is_all_of_it(hard, lines) else ""
    where = f"it has {count(lines, 'line')} (lines {place.start_line} to {place.end_line})"
    if counted.tested >= _MOSTLY * counted.fixes:
        where += (
            f"; {counted.tested:,} of its {counted.fixes:,} fixes brought a test, so that it can be taken apart safely"
        )
    if parts:
        part = parts[0]
        newest = commits_words(part.newest, 3)
        first = f"Begin with what its fixes name most, {code(part.name, 40)} ({part.fixes:,} of {counted.fixes:,})"
        return (
            f"{where}. {first}: move the code that these changed into a function of its own: {newest}. {remedy}".strip()
        )
    return f"{where}. {remedy} The newest fixes: {commits_words(counted.commits, 3)}." if remedy else ""


def _is_all_of_it(hard: Insight, lines: int) -> bool:
    """Whether the block that is to be extracted is nearly the whole function, such as the body of its loop."""
    block = hard.evidence.get("heaviest_block") or []
    return len(block) == 2 and block[1] - block[0] + 1 > _MOSTLY * lines


def _counted(patterns: Patterns | None, path: str, name: str) -> FixedFunction | None:
    """The counted fixes of a function, if some of them came soon. Names of methods may come without their type."""
    last = name.replace("::", ".").rpartition(".")[2]
    for one in patterns.fixed_functions if patterns else ():
        is_same = one.path == path and one.name.rpartition(".")[2] == last
        if is_same and one.fixes_year >= _LEAST_YEAR and len(one.repaired) >= _LEAST_SOON:
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
