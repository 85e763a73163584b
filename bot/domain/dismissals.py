"""Dismissals: a person says that an insight is not useful. It stays away until its evidence has changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class DismissReason(StrEnum):
    """Why an insight was dismissed, as the REST API promises it."""

    NOT_USEFUL = "not_useful"
    WRONG = "wrong"
    LATER = "later"
    BY_DESIGN = "by_design"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismissal:
    """One dismissal. It holds for all insights of the repository with this fingerprint.

    evidence: of the insight when it was dismissed.
    by: the login of the person.
    """

    fingerprint: str
    reason: DismissReason
    note: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    by: str
    at: datetime
