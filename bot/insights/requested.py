"""Which insights on a whole repository answer a request for some kinds from some data sources. Pure."""

from collections.abc import Collection, Iterable

from bot.domain.insights import Insight, InsightType

KINDS: dict[str, tuple[InsightType, ...]] = {
    "trends": (InsightType.TREND,),
    "patterns": (InsightType.HOTSPOT, InsightType.OWNERSHIP, InsightType.COUPLING, InsightType.PATTERN),
    "recommendations": (InsightType.RECOMMENDATION,),
}
# Insights on hotspots, owners and coupling have no tag of a source: all are from commits.
_SOURCES = ("commits", "issues", "pull_requests", "releases")


def requested(insights: Iterable[Insight], kinds: Collection[str]) -> list[Insight]:
    """The insights of these kinds: trends, patterns, recommendations."""
    listed = list(insights)
    types = [kind for name, its_types in KINDS.items() if name in kinds for kind in its_types]
    return [one for kind in types for one in listed if one.type is kind]


def sources_of(insight: Insight) -> set[str]:
    """The data sources that an insight names. Releases belong to the pull requests' sync."""
    named = {tag for tag in insight.tags if tag in _SOURCES}
    return {"pull_requests" if one == "releases" else one for one in named} or {"commits"}
