"""What manifests and lock files hold, in one shape for every ecosystem."""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit


class Ecosystem(StrEnum):
    """Where names live, as https://ossf.github.io/osv-schema/ calls the places."""

    PYPI = "PyPI"
    NPM = "npm"
    GO = "Go"
    CRATES = "crates.io"
    RUBYGEMS = "RubyGems"
    PACKAGIST = "Packagist"
    MAVEN = "Maven"


class Scope(StrEnum):
    """What a direct dependency is needed for."""

    RUNTIME = "runtime"
    DEV = "dev"
    OPTIONAL = "optional"
    PEER = "peer"


class Source(StrEnum):
    """Where a package is taken from."""

    REGISTRY = "registry"
    GIT = "git"
    URL = "url"
    PATH = "path"


class Unreadable(Exception):
    """The text is not what its file name promises; the message is ours and quotes nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One entry of a manifest or a lock file.

    name: as its ecosystem compares names; written: as the file has it. version: a locked version, or a constraint
    as written ("" for none). direct: None where the file does not tell. url: for sources other than the registry,
    without credentials and query. hashed: whether the entry carries a checksum. conditional: needed on some
    platforms only. line: 1-based, 0 where the parser does not know.
    """

    name: str
    written: str = ""
    version: str = ""
    direct: bool | None = True
    scope: Scope = Scope.RUNTIME
    source: Source = Source.REGISTRY
    url: str = ""
    hashed: bool = False
    conditional: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class Contents:
    """One text, read. indexes: addresses of package indexes, without credentials. form: the version of the format.

    locked: the entries are what was resolved, whatever the file is called.
    """

    packages: tuple[Package, ...]
    indexes: tuple[str, ...] = ()
    form: str = ""
    locked: bool = False


_DEV_WORDS = frozenset(
    "dev devel develop development test tests testing doc docs documentation lint linting linters check checks ci "
    "build typing types mypy format bench benchmark benchmarks example examples tooling tools release".split()
)
_GIT = re.compile(r"^(git\+|git://|git@|ssh://|(github|gitlab|bitbucket|gist):)|\.git(#|@|$)")
_SECRET_PARTS = re.compile(r"^(?P<scheme>[a-z+]+://)[^/@\s]*@", re.IGNORECASE)


def for_development(name: str) -> bool:
    """Whether the name of a group, or of a requirements file, says that users do not need it."""
    return any(word in _DEV_WORDS for word in re.split(r"[^a-z]+", name.lower()))


def shown_url(url: str) -> str:
    """An address without user, password, query and fragment: what may stand in a report."""
    bare = _SECRET_PARTS.sub(r"\g<scheme>", url.strip())
    return re.split(r"[?#]", bare, maxsplit=1)[0][:300]


def url_source(url: str) -> Source:
    """What kind of source an address is."""
    if _GIT.search(url.strip()):
        return Source.GIT
    if url.lower().startswith(("http://", "https://", "git+http://", "ftp://")):
        return Source.URL
    return Source.PATH


def is_plain_http(url: str) -> bool:
    """Whether whoever stands between can change what is fetched; this machine itself is no risk."""
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in {"http", "git+http"}:
        return False
    try:
        host = urlsplit(f"http://{rest}").hostname or ""
    except ValueError:
        return False
    return bool(host) and not (host == "localhost" or host.endswith((".localhost", ".local")) or host == "::1"
                               or host.startswith("127."))  # fmt: skip


def python_name(name: str) -> str:
    """A name as PyPI compares it: https://packaging.python.org/en/latest/specifications/name-normalization/"""
    from packaging.utils import canonicalize_name

    return canonicalize_name(name)


def text_of(value: object) -> str:
    """A string from hostile structures: anything else is empty."""
    return value if isinstance(value, str) else ""


def table_of(value: object) -> dict[str, object]:
    """A table from hostile structures: anything else is empty."""
    return {key: item for key, item in value.items() if isinstance(key, str)} if isinstance(value, dict) else {}


def list_of(value: object) -> list[object]:
    """A list from hostile structures: anything else is empty."""
    return value if isinstance(value, list) else []
