"""The part of the history page that shows patterns and recommendations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from markupsafe import Markup

from bot.db.dismissals import find_dismissals
from bot.db.engine import Database
from bot.db.snapshots import Snapshots, content_of, past_of
from bot.db.stored_insights import StoredInsight, quality_insights, stored_counterparts
from bot.domain.dismissals import is_dismissed
from bot.domain.insights import Insight, InsightType
from bot.domain.patterns import Patterns, Period
from bot.insights.advice import Advice
from bot.insights.findings import Findings
from bot.insights.recommendations import best_advice
from bot.insights.whole import found_insights
from bot.web.pages.interval_chart import IntervalChart, interval_svg
from bot.web.pages.pattern_charts import (
    cluster_chart,
    fix_area_chart,
    follow_up_chart,
    slow_review_chart,
    topic_chart,
)
from bot.web.pages.svg import drawings

# The sections of the history page that show the findings of these types.
_SECTIONS = {
    InsightType.HOTSPOT: "#hotspots",
    InsightType.OWNERSHIP: "#ownership",
    InsightType.COUPLING: "#coupling",
}


@dataclass(frozen=True, slots=True)
class NamedFinding:
    """A finding that a recommendation rests on. title: Markdown; place: where it is shown."""

    title: str
    place: str


@dataclass(frozen=True, slots=True)
class Recommended:
    """A recommendation with its findings. fingerprint: of its insight."""

    advice: Advice
    fingerprint: str
    findings: Sequence[NamedFinding]


@dataclass(frozen=True, slots=True)
class PatternGroup:
    """The patterns of one rule. drawing: None where words say enough. legend: (class, meaning) of the drawing."""

    name: str
    sentence: str
    drawing: Markup | None
    legend: Sequence[tuple[str, str]]
    insights: Sequence[Insight]


@dataclass(frozen=True, slots=True)
class PatternsPart:
    """What the part shows.

    recommendations: the most worth doing first.
    periods: what was looked at.
    stored: of a recommendation, pattern or trend the stored insight, by fingerprint. It is dismissed on its page.
    trends: the fingerprint of the trend of a metric, by the metric's key.
    """

    recommendations: Sequence[Recommended]
    groups: Sequence[PatternGroup]
    periods: Sequence[str]
    stored: Mapping[str, StoredInsight]
    trends: Mapping[str, str]


async def patterns_part(db: Database, repository_id: UUID, snapshots: Snapshots) -> PatternsPart:
    """The part for a repository. Dismissed patterns and recommendations are left out; the trends say so."""
    quality = await quality_insights(db, repository_id)
    dismissals = await find_dismissals(db, repository_id)

    def is_left_out(insight: Insight) -> bool:
        return is_dismissed(dismissals, insight)

    everything = found_insights(past_of(snapshots))
    found = [one for one in everything if not is_left_out(one)]
    kept_quality = [one for one in quality if not is_left_out(one)]
    advice = [(one, one.insight()) for one in best_advice(Findings(past_of(snapshots), [*found, *kept_quality]))]
    patterns = content_of(snapshots.patterns)
    return PatternsPart(
        recommendations=[
            Recommended(one, insight.fingerprint, _named(one, repository_id))
            for one, insight in advice
            if not is_left_out(insight)
        ],
        groups=_groups(patterns, [one for one in found if one.type is InsightType.PATTERN]) if patterns else [],
        periods=_periods(patterns) if patterns else [],
        stored=await stored_counterparts(db, repository_id, [*everything, *(insight for _, insight in advice)]),
        trends={str(one.evidence["metric"]): one.fingerprint for one in everything if "metric" in one.evidence},
    )


def _named(advice: Advice, repository_id: UUID) -> list[NamedFinding]:
    return [NamedFinding(one.title, _place(one, repository_id)) for one in advice.findings[:4]]


def _place(finding: Insight, repository_id: UUID) -> str:
    """Where the page shows a finding; insights on code are on the page of the insights."""
    if finding.type is InsightType.PATTERN:
        return f"#pattern-{finding.fingerprint}"
    if finding.type is InsightType.TREND:
        return f"#metric-{finding.evidence['metric']}" if "metric" in finding.evidence else "#metrics"
    return _SECTIONS.get(finding.type, f"/repositories/{repository_id}/insights?show=all&type={finding.type.value}")


def _groups(patterns: Patterns, insights: Sequence[Insight]) -> list[PatternGroup]:
    """The groups that have a pattern."""
    bars = (("main", "several of the files"), ("rest", "one of them"))
    open_or_closed = (("main", "open"), ("rest", "closed"))
    interval = ("interval", "95 % interval, corrected for the number of groups")
    of_areas = (("value", "this file or folder"), interval, ("usual", "usual"))
    of_changes = (("value", "these changes"), interval, ("usual", "comparable changes"))
    of_pulls = (("value", "these pull requests"), interval, ("usual", "the others"))
    clusters, topics = cluster_chart(patterns), topic_chart(patterns)
    shown = (
        ("fix-area", "Fixed again and again", _FIXES, _drawn(fix_area_chart(patterns)), of_areas),
        ("follow-up", "Changes that need a follow-up", _FOLLOW_UPS, _drawn(follow_up_chart(patterns)), of_changes),
        ("fix-cause", "What fixes name", _CAUSES, None, ()),
        ("untested-fixes", "Fixed without a test", _UNTESTED, None, ()),
        ("forgotten-options", "Options that are listed late", _FORGOTTEN, None, ()),
        ("flaky-tests", "Flaky tests", _FLAKY, None, ()),
        ("pipeline-repairs", "CI that is repaired after a change", _PIPELINES, None, ()),
        ("cluster", "Changed together", _CLUSTERS, drawings(clusters) if clusters else None, bars),
        ("topic", "Topics of issues", _TOPICS, drawings(topics) if topics else None, open_or_closed),
        ("slow-review", "Where reviews are slow", _REVIEWS, _drawn(slow_review_chart(patterns)), of_pulls),
        ("duplicate", "Possible duplicates", _DUPLICATES, None, ()),
        ("closed-overlap", "Like a pull request that was closed unmerged", _OVERLAPS, None, ()),
    )
    groups = []
    for rule, name, sentence, drawing, legend in shown:
        own = [one for one in insights if one.rule == f"repository/pattern/{rule}"]
        if own:
            groups.append(PatternGroup(name, sentence, drawing, legend, own))
    return groups


def _drawn(chart: IntervalChart | None) -> Markup | None:
    return interval_svg(chart) if chart else None


def _periods(patterns: Patterns) -> list[str]:
    named = (("changes", patterns.changes), ("issues", patterns.issues), ("pull requests", patterns.pulls))
    return [_period(name, period) for name, period in named if period is not None]


def _period(name: str, period: Period) -> str:
    since, until = (f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}" for moment in (period.since, period.until))
    return f"{period.sample:,} {name} from {since} to {until}"


_FIXES = "Code that needs more fixes than other code with as many lines and as many other changes."
_FOLLOW_UPS = "Groups of changes that need a fix or a revert within 90 days more often than comparable ones."
_CAUSES = "Words that stand in the titles of fixes more often than in those of other changes."
_UNTESTED = "Files whose fixes come without a test more often than other fixes, and are repaired soon."
_FORGOTTEN = "Manual pages and shell completions that get the options of the code later, or not at all."
_FLAKY = "Changes of tests whose titles call them flaky."
_PIPELINES = "Files of the CI that were repaired within three days after a change, by the titles."
_CLUSTERS = "Files of several folders that are changed together more often than by chance."
_TOPICS = "What many issues speak of, named by the words that set them apart."
_REVIEWS = "Pull requests that wait longer than the others. Nobody's name is looked at."
_DUPLICATES = "Open items with like texts. Nobody has checked how often that is right here."
_OVERLAPS = "Open pull requests with a text like that of one that was not merged."
