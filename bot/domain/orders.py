"""What an event asks for, as small frozen values: the payload's few fields that we use, and nothing else."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class InstallationRef:
    """The app on one account, by GitHub's id."""

    id: int
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryRef:
    """A repository as payloads describe it. default_branch is None where the payload does not tell."""

    github_id: int
    full_name: str
    private: bool
    installation: InstallationRef
    default_branch: str | None = None
    description: str | None = None
    url: str = ""
    language: str | None = None
    owner_id: int = 0
    owner_avatar: str = ""
    stars: int = 0
    forks: int = 0
    watchers: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyzeChange:
    """Analyze one head. subject: `pull/N` or the full ref. again: even if it has been analyzed before."""

    repository: RepositoryRef
    subject: str
    ref: str
    head_sha: str
    base_sha: str | None
    pull_number: int | None = None
    again: bool = False

    @property
    def key(self) -> str:
        """The same for the same change: subject, head, and the branch it is compared with."""
        return f"{self.subject}@{self.head_sha}:{self.ref}"


@dataclass(frozen=True, slots=True)
class AnalyzeAgain:
    """Run a stored analysis again, by its id (the check run's external_id)."""

    analysis_id: UUID


@dataclass(frozen=True, slots=True)
class RememberInstallation:
    """The app was installed, or came back from suspension."""

    installation: InstallationRef
    repositories: tuple[RepositoryRef, ...] = ()


@dataclass(frozen=True, slots=True)
class SuspendInstallation:
    """The app was suspended: nothing is analyzed until it is back."""

    installation: InstallationRef


@dataclass(frozen=True, slots=True)
class RememberRepository:
    """A repository's facts changed: name, visibility, default branch."""

    repository: RepositoryRef


@dataclass(frozen=True, slots=True)
class ForgetInstallation:
    """The app was uninstalled: everything of it goes."""

    installation_id: int


@dataclass(frozen=True, slots=True)
class ForgetRepositories:
    """The app was removed from these repositories (GitHub's ids): everything of them goes."""

    github_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ForgetPerson:
    """Somebody (GitHub's id) took back what they granted by signing in."""

    github_id: int


@dataclass(frozen=True, slots=True)
class ForgetPull:
    """A pull request was closed or merged; its repository by GitHub's id."""

    github_id: int
    number: int


Order = (
    AnalyzeChange
    | AnalyzeAgain
    | RememberInstallation
    | SuspendInstallation
    | RememberRepository
    | ForgetInstallation
    | ForgetRepositories
    | ForgetPull
    | ForgetPerson
)
