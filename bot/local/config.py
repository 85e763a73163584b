"""The configuration of the stand-in, and the identities in it: the App, the people, the served repository."""

import hashlib
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# The ids of the only App and its only installation are arbitrary, as on GitHub. Permissions and events are those of
# app.yml, so that the stand-in refuses the same requests as GitHub.
INSTALLATION_ID = 48_000_001
HOOK_ID = 48_000_002
APP_SLUG = "gitinsight"
APP_NAME = "GitInsight"
BOT_LOGIN = f"{APP_SLUG}[bot]"
PERMISSIONS = {
    "checks": "write",
    "contents": "read",
    "issues": "read",
    "merge_queues": "read",
    "metadata": "read",
    "pull_requests": "write",
}
EVENTS = [
    "check_run",
    "check_suite",
    "issues",
    "label",
    "merge_group",
    "pull_request",
    "pull_request_review",
    "push",
    "release",
    "repository",
]
# The permissions of events, as far as an installation may lack them.
# https://docs.github.com/en/webhooks/webhook-events-and-payloads
NEEDED_FOR = {
    "issues": "issues",
    "merge_group": "merge_queues",
    "pull_request_review": "pull_requests",
    "release": "contents",
}

_GITHUB_REMOTE = re.compile(
    r"(?:https?://(?:[^@/]*@)?|ssh://git@|git://|git@)github\.com[:/]([A-Za-z0-9-]{1,39})/([A-Za-z0-9._-]{1,100}?)(?:\.git)?/?"
)


@dataclass(frozen=True)
class Person:
    """A person who can sign in.

    level: the permission on the repository (read, triage, write, maintain, admin); None: no access.
    """

    login: str
    level: str | None


PEOPLE = (Person("maintainer", "admin"), Person("contributor", "read"), Person("stranger", None))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A merged change that may be replayed. base, head: commits."""

    base: str
    head: str
    title: str


# Yields the heads of those changes of a git directory that have a remark.
Remarked = Callable[[Path, Sequence[Candidate]], AsyncIterator[str]]


def _no_program(_name: str, _email: str) -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class LocalConfig:
    """The configuration of the stand-in.

    repository: the path of the repository to serve.
    data_dir: the folder of the stand-in's own state.
    webhook_url: the App's webhook URL.
    webhook_secret: the App's webhook secret.
    app_id: the App's id.
    public_key_pem: the public key that verifies the App's JWTs.
    base_url: the URL of the stand-in.
    newest: how many merges are replayed as pull requests.
    poll_seconds: the interval between two reads of the repository.
    token_seconds: the lifetime of an installation token.
    app_url: the URL of GitInsight; the pages link to it.
    client_secret: the App's OAuth client secret.
    private_key_pem: the private key for an App that is registered from a manifest; empty: registration is off.
    people: the people who can sign in.
    items: a data file of issues, pull requests and what belongs to them (docs/data-file.md).
    is_program: whether the author with a name and an address is no person; changes of programs are not replayed.
    remarked: finds the changes with a remark, which are replayed first; None: the newest are replayed.
    unaccepted: permissions of the App that the installation has not accepted; `Hub.accept_permissions` accepts them.
    """

    repository: Path
    data_dir: Path
    webhook_url: str
    webhook_secret: str
    app_id: int
    public_key_pem: str
    base_url: str
    newest: int = 10
    poll_seconds: float = 2.0
    token_seconds: int = 3600
    app_url: str = ""
    client_secret: str = ""
    private_key_pem: str = field(default="", repr=False)
    people: tuple[Person, ...] = PEOPLE
    items: Path | None = None
    is_program: Callable[[str, str], bool] = _no_program
    remarked: Remarked | None = None
    unaccepted: frozenset[str] = frozenset()

    @property
    def client_id(self) -> str:
        """The App's OAuth client id."""
        return f"Iv1.local{self.app_id}"

    @property
    def callback_url(self) -> str:
        """The App's OAuth callback URL."""
        return f"{self.app_url.rstrip('/')}/auth/callback"

    @property
    def home(self) -> Path:
        """The folder of this repository inside data_dir. Each repository has its own."""
        path = self.repository.expanduser().resolve()
        return self.data_dir / f"{_repository_name(path.name)}-{stable_id(str(path)):08x}"


@dataclass(frozen=True)
class Identity:
    """The names and ids of the served repository."""

    owner: str
    name: str
    repository_id: int
    owner_id: int

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"


def identify(folder: Path, origin: str) -> Identity:
    """Return the identity of a repository. The ids depend on its path.

    The name comes from an origin on github.com; otherwise it is `local/<folder name>`.
    """
    if match := _GITHUB_REMOTE.fullmatch(origin):
        owner, name = match.groups()
    else:
        owner, name = "local", _repository_name(folder.name)
    return Identity(owner, name, stable_id(f"{owner}/{name}\0{folder}"), stable_id(owner))


def stable_id(text: str) -> int:
    """Return a positive number below 2^31; the same text always gives the same number."""
    return 1 + int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()[:4]) % (2**31 - 1)


def _repository_name(folder: str) -> str:
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.removesuffix(".git")).strip("-.")[:100]
    return name or "repository"
