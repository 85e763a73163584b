"""Orders: what a delivery asks of us, as frozen values with the few fields of the payload that are used."""

from dataclasses import dataclass, field, replace
from uuid import UUID

from bot.domain.items import Item, Label, Release, Response


@dataclass(frozen=True, slots=True)
class InstallationRef:
    """The app on one account, by GitHub's id."""

    id: int
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryRef:
    """A repository as GitHub describes it. default_branch: None where a payload has no facts but the name."""

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
class ChangeRef:
    """One head, against one branch.

    subject: `pull/N` or the full ref.
    ref: the base branch of a pull request; the pushed branch otherwise.
    delivery_id: of the delivery that asks for it, for the log; None if none does.
    """

    subject: str
    ref: str
    head_sha: str
    base_sha: str | None
    pull_number: int | None = None
    delivery_id: str | None = field(default=None, compare=False)

    @property
    def key(self) -> str:
        """The same for the same change: subject, head, and the branch it is compared with."""
        return f"{self.subject}@{self.head_sha}:{self.ref}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyzeChange(ChangeRef):
    """Analyze one head. rerun: analyze it although it has been analyzed before."""

    repository: RepositoryRef
    rerun: bool = False


@dataclass(frozen=True, slots=True)
class RerunAnalysis:
    """A person wants a stored analysis to be run again, by its id (the check run's external_id)."""

    analysis_id: UUID
    delivery_id: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class RerunHead:
    """A person wants all analyses of a head to be run again. or_else: what to analyze if there is none."""

    or_else: AnalyzeChange


@dataclass(frozen=True, slots=True)
class SaveInstallation:
    """The app was installed, its suspension ended, or repositories were added to it."""

    installation: InstallationRef
    repositories: tuple[RepositoryRef, ...] = ()


@dataclass(frozen=True, slots=True)
class SuspendInstallation:
    """The app was suspended: nothing is analyzed until the suspension ends."""

    installation: InstallationRef


@dataclass(frozen=True, slots=True)
class DeleteInstallation:
    """The app was uninstalled: all its rows are deleted."""

    installation_id: int


@dataclass(frozen=True, slots=True)
class UpdateRepository:
    """A repository's facts changed: name, visibility, default branch."""

    repository: RepositoryRef


@dataclass(frozen=True, slots=True)
class DeleteRepositories:
    """The app was removed from these repositories (GitHub's ids): all their rows are deleted."""

    github_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ClosePull:
    """A pull request was closed or merged. github_id: of its repository."""

    github_id: int
    number: int


@dataclass(frozen=True, slots=True)
class RevokeAuthorization:
    """A person (GitHub's id) revoked what they granted by signing in."""

    github_id: int


@dataclass(frozen=True, slots=True)
class RetryRefusedSync:
    """New permissions were accepted: what GitHub refused to an installation is synced again."""

    installation_id: int


@dataclass(frozen=True, slots=True)
class SaveItem:
    """An issue or a pull request changed. repository: GitHub's id, as in all orders below."""

    repository: int
    item: Item


@dataclass(frozen=True, slots=True)
class DeleteItem:
    """An issue was deleted, or transferred to another repository."""

    repository: int
    number: int


@dataclass(frozen=True, slots=True)
class SaveResponse:
    """A review was submitted, edited or dismissed."""

    repository: int
    response: Response


@dataclass(frozen=True, slots=True)
class SaveLabel:
    """A label of the repository was created or changed. old_name: its name before, if that changed."""

    repository: int
    label: Label
    old_name: str | None = None


@dataclass(frozen=True, slots=True)
class DeleteLabel:
    """A label of the repository was deleted."""

    repository: int
    name: str


@dataclass(frozen=True, slots=True)
class SaveRelease:
    """A release was created or changed."""

    repository: int
    release: Release


@dataclass(frozen=True, slots=True)
class DeleteRelease:
    """A release was deleted. github_id: of the release."""

    repository: int
    github_id: int


ItemOrder = SaveItem | DeleteItem | SaveResponse | SaveLabel | DeleteLabel | SaveRelease | DeleteRelease
Order = (
    AnalyzeChange
    | RerunAnalysis
    | RerunHead
    | SaveInstallation
    | SuspendInstallation
    | DeleteInstallation
    | UpdateRepository
    | DeleteRepositories
    | ClosePull
    | RevokeAuthorization
    | RetryRefusedSync
    | ItemOrder
)


def caused_by(order: Order, delivery_id: str) -> Order:
    """The order with the id of its delivery, if it makes an analysis: the lines of the log about that carry the id."""
    match order:
        case AnalyzeChange() | RerunAnalysis():
            return replace(order, delivery_id=delivery_id)
        case RerunHead(or_else):
            return RerunHead(replace(or_else, delivery_id=delivery_id))
        case _:
            return order
