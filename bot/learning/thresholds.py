"""Thresholds at which the replayed changes would have had few enough remarks. Pure."""

from collections.abc import Sequence

from bot.domain.back_test import ProposedThreshold
from bot.domain.change import RepositoryConfig
from bot.domain.insights import Insight
from bot.text import count

# Sadowski et al., "Lessons from Building Static Analysis Tools at Google", CACM 2018: an analyzer that is heard too
# often is not heard at all. One remark of a kind in ten pull requests is what we take for that.
_SHARE = 0.1


def propose(remarks: Sequence[Insight], changes: int, config: RepositoryConfig) -> tuple[ProposedThreshold, ...]:
    """A higher threshold for each measure that would have spoken more than once in ten changes.

    remarks: those that the replayed `changes` would have had under `config`.
    """
    most = max(1, int(changes * _SHARE))
    found = []
    for setting, values in _values(remarks).items():
        ranked = sorted(values, reverse=True)
        if len(ranked) > most:
            # A percentile speaks from its threshold on, the others above it.
            proposed = min(100, ranked[most] + 1) if setting == "risk" else ranked[most]
            kept = sum(value > ranked[most] for value in ranked)
            often = f"{count(len(ranked), 'remark')} in {count(changes, 'change')}"
            reason = f"{often} is more than one in ten; with {proposed} it would be {kept}"
            now = int(getattr(config, setting))
            if proposed > now:
                found.append(
                    ProposedThreshold(
                        setting=f"thresholds.{setting}",
                        now=now,
                        proposed=proposed,
                        remarks=len(ranked),
                        kept=kept,
                        reason=reason,
                    )
                )
    return tuple(found)


def _values(remarks: Sequence[Insight]) -> dict[str, list[int]]:
    """By threshold: the values that the remarks rest on."""
    found: dict[str, list[int]] = {}
    for remark in remarks:
        if remark.type == "risk":
            found.setdefault("risk", []).append(int(100 * float(remark.evidence["percentile"])))
        elif remark.rule.startswith("complexity/") and isinstance(after := remark.evidence.get("after"), dict):
            metric = "ccn" if after.get("cognitive") is None else "cognitive"
            found.setdefault(metric, []).append(int(after[metric]))
    return found
