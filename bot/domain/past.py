"""What is stored of the past of a whole repository, in one value: what its insights are made of."""

from dataclasses import dataclass

from bot.domain.patterns import Patterns
from bot.domain.snapshots import Coupling, Hotspots, Ownership
from bot.domain.trends import Trends


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The snapshots of a repository that insights are made of; None for each that is not stored."""

    hotspots: Hotspots | None = None
    ownership: Ownership | None = None
    coupling: Coupling | None = None
    patterns: Patterns | None = None
    trends: Trends | None = None
