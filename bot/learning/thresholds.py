"""Proposes thresholds with which the replayed changes would have had fewer remarks. Pure."""

from collections.abc import Sequence

from bot.domain.back_test import ProposedThreshold
from bot.domain.change import RepositoryConfig
from bot.domain.insights import Insight
from bot.text import count

# The maximum share of changes with a remark of one kind. Users ignore an analyzer with too many remarks: Sadowski et
# al., "Lessons from Building Static Analysis Tools at Google", CACM 2018.
_MAX_SHARE = 0.1


def propose(remarks: Sequence[Insight], changes: int, config: RepositoryConfig) -> tuple[ProposedThreshold, ...]:
    """Propose a higher threshold for each measure with remarks in more than one of ten changes.

    remarks: that the replayed changes would have had with this configuration.
    changes: the number of replayed changes.
    """
    most = max(1, int(changes * _MAX_SHARE))
    proposals = []
    for setting, values in _values(remarks).items():
        ranked = sorted(values, reverse=True)
        if len(ranked) > most:
            # A percentile leads to a remark if it is at least the threshold; other values must exceed it.
            proposed = min(100, ranked[most] + 1) if setting == "risk" else ranked[most]
            kept = sum(value > ranked[most] for value in ranked)
            often = f"{count(len(ranked), 'remark')} in {count(changes, 'change')}"
            reason = f"{often} is more than one in ten; with {proposed} it would be {kept}"
            now = int(getattr(config, setting))
            if proposed > now:
                proposals.append(
                    ProposedThreshold(
                        setting=f"thresholds.{setting}",
                        now=now,
                        proposed=proposed,
                        remarks=len(ranked),
                        kept=kept,
                        reason=reason,
                    )
                )
    return tuple(proposals)


def _values(remarks: Sequence[Insight]) -> dict[str, list[int]]:
    """Return the measured values of the remarks by threshold."""
    found: dict[str, list[int]] = {}
    for remark in remarks:
        if remark.type == "risk":
            found.setdefault("risk", []).append(int(100 * float(remark.evidence["percentile"])))
        elif remark.rule.startswith("complexity/") and isinstance(after := remark.evidence.get("after"), dict):
            metric = "ccn" if after.get("cognitive") is None else "cognitive"
            found.setdefault(metric, []).append(int(after[metric]))
    return found
