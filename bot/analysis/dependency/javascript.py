"""package.json, package-lock.json (versions 1 to 3) and npm-shrinkwrap.json.

https://docs.npmjs.com/cli/configuring-npm/package-json · https://docs.npmjs.com/cli/configuring-npm/package-lock-json
"""

import re
from collections.abc import Iterator

from bot.analysis.dependency.packages import (
    Contents,
    Package,
    Scope,
    Source,
    shown_url,
    table_of,
    text_of,
    url_source,
    with_direct,
)
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


def npm_package(name: str, specifier: str, scope: Scope, *, direct: bool = True, environment: str = "") -> Package:
    """A declared dependency; `npm:` aliases, `workspace:` and `catalog:` come from where the rest of the tree does."""
    source, url = npm_source(specifier)
    version = "" if source is not Source.REGISTRY else specifier.strip()
    if version.startswith("npm:"):
        url, version = alias_of(name, version)
    return Package(
        name=name, written=name, version=version, direct=direct, scope=scope, source=source, url=shown_url(url),
        environment=environment,
    )  # fmt: skip


def alias_of(name: str, specifier: str) -> tuple[str, str]:
    """(address, version) of `npm:other@1.0.0`; no address if it is no other package than `name`."""
    bare = specifier.removeprefix("npm:")
    other, at, version = bare.rpartition("@")
    if at and not other:
        other, version = bare, ""  # a scope without a version
    elif not at:
        # `npm:^1.0.0` is the package itself.
        other, version = ("", bare) if re.match(r"[\d^~<>=*vx]", bare) else (bare, "")
    return ("" if other in {"", name} else f"npm:{other}"), version


def overridden(key: str) -> str:
    """The name in a key of `overrides` or `resolutions`: `a>b`, `a/**/b`, `@scope/b@^1.0.0`."""
    parts = key.rpartition(">")[2].strip().split("/")
    name = "/".join(parts[-2:]) if len(parts) > 1 and parts[-2].startswith("@") else parts[-1]
    return name[:1] + name[1:].partition("@")[0]


def read_package_json(text: str) -> Contents:
    """The four sections, and the versions that `overrides` and `resolutions` force upon indirect packages."""
    top = read_json(text)
    packages = []
    optional = table_of(top.get("optionalDependencies"))
    for section, scope in SECTIONS:
        for name, value in table_of(top.get(section)).items():
            if isinstance(value, str) and not (section == "dependencies" and name in optional):
                packages.append(npm_package(name, value, scope, environment=section))
    pnpm = table_of(top.get("pnpm"))
    forced: list[Package] = []
    for table in (top.get("overrides"), top.get("resolutions"), pnpm.get("overrides")):
        forced += _forced(table_of(table), "", 0)
    return Contents(
        (*packages, *forced),
        project=text_of(top.get("name")),
        own=frozenset(overridden(one.name.removeprefix("override:")) for one in forced),
        workspace="workspaces" in top,
    )


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
        return _by_path(table_of(top["packages"]), form)
    entries = table_of(top.get("dependencies"))
    required: set[str] = set()
    packages = tuple(_nested(entries, "", 0, required))
    return Contents(with_direct(packages, required), form=form, locked=True)


def _by_path(entries: dict[str, object], form: str) -> Contents:
    """Entries outside of `node_modules` are the project itself and the members of its workspace."""
    folders = {path: table_of(value) for path, value in entries.items() if "node_modules/" not in path}
    scopes = {
        folder: {name: scope for section, scope in reversed(SECTIONS) for name in table_of(entry.get(section))}
        for folder, entry in folders.items()
    }
    packages = []
    for path, value in entries.items():
        parent, inside, name = path.rpartition("node_modules/")
        if not inside:
            continue
        entry = table_of(value)
        # A member finds a package in its own folder, else in that of the project.
        scope = scopes.get(parent.rstrip("/"), {}).get(name)
        if not parent and scope is None:
            scope = next((found[name] for found in scopes.values() if name in found), None)
        packages.append(_locked(name, entry, direct=scope is not None, scope=scope or _kind(entry), environment=parent))
    members = {folder: entry for folder, entry in folders.items() if folder}
    names = (text_of(entry.get("name")) or folder.rpartition("/")[2] for folder, entry in members.items())
    return Contents(
        tuple(packages), form=form, locked=True, own=frozenset(names), members=frozenset(members)
    )  # fmt: skip


def _kind(entry: dict[str, object]) -> Scope:
    return Scope.DEV if entry.get("dev") is True else Scope.RUNTIME


def _nested(entries: dict[str, object], parent: str, depth: int, required: set[str]) -> Iterator[Package]:
    """The entries, and in `required` the names that others require."""
    for name, value in entries.items():
        entry = table_of(value)
        required |= table_of(entry.get("requires")).keys()
        yield _locked(name, entry, direct=False if depth else None, scope=_kind(entry), environment=parent)
        if depth < _MAX_DEPTH:
            yield from _nested(table_of(entry.get("dependencies")), f"{parent}{name}/", depth + 1, required)


def _locked(name: str, entry: dict[str, object], *, direct: bool | None, scope: Scope, environment: str) -> Package:
    version, resolved = text_of(entry.get("version")), text_of(entry.get("resolved"))
    source, url = Source.REGISTRY, ""
    if entry.get("link") is True:
        source, url = Source.PATH, resolved
    elif resolved.startswith(("git", "file:")) or "://" in version or version.startswith(("file:", "github:")):
        source, url = npm_source(resolved or version)
    elif version.startswith("npm:"):
        url, version = alias_of(name, version)
    elif resolved.startswith("http://"):
        url = resolved
    elif text_of(entry.get("name")) not in {"", name}:
        url = f"npm:{entry['name']}"
    return Package(
        name=name,
        written=name,
        version="" if "/" in version or ":" in version else version,
        direct=direct,
        scope=scope,
        source=source,
        url=shown_url(url),
        hashed=bool(entry.get("integrity")),
        environment=environment,
    )
