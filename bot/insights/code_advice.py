"""Recommendations on single files: code whose authors are gone. Pure."""

from collections.abc import Iterator

from bot.domain.insights import InsightType, Location
from bot.insights.advice import LEAST_MEASURED, Advice, Measure
from bot.insights.findings import Findings
from bot.text import code

_LINES = 200


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
        hard = findings.hard_functions(owned.path)
        # Without a function to begin with, this is no step.
        if not gone or not named or not hard or file is None or file.fixes < LEAST_MEASURED:
            continue
        yield Advice(
            name="knowledge",
            target=(owned.path,),
            title=f"Let somebody learn {code(owned.path, 80)} before it has to be fixed again",
            first=f"begin with this: {hard[0].title}. "
            "Let the reviewer of the next fix write down, as tests, what the old code must keep doing.",
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
