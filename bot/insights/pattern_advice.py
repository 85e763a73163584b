"""Recommendations on patterns of the commits. Pure."""

from collections.abc import Iterator, Sequence

from bot import paths
from bot.domain.fix_patterns import FixedFunction
from bot.domain.insights import Insight, InsightType, Location
from bot.domain.patterns import CouplingCluster, FixArea, FollowUp, Patterns
from bot.domain.periods import YEAR
from bot.insights.advice import Advice, Measure
from bot.insights.evidence import joined
from bot.insights.findings import Findings
from bot.insights.fix_patterns import next_look
from bot.insights.fix_receipts import receipts_of
from bot.insights.patterns import follow_up_names, pattern_fingerprint
from bot.insights.receipts import commits_words, listed, repaired_words
from bot.text import code, commits

_LEAST_EXCESS = 2.0
_LEAST_TOGETHER = 4
# The trends of changes that need another one, by the keys of `domain.trends`.
_FAILURES = ("change-failure-rate", "rework-rate", "fix-share")


def fix_area_advice(findings: Findings) -> Iterator[Advice]:
    """Code that needs more fixes than other code of its size and activity.

    benefit: the fixes of the last year above the usual number; effort: its files.
    """
    patterns = findings.past.patterns
    for area in patterns.fix_areas if patterns else ():
        named = findings.get(pattern_fingerprint(area))
        usual = area.fixes_year / area.ratio
        if named is None or area.fixes_year - usual < _LEAST_EXCESS:
            continue
        if patterns is None or any(one.path == area.path for one in patterns.fix_causes):
            continue  # the cause of its fixes is known, which says more
        functions = [one for one in patterns.fixed_functions if one.path == area.path][:3]
        path = code(area.path, 80)
        yield Advice(
            name="fix-area",
            target=(area.path,),
            title=f"Test first what is fixed most in {path}",
            first=_area_step(area, functions),
            effect=f"It needed {area.fixes_year:,} fixes in the last year; code of its size and activity needs about "
            f"{usual:.0f}.",
            measure=Measure(
                name=f"fixes of {path} in 365 days",
                today=area.fixes_year,
                unit="",
                usual=round(usual),
                until=next_look(patterns),
            ),
            findings=(named, *findings.on_file(area.path, InsightType.HOTSPOT, InsightType.TREND)),
            benefit=area.fixes_year - usual,
            effort=area.files,
            locations=() if area.path.endswith("/") else (Location(area.path, 1, 1),),
            receipts=tuple(receipt for one in functions for receipt in receipts_of(one, patterns.changes.until)),
        )


def _area_step(area: FixArea, functions: Sequence[FixedFunction]) -> str:
    if not functions:
        return f"read {commits(area.examples)} side by side, and give each of them that has none a test."
    most = functions[0]
    counts = ", ".join(f"{code(one.name, 60)} ({one.fixes:,})" for one in functions)
    return (
        f"most fixes of two years changed {counts}. Write a test for each of these of {code(most.name, 60)} that has "
        f"none: {commits_words(most.commits, 4)}."
    )


def cluster_advice(findings: Findings) -> Iterator[Advice]:
    """Files of code of several folders that have to be fixed together. Manual pages: see `fix_advice.options_advice`.

    benefit: the fixes of a year that had to be made in several of them; effort: the files.
    """
    patterns = findings.past.patterns
    for cluster in patterns.clusters if patterns else ():
        named = findings.get(pattern_fingerprint(cluster))
        is_code = all(paths.is_code(path) for path in cluster.files)
        if patterns is None or named is None or not is_code or cluster.fixes_year < _LEAST_TOGETHER:
            continue
        years = max(0.25, (patterns.changes.until - patterns.changes.since) / YEAR)
        files = joined([code(path, 60) for path in cluster.files[:3]], len(cluster.files) - 3, "file")
        yield Advice(
            name="one-place",
            target=tuple(sorted(cluster.files[:2])),
            title=f"Bring what {files} share to one place",
            first=f"read {commits(cluster.examples[:3])} and list the lines that had to change in both. Move what they "
            "repeat (a constant, a list of names, a condition) into one of them.",
            effect=f"Of the fixes of the last year, {cluster.fixes_year:,} had to be made in several of these files, "
            f"of all changes about {cluster.together / years:.0f} a year.",
            measure=Measure(
                name=f"fixes that have to change several of {files}, in 365 days",
                today=cluster.fixes_year,
                unit="",
                goal="fewer",
                until=next_look(patterns),
            ),
            findings=(named, *_pairs(findings, cluster)),
            benefit=cluster.fixes_year,
            effort=len(cluster.files),
            locations=tuple(Location(path, 1, 1) for path in cluster.files),
        )


def _pairs(findings: Findings, cluster: CouplingCluster) -> list[Insight]:
    """The coupling insights on two files of the cluster."""
    members = set(cluster.files)
    return [
        one
        for one in findings.insights
        if one.type is InsightType.COUPLING and len(one.locations) == 2 and {p.path for p in one.locations} <= members
    ][:2]


def follow_up_advice(findings: Findings) -> Iterator[Advice]:
    """Kinds and areas of changes that often need a fix or a revert soon. A size alone is nobody's fault.

    benefit: the follow-ups of a year above those of comparable changes; effort: the changes of a year.
    """
    patterns = findings.past.patterns
    for group in patterns.follow_ups if patterns else ():
        named = findings.get(pattern_fingerprint(group))
        excess = group.per_year * (group.share - group.rest_share)
        if patterns is None or named is None or not (group.kind or group.area) or excess < _LEAST_EXCESS:
            continue
        what, others = follow_up_names(group)
        yield Advice(
            name="review-checklist",
            target=(group.outcome, group.kind, group.area),
            title=f"Write down what a review of {what} must look at",
            first=_checklist_step(group),
            facts=f"In three years, {group.hits:,} of {group.changes:,} {what} needed a fix or a revert within 90 "
            f"days; of {group.rest:,} {others} it would be {group.rest_share:.0%}.",
            effect=f"About {excess:.0f} of {group.per_year:.0f} such changes of a year would need no follow-up if they "
            f"were like {others}.",
            measure=Measure(
                name=f"{what} that need a fix or a revert within 90 days",
                today=group.share,
                unit="%",
                usual=group.rest_share,
                until=next_look(patterns),
            ),
            findings=(named, *_in_area(findings, patterns, group.area), *findings.worse_trends(*_FAILURES)),
            benefit=excess,
            effort=group.per_year,
            receipts=tuple(
                listed(
                    "the newest such changes and what mended them",
                    [one for pair in group.repaired for one in (pair.change, pair.repair)],
                )
            ),
        )


def _checklist_step(group: FollowUp) -> str:
    ask = (
        "write down for each what a reviewer could have asked, and put the two or three questions that return into the "
    )
    if not group.repaired:
        return f"read {commits(group.examples)} together with what mended each, {ask}pull request template."
    return f"read these with what mended them: {repaired_words(group.repaired, 5)}. Then {ask}pull request template."


def _in_area(findings: Findings, patterns: Patterns, area: str) -> list[Insight]:
    """The insights on fix areas in this folder."""
    areas = [one for one in patterns.fix_areas if area and one.path.startswith(area)]
    inside = (findings.get(pattern_fingerprint(one)) for one in areas)
    return [one for one in inside if one is not None][:2]
