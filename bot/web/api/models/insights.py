"""Insights."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import Field, StringConstraints

from bot.db.anchors import Place
from bot.db.stored_insights import StoredInsight
from bot.db.stored_items import ItemTitle
from bot.domain.dismissals import Dismissal, DismissReason
from bot.domain.insights import Insight as ComputedInsight
from bot.domain.insights import InsightType, Severity
from bot.domain.published import ENGINE
from bot.report.insight_json import rest_json
from bot.web.api.models.base import Answer, Id, Number, PageAnswer, PageQuery, Query, RequestBody, When

MAX_NOTE = 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# How many items lie before the page, and the place of the last one of them: microseconds and id.
_CURSOR = "([0-9]{1,9})-([0-9]{1,17})-([0-9a-f]{32})"


class InsightQuery(PageQuery):
    """The insights to list."""

    type: InsightType | None = None
    severity: Severity | None = None
    pull_request: Number | None = None
    since: When | None = Field(None, description="Only insights that were made at this time or later.")
    analysis_id: Id | None = Field(
        None, description="Only the insights of this analysis, even if a later one has replaced it."
    )
    dismissed: Literal["true", "false", "any"] = Field(
        "false", description="Whether to list the dismissed insights: only these, none of them, or all insights."
    )

    after: Annotated[str, StringConstraints(pattern=rf"^{_CURSOR}$")] | None = Field(
        None,
        description="The value of `next` of the page before. The page begins behind that one, whatever was added "
        "meanwhile, and is as fast at any depth; `offset` is not used then.",
    )

    @property
    def place(self) -> tuple[int, Place] | None:
        """What `after` says: how many items lie before the page, and the last one of them."""
        found = re.fullmatch(_CURSOR, self.after or "")
        if found is None:
            return None
        return int(found[1]), Place(_EPOCH + timedelta(microseconds=int(found[2])), UUID(found[3]))

    @property
    def wants_dismissed(self) -> bool | None:
        """The filter as `InsightFilter` has it."""
        return None if self.dismissed == "any" else self.dismissed == "true"


class SimilarQuery(Query):
    """The pull request whose likes are listed."""

    pull_request: Number


class Location(Answer):
    """A location in the analyzed commit.

    path: the path of the file.
    start_line: the first line, counted from 1.
    end_line: the last line, which is included.
    """

    path: str
    start_line: int
    end_line: int


class Insight(Answer):
    """An insight of an analyzer. Those of `/ai/generate-insights` are not stored, and belong to no single analysis.

    id: its id.
    repository_id: the repository.
    type: its type.
    title: the insight in one sentence, as Markdown.
    description: the explanation, as Markdown.
    severity: how severe it is.
    confidence_score: how certain it is, 0 to 1.
    data: the evidence, the rule, the standing, the remedy (`way_out`) and the reason for the confidence.
    model_version: the version of the program that made it.
    tags: words to group insights by.
    locations: the places in the analyzed commit that it is about.
    fingerprint: the same for the same insight on another commit.
    analysis_id: the analysis that made it; null if it is not stored.
    pull_request: the number of the pull request; null if there is none.
    pull_request_title: its title; null while it is not synced from GitHub.
    pull_request_author: who opened it; null if that is not synced, or if the account is deleted.
    head_sha: the analyzed commit; null if it is not stored.
    created_at: when it was made.
    updated_at: when it was made, dismissed, restored, or replaced by a later analysis.
    dismissed: whether a dismissal covers it now.
    """

    id: Id
    repository_id: Id
    type: InsightType
    title: str
    description: str
    severity: Severity
    confidence_score: float = Field(ge=0, le=1)
    data: dict[str, Any]
    model_version: str
    tags: list[str]
    locations: list[Location]
    fingerprint: str
    analysis_id: Id | None
    pull_request: int | None
    pull_request_title: str | None = None
    pull_request_author: str | None = None
    head_sha: str | None
    created_at: datetime
    updated_at: datetime
    dismissed: bool


class InsightPage(PageAnswer):
    """One page of the insights, newest first.

    items: the insights.
    next: the value of `after` for the next page; null on the last one.
    """

    items: list[Insight]
    next: str | None = None


class DismissInsight(RequestBody):
    """Why an insight is dismissed.

    reason: `later` ends after 30 days; the others have no end.
    note: why, in words. Everyone who may see the repository can read it over the API.
    """

    reason: Annotated[DismissReason, Field(strict=False)]
    note: Annotated[str, StringConstraints(max_length=MAX_NOTE, pattern=r"^[^\x00]*$")] = ""


class DismissalView(Answer):
    """The dismissal that covers an insight. It covers all insights of the repository with the same fingerprint and
    unchanged evidence.

    reason: why the insight was dismissed.
    note: the remark of the person; empty if there is none.
    by: the login of the person.
    created_at: when it was dismissed.
    ends_at: when the dismissal ends; null if it has no end.
    """

    reason: DismissReason
    note: str
    by: str
    created_at: datetime
    ends_at: datetime | None


def next_cursor(stored: Sequence[StoredInsight], offset: int, total: int) -> str | None:
    """The cursor of the page that follows these insights; None if it would be empty. offset: what lies before them."""
    if not stored or offset + len(stored) >= total:
        return None
    last = stored[-1]
    microseconds = (last.created_at - _EPOCH) // timedelta(microseconds=1)
    return f"{offset + len(stored)}-{microseconds}-{last.id.hex}"


def insight_answer(stored: StoredInsight, titles: Mapping[int, ItemTitle]) -> Insight:
    """The response for a stored insight. titles: of pull requests, by number."""
    title = titles.get(stored.pull_request or 0)
    return Insight(
        **rest_json(stored.insight),
        id=stored.id,
        repository_id=stored.repository_id,
        model_version=stored.model_version,
        analysis_id=stored.analysis_id,
        pull_request=stored.pull_request,
        pull_request_title=title.title if title else None,
        pull_request_author=title.author if title else None,
        head_sha=stored.head_sha,
        created_at=stored.created_at,
        updated_at=stored.updated_at,
        dismissed=stored.dismissal is not None,
    )


def computed_insight(
    insight: ComputedInsight, repository_id: UUID, moment: datetime, stored: StoredInsight | None
) -> Insight:
    """The response for an insight that was computed for this request.

    stored: the same insight of the newest analysis. Without one the insight has an id that is not stored; it is always
    the same.
    """
    return Insight(
        **rest_json(insight),
        id=stored.id if stored else uuid5(NAMESPACE_URL, f"{repository_id}/{insight.fingerprint}"),
        repository_id=repository_id,
        model_version=ENGINE,
        analysis_id=None,
        pull_request=None,
        head_sha=None,
        created_at=stored.created_at if stored else moment,
        updated_at=stored.updated_at if stored else moment,
        dismissed=False,
    )


def dismissal_answer(dismissal: Dismissal) -> DismissalView:
    """The response for a dismissal."""
    return DismissalView(
        reason=dismissal.reason,
        note=dismissal.note,
        by=dismissal.by,
        created_at=dismissal.at,
        ends_at=dismissal.ends_at,
    )
