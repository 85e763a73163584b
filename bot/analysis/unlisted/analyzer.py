"""Says which lists name the others of a family and not what a change adds to it."""

from collections.abc import Mapping, Sequence

from bot.analysis.analyzer import Analyzer
from bot.analysis.measured import share_of
from bot.analysis.unlisted.lists import by_list
from bot.domain.change import Change
from bot.domain.insights import Insight, InsightType, Location, Severity, fingerprint
from bot.domain.tree import Listing
from bot.text import code, count

NAME = "unlisted"
_MOST_REMARKS = 4
_SHOWN = 3


def analyze(change: Change, measured: Mapping[str, object]) -> list[Insight]:
    """One remark per list."""
    lists = by_list(change.tree.listings)
    return [_insight(path, found) for path, found in list(lists.items())[:_MOST_REMARKS]]


def _insight(path: str, found: Sequence[Listing]) -> Insight:
    first = found[0]
    member = first.member
    others = len(found) - 1
    more = f" and {others} more" if others else ""
    beside = ", ".join(map(code, first.named[:_SHOWN]))
    rest = f" and {len(first.named) - _SHOWN} more" if len(first.named) > _SHOWN else ""
    where = (
        "stand beside it" if member.kind in {"file", "folder"} else f"stand around {code(member.path)}:{member.line}"
    )
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule="unlisted/member",
        title=f"The {member.kind} {code(member.name)}{more} {'are' if others else 'is'} new here; {code(path)}:"
        f"{first.place.line} lists {len(first.named)} of the {len(member.siblings)} nearest others without it",
        description=f"{beside}{rest} {where}, and {code(path)} names them all. Nothing in it names {code(member.name)}."
        f" Its line {first.place.line} is {code(first.place.text.strip(), 120)}.",
        remedy="Add it to the list too, unless it is left out on purpose.",
        severity=Severity.LOW,
        confidence=share_of(
            "unlisted/member", f"{count(len(first.named), 'sibling')} of {len(member.siblings)} stand in the list"
        ),
        evidence={
            "list": path,
            "members": [
                {"name": one.member.name, "kind": one.member.kind, "path": one.member.path, "line": one.member.line}
                for one in found[:20]
            ],
            "named": list(first.named),
            "siblings": list(member.siblings),
        },
        locations=(
            Location(path, first.place.line, first.place.line),
            *(Location(one.member.path, one.member.line, one.member.line) for one in found[:10]),
        ),
        fingerprint=fingerprint("unlisted/member", path, member.name),
    )


ANALYZER: Analyzer[object] = Analyzer(name=NAME, analyze=analyze)
