"""Recommendations on single files: hard code that changes often, and code whose authors are gone. Pure."""

from collections.abc import Iterator

from bot.domain.insights import InsightType, Location
from bot.insights.advice import Advice, Measure
from bot.insights.findings import Findings
from bot.text import code, count

_LEAST_FIXES = 3


def split_advice(findings: Findings) -> Iterator[Advice]:
    """Hotspots with functions that are hard to follow.

    benefit: the fixes of the file in a year, times the share of its lines in these functions; effort: the functions.
    """
    hotspots = findings.past.hotspots
    for file in hotspots.files if hotspots else ():
        named = findings.on_file(file.path, InsightType.HOTSPOT)
        hard = findings.hard_functions(file.path)
        if not named or not hard or file.fixes < _LEAST_FIXES:
            continue
        lines = sum(spot.end_line - spot.start_line + 1 for one in hard for spot in one.locations[:1])
        first, place, path = hard[0], hard[0].locations[0], code(file.path, 80)
        yield Advice(
            name="split",
            target=(file.path,),
            title=f"Take apart what is hard to follow in {path}",
            first=f"{first.title} (lines {place.start_line} to {place.end_line}). Write tests of what it does now, and "
            f"take it apart then. {first.remedy}",
            effect=f"{count(file.revisions, 'change')} of the file in a year, {file.fixes:,} of them fixes, were made "
            "in or next to this code.",
            measure=Measure(name=f"functions of {path} that are hard to follow", today=len(hard), unit=""),
            findings=(*named, *hard[:2], *findings.on_file(file.path, InsightType.TREND)),
            benefit=file.fixes * min(1.0, lines / max(1, file.lines)),
            effort=len(hard),
            locations=(Location(file.path, place.start_line, place.end_line),),
        )


def knowledge_advice(findings: Findings) -> Iterator[Advice]:
    """Hotspots whose authors are no longer active.

    benefit: the fixes of the file in a year, times the share of its lines whose authors are gone; effort: one file.
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
            effort=1,
            locations=(Location(owned.path, 1, 1),),
        )
