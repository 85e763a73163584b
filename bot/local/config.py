"""What the stand-in is told, and who is who in it."""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

# Fixed numbers of the one App and its one installation here; GitHub's are as arbitrary. Permissions and events are
# those of app.yml, so that what is refused there is refused here.
INSTALLATION_ID = 48_000_001
HOOK_ID = 48_000_002
APP_SLUG = "gitinsight"
APP_NAME = "GitInsight"
BOT_LOGIN = f"{APP_SLUG}[bot]"
PERMISSIONS = {
    "checks": "write",
    "contents": "read",
    "metadata": "read",
    "pull_requests": "write",
}
EVENTS = ["check_run", "pull_request", "push", "repository"]

_GITHUB_REMOTE = re.compile(
    r"(?:https?://(?:[^@/]*@)?|ssh://git@|git://|git@)github\.com[:/]([A-Za-z0-9-]{1,39})/([A-Za-z0-9._-]{1,100}?)(?:\.git)?/?"
)


@dataclass(frozen=True)
class Person:
    """Somebody who may sign in. level: of access to the repository (read, triage, write, maintain, admin), or None."""

    login: str
    level: str | None


PEOPLE = (Person("maintainer", "admin"), Person("contributor", "read"), Person("stranger", None))


@dataclass(frozen=True, kw_only=True)
class LocalConfig:
    """Everything that the stand-in is told.

    repository: the path to serve. data_dir: where its own state lies. webhook_url, webhook_secret, app_id,
    public_key_pem: the App's. base_url: where the stand-in itself is reached. newest: how many merges are replayed
    as pull requests. poll_seconds: how often the repository is looked at. token_seconds: how long an installation
    token lives. app_url: a link to GitInsight itself, shown on the pages. client_secret: of the sign-in. people: who
    may sign in. private_key_pem: what the App is given when it is made from a manifest; none is made
    without it.
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

    @property
    def client_id(self) -> str:
        """Of the App."""
        return f"Iv1.local{self.app_id}"

    @property
    def callback_url(self) -> str:
        """Where people are sent back to after they signed in."""
        return f"{self.app_url.rstrip('/')}/auth/callback"

    @property
    def home(self) -> Path:
        """The folder of this repository within data_dir: another repository shares nothing with it."""
        path = self.repository.expanduser().resolve()
        return self.data_dir / f"{_repository_name(path.name)}-{stable_id(str(path)):08x}"


@dataclass(frozen=True)
class Identity:
    """The served repository's place on GitHub: its names and numbers."""

    owner: str
    name: str
    repository_id: int
    owner_id: int

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"


def identify(folder: Path, origin: str) -> Identity:
    """The name that an origin on github.com tells, else `local/<folder name>`; the ids depend on the path too."""
    if match := _GITHUB_REMOTE.fullmatch(origin):
        owner, name = match.groups()
    else:
        owner, name = "local", _repository_name(folder.name)
    return Identity(owner, name, stable_id(f"{owner}/{name}\0{folder}"), stable_id(owner))


def stable_id(text: str) -> int:
    """A positive number below 2^31 that is the same for the same text every time."""
    return 1 + int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()[:4]) % (2**31 - 1)


def _repository_name(folder: str) -> str:
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.removesuffix(".git")).strip("-.")[:100]
    return name or "repository"
