"""Gradle: libs.versions.toml, gradle.lockfile, and the plain string coordinates of build scripts.

https://docs.gradle.org/current/userguide/version_catalogs.html
"""

import re
from collections.abc import Iterator

from bot.analysis.dependency.packages import Contents, Package, Scope, shown_url, table_of, text_of
from bot.analysis.dependency.untrusted import read_toml

_COORDINATES = re.compile(
    r"""^\s*+(?P<configuration>[a-zA-Z]\w*+)(?=[( \t])\s*+\(?\s*+(?:platform\(|enforcedPlatform\()?\s*+
    (?P<quote>['"])(?P<group>[\w.-]+):(?P<artifact>[\w.-]+):(?P<version>[^'"$:@]+)(?:[:@][^'"]*)?(?P=quote)""",
    re.VERBOSE,
)
_REPOSITORY = re.compile(r"""\burl\s*+(?:=|\()?\s*+(?:uri\()?\s*+(['"])(?P<url>https?://[^'"]+)\1""")
_PLUGIN = re.compile(
    r"""^\s*+(?:id\s*+\(?\s*+|kotlin\s*+\(\s*+)(['"])(?P<name>[\w.-]+)\1\s*+\)?\s*+\.?version\s*+\(?\s*+(['"])(?P<version>[^'"$]+)\3"""
)
# Plugins that set the versions of what users get, as a parent does for Maven.
_PLATFORM = re.compile(r"^(org\.springframework\.boot|io\.quarkus|io\.micronaut\.[\w.]+)$")
_LOCKED_FIRST = frozenset({"implementation", "api", "compile"})
_LOCKED = re.compile(r"^(?P<name>[\w.-]+:[\w.-]+):(?P<version>[^=\s]+)=(?P<configurations>.*)$")
_DEV = re.compile(r"test|check|lint|kapt|annotationprocessor|ksp", re.IGNORECASE)


def read_version_catalog(text: str) -> Contents:
    """A version catalog; `version.ref` is followed."""
    top = read_toml(text)
    versions = {name: _constraint(value) for name, value in table_of(top.get("versions")).items()}
    packages = [
        *_catalog(table_of(top.get("libraries")), versions, "module", Scope.RUNTIME),
        *_catalog(table_of(top.get("plugins")), versions, "id", Scope.DEV),
    ]
    return Contents(tuple(packages))


def _catalog(entries: dict[str, object], versions: dict[str, str], key: str, scope: Scope) -> Iterator[Package]:
    for alias, value in entries.items():
        details = table_of(value)
        if isinstance(value, str):
            name, _, version = value.rpartition(":")
        else:
            group = f"{text_of(details.get('group'))}:{text_of(details.get('name'))}"
            name = text_of(details.get(key)) or group
            reference = text_of(table_of(details.get("version")).get("ref"))
            version = versions.get(reference, "") if reference else _constraint(details.get("version"))
        if scope is Scope.DEV and _PLATFORM.match(name):
            scope = Scope.RUNTIME
        yield Package(name=name, written=alias, version=version, scope=scope, environment=key)


def _constraint(value: object) -> str:
    """A plain version, or the strongest word of a rich one."""
    rich = table_of(value)
    words = (text_of(item) for item in (value, rich.get("strictly"), rich.get("require"), rich.get("prefer")))
    return next((word for word in words if word), "")


def read_build_gradle(text: str) -> Contents:
    """Lines such as `implementation "group:name:version"`; what the script computes is not seen."""
    packages = []
    indexes = []
    for number, line in enumerate(text.split("\n"), start=1):
        if match := _COORDINATES.match(line[:1_000]):
            name = f"{match['group']}:{match['artifact']}"
            configuration = match["configuration"]
            packages.append(
                Package(
                    name=name, written=name, version=match["version"],
                    scope=Scope.DEV if _DEV.search(configuration) else Scope.RUNTIME,
                    environment=configuration,
                    # Whether other configurations are locked is for the script to decide.
                    locked_by=None if configuration in _LOCKED_FIRST else (),
                    line=number,
                )
            )  # fmt: skip
        elif match := _PLUGIN.match(line[:1_000]):
            scope = Scope.RUNTIME if _PLATFORM.match(match["name"]) else Scope.DEV
            packages.append(
                Package(
                    name=match["name"], written=match["name"], version=match["version"], scope=scope,
                    environment="plugins", locked_by=(), line=number,
                )
            )  # fmt: skip
        elif match := _REPOSITORY.search(line[:1_000]):
            indexes.append(shown_url(match["url"]))
    return Contents(tuple(packages), tuple(indexes))


def read_gradle_lockfile(text: str) -> Contents:
    """Gradle's lock: `group:name:version=configurations`."""
    packages = []
    for number, line in enumerate(text.split("\n"), start=1):
        if match := _LOCKED.match(line[:2_000]):
            dev = all(_DEV.search(name) for name in match["configurations"].split(","))
            packages.append(
                Package(
                    name=match["name"], written=match["name"], version=match["version"], direct=None,
                    scope=Scope.DEV if dev else Scope.RUNTIME, line=number,
                )
            )  # fmt: skip
    return Contents(tuple(packages), locked=True)
