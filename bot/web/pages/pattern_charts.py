"""The charts of the patterns. Pure."""

from bot.domain.patterns import Patterns
from bot.insights.item_patterns import slow_review_name
from bot.insights.patterns import follow_up_names
from bot.text import without_spans
from bot.web.pages.chart import Bar, Bars, Part
from bot.web.pages.interval_chart import IntervalChart, IntervalRow


def fix_area_chart(patterns: Patterns) -> IntervalChart | None:
    """How many times the usual fixes each area needs."""
    rows = tuple(
        IntervalRow(
            label=area.path,
            value=area.ratio,
            low=area.low,
            high=area.high,
            usual=1.0,
            text=f"{area.path}: {area.fixes} fixes, {area.expected:.0f} expected ({area.low:.1f} to {area.high:.1f})",
        )
        for area in patterns.fix_areas
    )
    if not rows:
        return None
    return IntervalChart("Fixes compared with code of the same size and activity", "times the usual fixes", rows)


def follow_up_chart(patterns: Patterns) -> IntervalChart | None:
    """The share of each group that needs a fix or a revert soon, and that of those it is compared with."""
    rows = tuple(
        IntervalRow(
            label=without_spans(follow_up_names(group)[0]) + (" (reverts)" if group.outcome == "reverted" else ""),
            value=group.share,
            low=group.low,
            high=group.high,
            usual=group.rest_share,
            text=f"{group.hits} of {group.changes}: {group.share:.0%}; others {group.rest_share:.0%}",
        )
        for group in patterns.follow_ups
    )
    if not rows:
        return None
    title = "Changes that need a fix or a revert within 90 days"
    return IntervalChart(title, "share of the changes", rows, is_share=True)


def slow_review_chart(patterns: Patterns) -> IntervalChart | None:
    """How long each group of pull requests waits, and how long the others do."""
    rows = tuple(
        IntervalRow(
            label=without_spans(slow_review_name(review)).removeprefix("Pull requests "),
            value=review.days,
            low=review.low,
            high=review.high,
            usual=review.rest_days,
            text=f"{review.pulls} pull requests: {review.days} days; {review.rest} others: {review.rest_days} days",
        )
        for review in patterns.slow_reviews
    )
    return IntervalChart("How long pull requests wait", "days (median)", rows) if rows else None


def cluster_chart(patterns: Patterns) -> Bars | None:
    """Of the changes of the files of each cluster, how many change several of them."""
    bars = []
    for cluster in patterns.clusters:
        share = cluster.together / cluster.changes
        names = [path.rpartition("/")[2] for path in cluster.files]
        label = " + ".join(names[:2]) + (f" + {len(names) - 2}" if len(names) > 2 else "")
        together = Part(share, "main", f"{cluster.together} of {cluster.changes} changes change several of the files")
        alone = Part(1 - share, "rest", f"{cluster.changes - cluster.together} change one of them")
        bars.append(Bar(label, (together, alone)))
    return Bars("Changes of several files of a cluster", tuple(bars), "share of the changes") if bars else None


def topic_chart(patterns: Patterns) -> Bars | None:
    """How many issues speak of each topic, and how many of them are open. The longest bar has the most issues."""
    most = max((topic.issues for topic in patterns.topics), default=0)
    bars = tuple(
        Bar(
            " · ".join(topic.words[:3]),
            (
                Part(topic.open / most, "main", f"{topic.open} open issues"),
                Part((topic.issues - topic.open) / most, "rest", f"{topic.issues - topic.open} closed issues"),
            ),
        )
        for topic in patterns.topics
    )
    return Bars("Issues by topic", bars, "issues", f"{most:,}") if bars else None
