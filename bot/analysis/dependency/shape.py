"""The shape of this analyzer's insights, and differences as evidence."""

from collections.abc import Sequence
from typing import Any

from bot.analysis.dependency.judgement import Row
from bot.analysis.dependency.packages import Package, Source, shown_url
from bot.analysis.measured import share_of
from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, Standing, fingerprint
from bot.text import code, plain

LISTED = 300
_PARSED = "both ends of the file read by the same parser"


def remark(
    rule: str,
    title: str,
    description: str,
    *,
    severity: Severity,
    remedy: str = "",
    known: str = _PARSED,
    exact: bool = False,
    standing: Standing = Standing.REMARK,
    evidence: dict[str, Any] | None = None,
    place: tuple[str, int] | None = None,
    names: Sequence[str] = (),
) -> Insight:
    """An insight of this analyzer; the fingerprint rests on rule, file and names.

    known: what it rests on. exact: whether it is a count that asks for nothing.
    """
    return Insight(
        type=InsightType.DEPENDENCY,
        rule=f"dependency/{rule}",
        title=title,
        description=description,
        remedy=remedy,
        severity=severity,
        confidence=Confidence(1.0, known) if exact else share_of(f"dependency/{rule}", known),
        standing=standing,
        evidence=evidence or {},
        locations=(Location(place[0], place[1], place[1]),) if place and place[1] else (),
        fingerprint=fingerprint(f"dependency/{rule}", place[0] if place else "", *sorted(names)),
        tags=("dependency",),
    )


def row_json(row: Row) -> dict[str, Any]:
    """One difference as evidence."""
    before, after = row.difference.before, row.difference.after
    return {
        "name": plain(row.difference.package.name),
        "before": _end_json(before),
        "after": _end_json(after),
        "ecosystem": row.ecosystem.value,
        "direct": row.difference.package.direct,
        "scope": row.difference.package.scope.value,
        "paths": [plain(path) for path in row.paths[:10]],
    }


def _end_json(package: Package | None) -> str | None:
    return None if package is None else plain(shown(package))


def shown(package: Package) -> str:
    """A version or an address for display, without credentials."""
    if package.source is Source.REGISTRY:
        return (shown_url(package.version) if "://" in package.version else package.version) or "any version"
    return package.url or package.source.value


def ends(row: Row) -> str:
    """A package with its versions or addresses before and after."""
    name = code(row.difference.package.name, 80)
    before, after = row.difference.before, row.difference.after
    if before is None or after is None:
        return f"{name} {'from ' if row.difference.package.source is not Source.REGISTRY else ''}" + code(
            shown(row.difference.package), 80
        )
    return f"{name} from {code(shown(before), 80)} to {code(shown(after), 80)}"


def listed(rows: Sequence[Row]) -> dict[str, Any]:
    """Rows as evidence, with how many there are when not all are listed."""
    return {"total": len(rows), "dependencies": [row_json(row) for row in rows[:LISTED]]}
