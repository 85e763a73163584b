"""Analyses, full and of changes."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from bot.db.stored_analyses import StoredAnalysis
from bot.domain.analyses import AnalysisKind, AnalysisStatus
from bot.domain.published import Conclusion
from bot.web.api.models.base import Answer, Asking, Id, PageAnswer
from bot.web.api.models.insights import Insight

WholeRepositoryKind = Literal[AnalysisKind.FULL, AnalysisKind.QUICK, AnalysisKind.SECURITY]


class Subject(StrEnum):
    """What an analysis looks at."""

    FULL = "full"
    PULL_REQUEST = "pull_request"
    PUSH = "push"


class AnalysisOptions(Asking):
    """What a full analysis looks at. ai_insights: what the history tells of the whole repository."""

    include_code_quality: bool = True
    include_security_scan: bool = True
    include_dependency_analysis: bool = True
    ai_insights: bool = True


class StartAnalysis(Asking):
    """full: everything that the options allow. quick: the history's hotspots only. security: scanners and secrets."""

    analysis_type: WholeRepositoryKind = AnalysisKind.FULL
    options: AnalysisOptions = Field(default_factory=AnalysisOptions)


class Job(Answer):
    """An analysis that was asked for. estimated_duration: seconds, by earlier runs; null where there were none."""

    job_id: Id
    status: AnalysisStatus
    estimated_duration: float | None
    created_at: datetime


class JobState(Answer):
    """How far an analysis is. progress: 0 to 1."""

    job_id: Id
    status: AnalysisStatus
    step: str
    progress: float
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: str | None
    insights_count: int


class AnalysisView(Answer):
    """One analysis. seconds: by step."""

    id: Id
    repository_id: Id
    kind: Subject
    pull_request: int | None
    ref: str
    head_sha: str
    merge_base: str | None
    status: AnalysisStatus
    step: str
    progress: float
    conclusion: Conclusion | None
    error: str | None
    seconds: dict[str, float]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class AnalysisPage(PageAnswer):
    """Analyses, newest first."""

    items: list[AnalysisView]


class Risk(Answer, extra="ignore"):
    """The chance that a change needs a fix within 90 days, and what became of it (null while unknown)."""

    model_version: str
    probability: float | None
    percentile: float | None
    made_at: datetime
    outcome: bool | None
    outcome_at: datetime | None


class PullRequestView(Answer):
    """A pull request: its newest analyses, what the newest completed one said, and its risk."""

    repository_id: Id
    number: int
    head_sha: str
    analyses: list[AnalysisView]
    insights: list[Insight]
    risk: Risk | None


def analysis_answer(analysis: StoredAnalysis) -> AnalysisView:
    """An analysis as it is answered."""
    return AnalysisView(
        id=analysis.id,
        repository_id=analysis.repository_id,
        kind=_subject(analysis),
        pull_request=analysis.pull_number,
        ref=analysis.ref,
        head_sha=analysis.head_sha,
        merge_base=analysis.merge_base,
        status=analysis.status,
        step=analysis.step,
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
