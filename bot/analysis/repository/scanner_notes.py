"""One note per scanner rule over a whole repository, for all findings that are no remarks. Pure."""

from collections import defaultdict
from collections.abc import Iterable

from bot.domain.insights import Confidence, Insight, InsightType, Severity, Standing, fingerprint
from bot.text import code, count

_PLACES = 20
MOST_REMARKS = 300


def one_note_per_rule(insights: Iterable[Insight]) -> tuple[list[Insight], int]:
    """(insights, number of remarks left out): at most MOST_REMARKS remarks, most severe first, and one note per rule.

    Secrets, and insights that are not from a scanner, are not merged.
    """
    remarks: list[Insight] = []
    others: list[Insight] = []
    notes: dict[str, list[Insight]] = defaultdict(list)
    for one in insights:
        if one.type is not InsightType.SECURITY or one.standing is Standing.FAILURE:
            others.append(one)
        elif one.standing is Standing.NOTE and one.rule != "security/secret":
            notes[one.rule].append(one)
        else:
            remarks.append(one)
    remarks.sort(key=lambda one: (-one.severity.rank, -one.confidence.score, one.fingerprint))
    summed = [_note(rule, found) for rule, found in sorted(notes.items())]
    return [*others, *remarks[:MOST_REMARKS], *summed], max(0, len(remarks) - MOST_REMARKS)


def _note(rule: str, found: list[Insight]) -> Insight:
    places = [location for one in found for location in one.locations]
    files = len({place.path for place in places})
    name = rule.removeprefix("security/")
    return Insight(
        type=InsightType.SECURITY,
        rule=f"{rule}-all",
        title=f"{code(name)} fires {count(len(found), 'time')} in {count(files, 'file')}",
        description="In tests, examples or tools, or of low severity: recorded as one note for all.",
        severity=Severity.INFO,
        confidence=Confidence(0.5, "counted, not reviewed"),
        standing=Standing.NOTE,
        evidence={"rule": name, "findings": len(found), "files": files, "example": dict(found[0].evidence)},
        locations=tuple(places[:_PLACES]),
        tags=found[0].tags,
        fingerprint=fingerprint("repository/scanner", rule),
    )
