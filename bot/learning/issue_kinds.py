"""The kinds of the issues of a project, as its metrics and patterns use them."""

import logging
from collections.abc import Mapping, Sequence

from bot.domain.issue_kinds import IssueKind, kind_by_labels
from bot.domain.items import Item, ItemKind
from bot.ml.issue_kinds import IssueText, issue_kinds
from bot.ml.kinds import shipped
from bot.ml.members import BadModel

log = logging.getLogger(__name__)

# A project that labels this share of its issues means what it does not label. Titles alone are right in about three of
# five bug reports (docs/kinds.md).
_LABELS_FROM = 0.3


def kinds_of_issues(items: Sequence[Item]) -> Mapping[int, IssueKind] | None:
    """Return the kinds of the issues among the items by number: by their labels where the project uses these.

    In other projects titles count too, by rules and the shipped model. Issues whose kind is unsure are left out. None
    if the file of the model is damaged.
    """
    issues = [item for item in items if item.kind is ItemKind.ISSUE]
    by_labels = {issue.number: kind for issue in issues if (kind := kind_by_labels(issue.labels)) is not None}
    if issues and len(by_labels) >= _LABELS_FROM * len(issues):
        return by_labels
    try:
        kinds = issue_kinds([IssueText(issue.title, labels=issue.labels) for issue in issues], shipped())
    except BadModel as problem:
        log.warning("the kinds of issues are not known: %s", problem)
        return None
    return {issue.number: kind for issue, kind in zip(issues, kinds, strict=True) if kind is not None}
