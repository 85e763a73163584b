"""Analyses, full and of changes."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from bot.db.tables import Analysis
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


def analysis_answer(row: Analysis) -> AnalysisView:
    """An analysis as it is answered."""
    return AnalysisView(
        id=row.id,
        repository_id=row.repository_id,
        kind=_subject(row),
        pull_request=row.pull_number,
        ref=row.ref,
        head_sha=row.head_sha,
        merge_base=row.merge_base,
        status=row.status,
        step=row.step,
        progress=row.progress,
        conclusion=row.conclusion,
        error=row.error,
        seconds=row.seconds,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _subject(row: Analysis) -> Subject:
    if row.kind.is_whole_repository:
        return Subject.FULL
    return Subject.PULL_REQUEST if row.pull_number else Subject.PUSH
