"""What an analysis looks at, and how far it is."""

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
        return self in {AnalysisStatus.COMPLETED, AnalysisStatus.FAILED, AnalysisStatus.SUPERSEDED}


class AnalysisKind(StrEnum):
    """CHANGE: one head against its merge base. The others look at a whole repository.

    FULL: everything. QUICK: the history only, no file is read. SECURITY: the security scan only.
    """

    CHANGE = "change"
    FULL = "full"
    QUICK = "quick"
    SECURITY = "security"
