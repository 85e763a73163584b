"""Analyses: what one looks at, how far it is, and how far that brings its repository."""

from dataclasses import dataclass
from enum import StrEnum


class AnalysisStatus(StrEnum):
    """As the REST API promises it."""

    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    SUPERSEDED = "superseded"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to the analysis."""
        return self in FINAL_STATUSES


FINAL_STATUSES = (AnalysisStatus.COMPLETED, AnalysisStatus.FAILED, AnalysisStatus.SUPERSEDED)


class RepositoryStatus(StrEnum):
    """The state of a repository's newest analysis, as the REST API promises it."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"


# A repository whose newest analysis is queued, or that has none, is PENDING.
STATUS_OF_REPOSITORY = {
    AnalysisStatus.IN_PROGRESS: RepositoryStatus.IN_PROGRESS,
    AnalysisStatus.COMPLETED: RepositoryStatus.COMPLETED,
    AnalysisStatus.SUPERSEDED: RepositoryStatus.COMPLETED,
    AnalysisStatus.FAILED: RepositoryStatus.FAILED,
}


class AnalysisKind(StrEnum):
    """CHANGE: one head against its merge base. The others look at a whole repository.

    FULL: everything. QUICK: the history only, no file is read. SECURITY: the security scan only.
    """

    CHANGE = "change"
    FULL = "full"
    QUICK = "quick"
    SECURITY = "security"

    @property
    def is_whole_repository(self) -> bool:
        """Whether the analysis looks at a whole repository."""
        return self in WHOLE_REPOSITORY_KINDS


WHOLE_REPOSITORY_KINDS = (AnalysisKind.FULL, AnalysisKind.QUICK, AnalysisKind.SECURITY)

# How the keys of the first analyses of a repository begin (`db.first_analyses`). Nobody is told of them.
FIRST_KEY = "first:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a whole-repository analysis covers.

    kind: one of WHOLE_REPOSITORY_KINDS; it may cover less than the other fields allow.
    scheduled: whether the scheduler started it, not a person. Nobody is notified if it finds nothing new.
    """

    kind: AnalysisKind = AnalysisKind.FULL
    code_quality: bool = True
    security: bool = True
    dependencies: bool = True
    history: bool = True
    scheduled: bool = False
