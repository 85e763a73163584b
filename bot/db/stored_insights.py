"""A stored insight as the analyzer made it."""

from bot.db.tables import InsightRow
from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, Standing


def insight_of(row: InsightRow) -> Insight:
    """The insight of a row."""
    return Insight(
        type=InsightType(row.type),
        rule=row.rule,
        standing=Standing(row.standing),
        title=row.title,
        description=row.description,
        remedy=row.remedy,
        severity=Severity(row.severity),
        confidence=Confidence(row.confidence_score, row.confidence_reason),
        evidence=row.evidence,
        locations=tuple(Location(**place) for place in row.locations),
        tags=tuple(row.tags),
        fingerprint=row.fingerprint,
    )
