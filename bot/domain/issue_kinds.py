"""The kinds of issues, and which common labels name them."""

import re
from collections.abc import Iterable
from enum import StrEnum


class IssueKind(StrEnum):
    """What an issue asks for."""

    BUG = "bug"
    FEATURE = "feature"
    QUESTION = "question"
    DOCS = "docs"


# GitHub's default labels (docs.github.com, "Managing labels"), and what many repositories call theirs. Compared in
# lower case, without the prefixes of _PREFIX, and without what is neither letter nor digit.
LABELS = {
    IssueKind.BUG: ("bug", "bugs", "bugfix", "defect", "fault", "regression", "crash", "confirmed bug", "bug report",
                    "possible bug", "security", "vulnerability", "error", "panic", "data loss", "memory leak"),
    IssueKind.FEATURE: ("enhancement", "feature", "feature request", "features", "improvement", "new feature",
                        "proposal", "idea", "rfc", "request", "feat", "suggestion", "wish", "wishlist"),
    IssueKind.QUESTION: ("question", "support", "help", "discussion", "usage", "usage question", "support request",
                         "how to", "needs support", "user question"),
    IssueKind.DOCS: ("documentation", "docs", "doc", "documentation issue", "website"),
}  # fmt: skip
_BY_LABEL = {name: kind for kind, names in LABELS.items() for name in names}
_PREFIX = re.compile(r"^(?:(?:issue[ _-]?)?(?:type|kind|category|class|area)|[tckab])\s*[:/=-]\s*", re.IGNORECASE)
_OTHER = re.compile(r"[^a-z0-9]+")
_MAX_LABEL = 100


def kind_by_labels(labels: Iterable[str]) -> IssueKind | None:
    """Return the kind that the labels name: the first of IssueKind if there are several, None if there is none."""
    found = {_BY_LABEL.get(_plain(label)) for label in labels}
    return next((kind for kind in IssueKind if kind in found), None)


def _plain(label: str) -> str:
    return _OTHER.sub(" ", _PREFIX.sub("", label[:_MAX_LABEL].strip().lower())).strip()
