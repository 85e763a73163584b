"""package.json, package-lock.json (versions 1 to 3) and npm-shrinkwrap.json.

https://docs.npmjs.com/cli/configuring-npm/package-json · https://docs.npmjs.com/cli/configuring-npm/package-lock-json
"""

import re
from collections.abc import Iterator

from bot.analysis.dependency.packages import Contents, Package, Scope, Source, shown_url, table_of, text_of, url_source
from bot.analysis.dependency.untrusted import read_json

SECTIONS = (
    ("dependencies", Scope.RUNTIME),
    ("devDependencies", Scope.DEV),
    ("optionalDependencies", Scope.OPTIONAL),
    ("peerDependencies", Scope.PEER),
)
# `owner/name` is a repository on GitHub.
_SHORT_GIT = re.compile(r"^[\w.-]+/[\w.-]+(#\S*)?$")
_MAX_DEPTH = 50


def npm_source(specifier: str) -> tuple[Source, str]:
    """Where npm takes a specifier from: https://docs.npmjs.com/cli/configuring-npm/package-json#dependencies"""
    if _SHORT_GIT.match(specifier):
        return Source.GIT, specifier
    if specifier.startswith(("file:", "link:", "portal:", "./", "../", "/", "~/")):
        return Source.PATH, specifier
    if "://" in specifier or specifier.startswith(("git@", "github:", "gitlab:", "bitbucket:", "gist:")):
        return url_source(specifier), specifier
    return Source.REGISTRY, ""


def npm_package(name: str, specifier: str, scope: Scope, *, direct: bool = True) -> Package:
    """A declared dependency; `npm:` aliases, `workspace:` and `catalog:` come from where the rest of the tree does."""
    source, url = npm_source(specifier)
    version = "" if source is not Source.REGISTRY else specifier.strip()
    if version.startswith("npm:"):
        version = version.rpartition("@")[2] if "@" in version[5:] else ""
    return Package(
        name=name, written=name, version=version, direct=direct, scope=scope, source=source, url=shown_url(url)
    )


def read_package_json(text: str) -> Contents:
    """The four sections, and the versions that `overrides` and `resolutions` force upon indirect packages."""
    top = read_json(text)
    packages = []
    optional = table_of(top.get("optionalDependencies"))
    for section, scope in SECTIONS:
        for name, value in table_of(top.get(section)).items():
            if isinstance(value, str) and not (section == "dependencies" and name in optional):
                packages.append(npm_package(name, value, scope))
    pnpm = table_of(top.get("pnpm"))
    for forced in (top.get("overrides"), top.get("resolutions"), pnpm.get("overrides")):
        packages += _forced(table_of(forced), "", 0)
    return Contents(tuple(packages))


def _forced(table: dict[str, object], parent: str, depth: int) -> Iterator[Package]:
    """Overrides may be nested; `.` is the parent itself and `$name` refers to a direct dependency."""
    for name, value in table.items():
        path = f"{parent}>{name}" if parent and name != "." else parent or name
        if isinstance(value, str) and not value.startswith("$"):
            yield npm_package(f"override:{path}", value, Scope.RUNTIME, direct=False)
        elif depth < _MAX_DEPTH:
            yield from _forced(table_of(value), path, depth + 1)


def read_package_lock(text: str) -> Contents:
    """npm's lock: `packages` by path since version 2, nested `dependencies` before."""
    top = read_json(text)
    form = str(top.get("lockfileVersion", ""))
    if isinstance(top.get("packages"), dict):
        return Contents(tuple(_by_path(table_of(top["packages"]))), form=form, locked=True)
    return Contents(tuple(_nested(table_of(top.get("dependencies")), 0)), form=form, locked=True)


def _by_path(entries: dict[str, object]) -> Iterator[Package]:
    root = table_of(entries.get(""))
    scopes = {name: scope for section, scope in reversed(SECTIONS) for name in table_of(root.get(section))}
    for path, value in entries.items():
        entry = table_of(value)
        name = path.rpartition("node_modules/")[2]
        if "node_modules/" not in path:
            continue  # the project itself and its workspaces
        direct = path == f"node_modules/{name}" and name in scopes
        yield _locked(name, entry, direct=direct, scope=scopes.get(name, Scope.RUNTIME) if direct else _kind(entry))


def _kind(entry: dict[str, object]) -> Scope:
    return Scope.DEV if entry.get("dev") is True else Scope.RUNTIME


def _nested(entries: dict[str, object], depth: int) -> Iterator[Package]:
    for name, value in entries.items():
        entry = table_of(value)
        yield _locked(name, entry, direct=None if depth == 0 else False, scope=_kind(entry))
        if depth < _MAX_DEPTH:
            yield from _nested(table_of(entry.get("dependencies")), depth + 1)


def _locked(name: str, entry: dict[str, object], *, direct: bool | None, scope: Scope) -> Package:
    version, resolved = text_of(entry.get("version")), text_of(entry.get("resolved"))
    source, url = Source.REGISTRY, ""
    if entry.get("link") is True:
        source, url = Source.PATH, resolved
    elif resolved.startswith(("git", "file:")) or "://" in version or version.startswith(("file:", "github:")):
        source, url = npm_source(resolved or version)
    elif resolved.startswith("http://"):
        url = resolved
    return Package(
        name=name,
        written=name,
        version="" if "/" in version or ":" in version else version,
        direct=direct,
        scope=scope,
        source=source,
        url=shown_url(url),
        hashed=bool(entry.get("integrity")),
    )
