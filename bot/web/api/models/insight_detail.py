"""One insight with its history."""

from collections.abc import Mapping
from inspect import getdoc

from bot.db.stored_analyses import StoredAnalysis
from bot.db.stored_insights import InsightHistory, StoredInsight
from bot.db.stored_items import ItemTitle
from bot.web.api.models.analyses import AnalysisView, analysis_answer
from bot.web.api.models.base import Answer
from bot.web.api.models.insights import DismissalView, Insight, dismissal_answer, insight_answer


class RelatedInsight(Answer):
    """An insight with the same fingerprint, and the analysis that made it.

    insight: the insight.
    analysis: its analysis.
    """

    insight: Insight
    analysis: AnalysisView


# A docstring replaces the inherited one, which describes the other fields.
_FIELDS = (getdoc(Insight) or "").partition("\n\n")[2]


class InsightDetail(Insight):
    __doc__ = f"""An insight with its history: the insights of the same repository with the same fingerprint.

{_FIELDS}
dismissal: the dismissal that covers it; null if none does.
earlier: at most 20 insights that were made before it, the newest first.
later: at most 20 insights that were made after it, the oldest first.
"""

    dismissal: DismissalView | None
    earlier: list[RelatedInsight]
    later: list[RelatedInsight]


def insight_detail(stored: StoredInsight, history: InsightHistory, titles: Mapping[int, ItemTitle]) -> InsightDetail:
    """The response for a stored insight with its history. titles: of pull requests, by number."""
    return InsightDetail(
        **dict(insight_answer(stored, titles)),
        dismissal=dismissal_answer(stored.dismissal) if stored.dismissal else None,
        earlier=[_related(*pair, titles) for pair in history.earlier],
        later=[_related(*pair, titles) for pair in history.later],
    )


def _related(stored: StoredInsight, analysis: StoredAnalysis, titles: Mapping[int, ItemTitle]) -> RelatedInsight:
    return RelatedInsight(insight=insight_answer(stored, titles), analysis=analysis_answer(analysis, titles))
