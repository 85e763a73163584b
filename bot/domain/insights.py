"""Insights: the results of analyzers, with severity, confidence and locations. Immutable values."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """The severity of an insight, lowest first."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """The position in the order of severities; 0 is the lowest."""
        return list(Severity).index(self)


class InsightType(StrEnum):
    """The types of insights. They are part of the REST API."""

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
    """How the report uses an insight.

    REMARK: it is shown.
    PRAISE: it is in the summary.
    NOTE: it is stored; those that help a reviewer are in the folded context of the check run.
    FAILURE: an analyzer failed.
    """

    REMARK = "remark"
    PRAISE = "praise"
    NOTE = "note"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Location:
    """Lines of a file at head, 1-based and inclusive."""

    path: str
    start_line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Confidence:
    """The confidence in an insight.

    score: 0 to 1.
    reason: a few words that explain the score.
    """

    score: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Insight:
    """One result of an analyzer.

    rule: `analyzer/name`; it never changes.
    title: one sentence.
    description: one or two sentences of Markdown.
    remedy: what the contributor can do.
    evidence: JSON values, for example the numbers before and after.
    fingerprint: identifies the insight also after its lines have moved; see `fingerprint`.

    Text of the repository in title, description and remedy must be escaped with `text.code(...)`.
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
    """Return 16 hex digits of a digest over the rule and the parts. The parts are names, never line numbers."""
    return hashlib.sha256("\0".join((rule, *parts)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
