"""All insights on a whole repository that its stored snapshots give. Pure."""

from collections.abc import Callable, Sequence

from bot.domain.insights import Insight, InsightType
from bot.domain.past import Past
from bot.insights.findings import Findings
from bot.insights.history import coupling_insights, hotspot_insights, ownership_insights
from bot.insights.patterns import pattern_insights
from bot.insights.recommendations import recommendations
from bot.insights.trends import trend_insights

# The types of the insights that `whole_insights` returns.
WHOLE_TYPES = (
    InsightType.HOTSPOT,
    InsightType.OWNERSHIP,
    InsightType.COUPLING,
    InsightType.TREND,
    InsightType.PATTERN,
    InsightType.RECOMMENDATION,
)


def found_insights(past: Past) -> list[Insight]:
    """What the snapshots show, without recommendations."""
    return [
        *(hotspot_insights(past.hotspots) if past.hotspots else []),
        *(ownership_insights(past.ownership) if past.ownership else []),
        *(coupling_insights(past.coupling) if past.coupling else []),
        *(trend_insights(past.trends) if past.trends else []),
        *(pattern_insights(past.patterns) if past.patterns else []),
    ]


def whole_insights(
    past: Past, quality: Sequence[Insight], is_left_out: Callable[[Insight], bool] = lambda insight: False
) -> list[Insight]:
    """What the snapshots show, and what to do about it.

    quality: the insights on the code of the newest analysis of the whole repository. They are not returned.
    is_left_out: no recommendation rests on such an insight, for example on a dismissed one. They are returned, too.
    """
    found = found_insights(past)
    named = [one for one in (*found, *quality) if not is_left_out(one)]
    return [*found, *recommendations(Findings(past, named))]
