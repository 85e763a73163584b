"""The contents of manifests and lock files, in one form for all ecosystems."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit


class Ecosystem(StrEnum):
    """Package ecosystems, named as in https://ossf.github.io/osv-schema/."""

    PYPI = "PyPI"
    NPM = "npm"
    GO = "Go"
    CRATES = "crates.io"
    RUBYGEMS = "RubyGems"
    PACKAGIST = "Packagist"
    MAVEN = "Maven"
    NUGET = "NuGet"


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
    """The text does not match the format of its file name. The message quotes nothing of the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One entry of a manifest or a lock file.

    name: normalized as in its ecosystem.
    written: the name as in the file.
    version: a locked version, or a constraint as written; "" for none.
    direct: None if the file does not distinguish.
    url: for sources other than the registry, without credentials and query; for an alias, `npm:` and the other name.
    hashed: whether the entry has a checksum.
    conditional: whether it is needed on some platforms only.
    environment: what the entry holds for (marker, platform, group, folder), which tells entries of one name apart.
    locked_by: the names of the lock files that must have it; None for each that belongs to the file.
    line: 1-based; 0 if unknown.
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
    environment: str = ""
    locked_by: tuple[str, ...] | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Contents:
    """The parsed contents of one file.

    indexes: addresses of package indexes, without credentials.
    form: the version of the file format.
    locked: whether the entries are resolved versions.
    project: the name of the project that a manifest describes.
    own: names that a lock has, but not as a version of a registry: members of the workspace, linked folders,
        packages that another one provides, packages that the tool leaves out. In a manifest: names that it overrides.
    members: of a lock, the folders of further manifests that it locks, relative to its own.
    workspace: whether the manifest has a workspace, whose members' names it does not tell.
    """

    packages: tuple[Package, ...]
    indexes: tuple[str, ...] = ()
    form: str = ""
    locked: bool = False
    project: str = ""
    own: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    workspace: bool = False


_DEV_WORDS = frozenset(
    "dev devel develop development test tests testing doc docs documentation lint linting linters check checks ci "
    "build typing types mypy format bench benchmark benchmarks example examples tooling tools release".split()
)
_GIT = re.compile(r"^(git\+|git://|git@|ssh://|(github|gitlab|bitbucket|gist):)|\.git(#|@|$)")
_SECRET_PARTS = re.compile(r"^(?P<scheme>[a-z+]+://)[^/@\s]*@", re.IGNORECASE)


def for_development(name: str) -> bool:
    """Whether the name of a group or of a requirements file means development only."""
    return any(word in _DEV_WORDS for word in re.split(r"[^a-z]+", name.lower()))


def shown_url(url: str) -> str:
    """An address without user, password, query and fragment, for reports."""
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
    """Whether an address uses plain http, so that others on the network can replace the content; except localhost."""
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


def with_direct(packages: Iterable[Package], required: Collection[str]) -> tuple[Package, ...]:
    """Packages of a lock that does not tell what is direct: what no other package requires must be."""
    return tuple(
        replace(one, direct=True) if one.direct is None and one.name not in required else one for one in packages
    )


def text_of(value: object) -> str:
    """A string from untrusted data; empty for any other type."""
    return value if isinstance(value, str) else ""


def table_of(value: object) -> dict[str, object]:
    """A table from untrusted data; empty for any other type."""
    return {key: item for key, item in value.items() if isinstance(key, str)} if isinstance(value, dict) else {}


def list_of(value: object) -> list[object]:
    """A list from untrusted data; empty for any other type."""
    return value if isinstance(value, list) else []
