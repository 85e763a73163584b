"""Insights on the patterns of commits: what changes together, what is fixed again and again, what needs a follow-up.

Pure, and light enough for the web process.
"""

from bot.domain.insights import Insight, InsightType, Location, Severity, Standing, fingerprint
from bot.domain.patterns import CouplingCluster, FixArea, FollowUp, Patterns, Period
from bot.insights.evidence import TESTED, evidence_of, joined
from bot.insights.fix_patterns import fix_pattern_insights
from bot.insights.item_patterns import like_insights, slow_review_insight, topic_insight
from bot.text import code, commits, count


def pattern_insights(patterns: Patterns) -> list[Insight]:
    """All patterns as insights; those of the commits first. Tags name the data source."""
    period, pulls = patterns.changes, patterns.pulls
    return [
        *(_cluster(one, period) for one in patterns.clusters),
        *(_fix_area(one, period) for one in patterns.fix_areas),
        *(_follow_up(one, period) for one in patterns.follow_ups),
        *fix_pattern_insights(patterns),
        *(topic_insight(one, patterns.issues) for one in patterns.topics if patterns.issues),
        *(slow_review_insight(one, pulls) for one in patterns.slow_reviews if pulls),
        *like_insights(patterns),
    ]


def pattern_fingerprint(pattern: CouplingCluster | FixArea | FollowUp) -> str:
    """The fingerprint of the insight on a pattern of the commits. It is the same if only the numbers change."""
    match pattern:
        case CouplingCluster():
            return fingerprint("repository/pattern/cluster", *sorted(pattern.files[:2]))
        case FixArea():
            return fingerprint("repository/pattern/fix-area", pattern.path)
        case FollowUp():
            parts = (pattern.outcome, pattern.kind, pattern.area, "size" if pattern.lines else "")
            return fingerprint("repository/pattern/follow-up", *parts)


def _cluster(cluster: CouplingCluster, period: Period) -> Insight:
    named = [code(path, 80) for path in cluster.files]
    return Insight(
        type=InsightType.PATTERN,
        rule="repository/pattern/cluster",
        title=f"{joined(named[:3], len(named) - 3, 'file')} change together across {count(cluster.folders, 'folder')}",
        description=f"Of {count(cluster.changes, 'change')} of one of them, {cluster.together:,} changed another one "
        f"too ({cluster.together / cluster.changes:.0%}); the two strongest are changed together {cluster.lift:.0f} "
        f"times more often than by chance. The newest: {commits(cluster.examples)}.",
        remedy="If the same fact is written in each of them, let one be made from the other, or let a test compare "
        "them.",
        severity=Severity.INFO,
        confidence=TESTED,
        evidence=evidence_of(cluster, period),
        locations=tuple(Location(path, 1, 1) for path in cluster.files),
        tags=("commits",),
        fingerprint=pattern_fingerprint(cluster),
    )


def _fix_area(area: FixArea, period: Period) -> Insight:
    years = max(1, round((period.until - period.since) / (365 * 86_400)))
    return Insight(
        type=InsightType.PATTERN,
        rule="repository/pattern/fix-area",
        title=f"{code(area.path)} needs {area.ratio:.1f} times the fixes of other code of its size and activity",
        description=f"{count(area.fixes, 'change')} of it in {count(years, 'year')} corrected a fault, in "
        f"{count(area.quarters, 'quarter')}; {area.expected:.0f} would be usual for {count(area.lines, 'line')} and "
        f"{count(area.others, 'other change')} (ratio {area.low:.1f} to {area.high:.1f}). In the last year there were "
        f"{area.fixes_year:,}. The newest: {commits(area.examples)}.",
        remedy="Read the newest fixes together: if they have a common cause, remove it; else test that part first.",
        severity=Severity.MEDIUM if area.low >= 1.5 else Severity.LOW,
        confidence=TESTED,
        evidence=evidence_of(area, period),
        locations=() if area.path.endswith("/") else (Location(area.path, 1, 1),),
        tags=("commits",),
        fingerprint=pattern_fingerprint(area),
    )


def _follow_up(group: FollowUp, period: Period) -> Insight:
    what, others = follow_up_names(group)
    ending = "are reverted" if group.outcome == "reverted" else "need a fix or a revert"
    is_size = not (group.kind or group.area)
    return Insight(
        type=InsightType.PATTERN,
        rule="repository/pattern/follow-up",
        title=f"{group.share:.0%} of {what} {ending} within 90 days; {group.rest_share:.0%} of {others}",
        description=f"{group.hits:,} of {count(group.changes, 'change')} ({group.low:.0%} to {group.high:.0%}), "
        f"compared with {group.rest:,} others. The newest: {commits(group.examples)}.",
        remedy="Large changes need more fixes everywhere; look at these with a second reviewer."
        if is_size
        else "Read what the newest ones had in common, and ask for that in the review.",
        severity=Severity.INFO if is_size else Severity.LOW,
        confidence=TESTED,
        standing=Standing.NOTE if is_size else Standing.REMARK,
        evidence=evidence_of(group, period),
        tags=("commits",),
        fingerprint=pattern_fingerprint(group),
    )


_PLURALS = {
    "feature": "new features",
    "fix": "fixes",
    "refactor": "refactorings",
    "performance": "performance changes",
    "other": "other changes",
    "": "changes",
}


def follow_up_names(group: FollowUp) -> tuple[str, str]:
    """(the group, those that it is compared with), as they stand in a sentence."""
    kind = _PLURALS.get(group.kind, "changes")
    what = kind + (f" of {code(group.area, 80)}" if group.area else "")
    what += f" with at least {group.lines:,} changed lines" if group.lines else ""
    if group.area:
        return what, f"{kind} of the same size elsewhere"
    return what, "other changes of the same size" if group.kind else "smaller ones"
