"""Recommendations on patterns of the commits. Pure."""

from collections.abc import Iterator

from bot import paths
from bot.domain.insights import Insight, InsightType, Location
from bot.domain.patterns import CouplingCluster
from bot.domain.periods import YEAR
from bot.insights.advice import LEAST_MEASURED, Advice, Measure
from bot.insights.evidence import joined
from bot.insights.findings import Findings
from bot.insights.fix_advice import add_tests
from bot.insights.fix_patterns import next_look
from bot.insights.fix_receipts import receipts_of
from bot.insights.patterns import pattern_fingerprint
from bot.text import code, commits

_LEAST_UNTESTED = 3


def fix_area_advice(findings: Findings) -> Iterator[Advice]:
    """Hotspots that need more fixes than other code of their size and activity: the fixes of one function.

    benefit: the fixes of a year of the function that changed no test; effort: the tests that are named.
    """
    patterns = findings.past.patterns
    for area in patterns.fix_areas if patterns else ():
        named = findings.on_file(area.path, InsightType.HOTSPOT)
        known = [one for one in patterns.fixed_functions if one.path == area.path] if patterns else []
        most = next((one for one in known if len(one.untested) >= _LEAST_UNTESTED and one.tests), None)
        is_tested = findings.get(pattern_fingerprint(area)) is not None
        if patterns is None or most is None or not named or not is_tested or most.fixes < LEAST_MEASURED:
            continue
        path, function = code(area.path, 80), code(most.name, 60)
        without = most.fixes - most.tested
        yield Advice(
            name="fix-area",
            target=(area.path,),
            title=f"Add tests for {len(most.untested):,} fixes of {function} in {path} that came without one",
            first=add_tests(most.untested, most.tests),
            facts=f"{without:,} of {most.fixes:,} fixes of {function} in two years came without a test.",
            effect=f"{most.fixes_year:,} of the {most.fixes:,} fixes came in the last year.",
            measure=Measure(
                name=f"fixes of {function} that changed a test, in two years",
                today=most.tested,
                unit=f"of {most.fixes:,}",
                goal="every new one",
                until=next_look(patterns),
            ),
            findings=tuple(named),
            benefit=(most.fixes - most.tested) / 2,
            effort=len(most.untested),
            locations=(Location(area.path, 1, 1),),
            receipts=tuple(receipts_of(most, patterns.changes.until)),
        )


def cluster_advice(findings: Findings) -> Iterator[Advice]:
    """Files of code of several folders that have to be fixed together. Manual pages: see `fix_advice.options_advice`.

    benefit: the fixes of a year that had to be made in several of them; effort: the files.
    """
    patterns = findings.past.patterns
    for cluster in patterns.clusters if patterns else ():
        named = findings.get(pattern_fingerprint(cluster))
        is_code = all(paths.is_code(path) for path in cluster.files)
        if patterns is None or named is None or not is_code or cluster.fixes_year < LEAST_MEASURED:
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
