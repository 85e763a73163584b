"""Tells the kind of an issue: by its labels, then by how its title begins or ends, then by the model of changes.

The model learned from changes, whose titles say what was done; those of issues say what is wrong or wanted. So it
speaks of an issue only from a high probability on, and never of questions.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.issue_kinds import IssueKind, kind_by_labels
from bot.domain.kinds import Described, Kind
from bot.ml.kinds import KINDS, KindModel

# From this probability on, the model names a kind.
FROM = 0.7

_KINDS = {Kind.FIX: IssueKind.BUG, Kind.FEATURE: IssueKind.FEATURE, Kind.DOCS: IssueKind.DOCS}
# By the title, in this order.
_TITLES = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (IssueKind.FEATURE, r"^\W{0,3}(feature|feat|enhancement|proposal|rfc|request|idea)\b[^a-z0-9]"),
        (IssueKind.FEATURE, r"^\W{0,3}(feature request|support for|add support|please (add|support)|allow)\b"),
        (IssueKind.DOCS, r"^\W{0,3}(docs?|documentation)\b[^a-z0-9]|\btypos? in\b"),
        (
            IssueKind.QUESTION,
            r"^\W{0,3}(question|help|how (to|do|can|should)|is it possible|is there (a|any) way)\b",
        ),
        (
            IssueKind.BUG,
            (
                r"^\W{0,3}(bug|regression|crash)\b|\b(crash(es|ed|ing)?|segfaults?|tracebacks?|regressions?|deadlocks?|panics?"
                r"|\w{1,40}(Error|Exception)|memory leaks?|(does|do|did) ?n[o']t work|not working|broken|fails?|failed"
                r"|hangs?)\b"
            ),
        ),
        (IssueKind.QUESTION, r"\?\s*$"),
    )
)
_MAX_TITLE = 300


@dataclass(frozen=True, slots=True)
class IssueText:
    """What an issue is classified by. The text is that of strangers."""

    title: str
    body: str = ""
    labels: tuple[str, ...] = ()


def issue_kinds(issues: Sequence[IssueText], model: KindModel) -> list[IssueKind | None]:
    """Return the kind of each issue, or None where nothing tells it."""
    kinds = [kind_by_labels(issue.labels) or _by_title(issue.title) for issue in issues]
    open_places = [place for place, kind in enumerate(kinds) if kind is None]
    rows = model.probabilities([Described(issues[place].title, issues[place].body) for place in open_places])
    for place, row in zip(open_places, rows, strict=True):
        best = int(row.argmax())
        kinds[place] = _KINDS.get(KINDS[best]) if row[best] >= FROM else None
    return kinds


def _by_title(title: str) -> IssueKind | None:
    short = title[:_MAX_TITLE].strip()
    return next((kind for kind, pattern in _TITLES if pattern.search(short)), None)
