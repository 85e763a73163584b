"""What an analyzer says: an insight, with its severity, confidence and place. Plain immutable values."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much a remark matters, mildest first."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for the mildest; for sorting."""
        return list(Severity).index(self)


class InsightType(StrEnum):
    """The types of insight that the REST API promises."""

    CODE_QUALITY = "code_quality"
    SECURITY = "security"
    DEPENDENCY = "dependency"
    RISK = "risk"
    HOTSPOT = "hotspot"
    OWNERSHIP = "ownership"
    COUPLING = "coupling"
    TESTS = "tests"
    SIMILARITY = "similarity"
    COLLISION = "collision"
    TREND = "trend"
    PATTERN = "pattern"
    RECOMMENDATION = "recommendation"


class Standing(StrEnum):
    """What the report does with an insight: a remark is shown, praise goes to the summary, a note is only stored."""

    REMARK = "remark"
    PRAISE = "praise"
    NOTE = "note"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Location:
    """Where at head; lines are 1-based and inclusive."""

    path: str
    start_line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Confidence:
    """0 to 1, with the reason for the number in a few words."""

    score: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Insight:
    """What an analyzer says.

    rule: `analyzer/what`, stable. title: one plain sentence. description: one or two sentences of Markdown.
    remedy: what the contributor can do about it here. Text of the repository inside these three
    stands in `text.code(...)`, never bare. evidence: JSON values, numbers before and after.
    fingerprint: the same for the same finding after lines shift (see `fingerprint`).
    """

    type: InsightType
    rule: str
    title: str
    description: str
    severity: Severity
    confidence: Confidence
    fingerprint: str
    standing: Standing = Standing.REMARK
    remedy: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    locations: tuple[Location, ...] = ()
    tags: tuple[str, ...] = ()


def fingerprint(rule: str, *parts: str) -> str:
    """16 hex digits of a digest over the rule and what identifies the finding (names, never line numbers)."""
    return hashlib.sha256("\0".join((rule, *parts)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
