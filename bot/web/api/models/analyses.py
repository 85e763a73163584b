"""Analyses of whole repositories and of changes."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from bot.db.stored_analyses import StoredAnalysis
from bot.db.stored_items import ItemTitle
from bot.domain.analyses import AnalysisKind, AnalysisStatus
from bot.domain.published import Conclusion
from bot.domain.steps import step_name
from bot.web.api.models.base import Answer, Id, PageAnswer, RequestBody
from bot.web.api.models.insights import Insight

WholeRepositoryKind = Literal[AnalysisKind.FULL, AnalysisKind.QUICK, AnalysisKind.SECURITY]


class Subject(StrEnum):
    """The subject of an analysis: a whole repository, a pull request, or a push."""

    FULL = "full"
    PULL_REQUEST = "pull_request"
    PUSH = "push"


class AnalysisOptions(RequestBody):
    """What a full analysis covers.

    include_code_quality: the complexity of every function.
    include_security_scan: scanners and the search for secrets.
    include_dependency_analysis: manifests and lock files.
    ai_insights: insights from the history of the repository.
    """

    include_code_quality: bool = True
    include_security_scan: bool = True
    include_dependency_analysis: bool = True
    ai_insights: bool = True


class StartAnalysis(RequestBody):
    """The kind of a whole-repository analysis, and what it covers.

    analysis_type: `full` covers what the options select, `quick` the history only, `security` scanners and secrets.
    options: what a full analysis covers.
    """

    analysis_type: WholeRepositoryKind = AnalysisKind.FULL
    options: AnalysisOptions = Field(default_factory=AnalysisOptions)


class Job(Answer):
    """An analysis that was started.

    job_id: the id of the analysis.
    status: its status.
    estimated_duration: the median duration of earlier runs, in seconds; null if there was none.
    created_at: when it was started.
    """

    job_id: Id
    status: AnalysisStatus
    estimated_duration: float | None
    created_at: datetime


class JobState(Answer):
    """The status and the progress of an analysis.

    job_id: the id of the analysis.
    status: its status.
    step: the step that is running.
    step_name: what that step does, for people.
    progress: 0 to 1.
    created_at: when it was requested.
    started_at: when a worker started it; null before that.
    finished_at: when it ended; null before that.
    error: why it failed; null if it did not.
    insights_count: the number of its insights.
    """

    job_id: Id
    status: AnalysisStatus
    step: str
    step_name: str
    progress: float
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: str | None
    insights_count: int


class AnalysisView(Answer):
    """One analysis.

    id: its id.
    repository_id: the repository.
    kind: the subject of the analysis.
    pull_request: the number of the pull request; null for other subjects.
    pull_request_title: its title; null while it is not synced from GitHub.
    pull_request_author: who opened it; null if that is not synced, or if the account is deleted.
    ref: the branch: the base branch of a pull request, else the analyzed branch.
    head_sha: the commit that was analyzed.
    merge_base: the commit that it was compared with; null if there was none.
    status: its status.
    step: the last step.
    step_name: what that step does, for people.
    progress: 0 to 1.
    conclusion: the conclusion of the check run; null if there is none.
    error: why it failed; null if it did not.
    seconds: the duration of each step.
    created_at: when it was requested.
    started_at: when a worker started it; null before that.
    finished_at: when it ended; null before that.
    """

    id: Id
    repository_id: Id
    kind: Subject
    pull_request: int | None
    pull_request_title: str | None
    pull_request_author: str | None
    ref: str
    head_sha: str
    merge_base: str | None
    status: AnalysisStatus
    step: str
    step_name: str
    progress: float
    conclusion: Conclusion | None
    error: str | None
    seconds: dict[str, float]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class AnalysisPage(PageAnswer):
    """One page of the analyses, newest first.

    items: the analyses.
    """

    items: list[AnalysisView]


class Risk(Answer, extra="ignore"):
    """The predicted risk of a change, and its outcome.

    model_version: the model that made the prediction.
    probability: that the change needs a fix within 90 days, 0 to 1; null if there was too little history.
    percentile: the share of earlier changes with a smaller probability, 0 to 1; null if it is unknown.
    made_at: when the prediction was made.
    outcome: whether the change needed a fix; null while it is unknown.
    outcome_at: when the outcome was recorded; null while it is unknown.
    """

    model_version: str
    probability: float | None
    percentile: float | None
    made_at: datetime
    outcome: bool | None
    outcome_at: datetime | None


class PullRequestView(Answer):
    """A pull request with the results of its analyses.

    repository_id: the repository.
    number: the number of the pull request.
    title: its title; null while it is not synced from GitHub.
    author: who opened it; null if that is not synced, or if the account is deleted.
    head_sha: the head of the newest analysis.
    analyses: the newest analyses, newest first.
    insights: the insights of the newest completed analysis that are not dismissed.
    risk: the risk that the newest completed analysis predicted; null if it predicted none.
    """

    repository_id: Id
    number: int
    title: str | None
    author: str | None
    head_sha: str
    analyses: list[AnalysisView]
    insights: list[Insight]
    risk: Risk | None


def analysis_answer(analysis: StoredAnalysis, titles: Mapping[int, ItemTitle]) -> AnalysisView:
    """The response for an analysis. titles: of pull requests, by number."""
    title = titles.get(analysis.pull_number or 0)
    return AnalysisView(
        id=analysis.id,
        repository_id=analysis.repository_id,
        kind=_subject(analysis),
        pull_request=analysis.pull_number,
        pull_request_title=title.title if title else None,
        pull_request_author=title.author if title else None,
        ref=analysis.ref,
        head_sha=analysis.head_sha,
        merge_base=analysis.merge_base,
        status=analysis.status,
        step=analysis.step,
        step_name=step_name(analysis.step),
        progress=analysis.progress,
        conclusion=analysis.conclusion,
        error=analysis.error,
        seconds=dict(analysis.seconds),
        created_at=analysis.created_at,
        started_at=analysis.started_at,
        finished_at=analysis.finished_at,
    )


def _subject(analysis: StoredAnalysis) -> Subject:
    if analysis.kind.is_whole_repository:
        return Subject.FULL
    return Subject.PULL_REQUEST if analysis.pull_number else Subject.PUSH
