"""pnpm-lock.yaml (formats 5 to 9) and yarn.lock (version 1 and berry).

https://github.com/pnpm/spec/tree/master/lockfile · https://classic.yarnpkg.com/lang/en/docs/yarn-lock/
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.analysis.dependency.javascript import SECTIONS, alias_of, npm_source, overridden
from bot.analysis.dependency.packages import (
    Contents,
    Package,
    Scope,
    Source,
    Unreadable,
    shown_url,
    table_of,
    text_of,
    with_direct,
)
from bot.analysis.dependency.untrusted import read_yaml

# pnpm's key: `/name/1.0.0_peers` (5), `/name@1.0.0(peers)` (6), `name@1.0.0` (9); berry's locator: `name@npm:1.0.0`.
_PNPM_KEY = re.compile(r"^/?(?P<name>(?:@[^/@]+/)?[^/@(]+)[@/](?P<version>[^(_]+)")
_DESCRIPTOR = re.compile(r"^\"?(?P<name>@?[^@\"]+)@(?P<specifier>[^\",]+)")
_REQUIRED = re.compile(r"^    \"?(?P<name>@?[^\s@\"]+)\"? \"?[^\s]")
_FIELD = re.compile(r"^  (?P<key>version|resolved|integrity):? \"?(?P<value>[^\"\n]+)\"?$")


def read_pnpm_lock(text: str) -> Contents:
    """Direct dependencies stand under `importers` (or at the top), everything under `packages`."""
    top = read_yaml(text)
    importers = table_of(top.get("importers")) or {".": top}
    direct: dict[tuple[str, str], _Direct] = {}
    own = {overridden(key) for key in table_of(top.get("overrides"))}
    aliases = []
    for folder, importer in importers.items():
        for name, version, scope in _imported(table_of(importer)):
            if version.startswith(("link:", "file:", "workspace:")):
                own.add(name)
                continue
            target, bare = _pnpm_target(name, version)
            known = direct.setdefault((target, bare), _Direct(scope, []))
            known.folders.append(folder)
            if target != name:
                aliases.append(Package(name=name, written=name, version=bare, scope=scope, url=f"npm:{target}"))
    packages = (_pnpm_package(key, table_of(value), direct) for key, value in table_of(top.get("packages")).items())
    return Contents(
        (*(one for one in packages if one), *dict.fromkeys(aliases)),
        form=text_of(top.get("lockfileVersion")),
        locked=True,
        own=frozenset(own),
        members=frozenset(importers) - {"."},
    )


@dataclass(frozen=True, slots=True)
class _Direct:
    """What asks for a package: its section and the folders of the projects."""

    scope: Scope
    folders: list[str]


def _imported(importer: dict[str, object]) -> Iterator[tuple[str, str, Scope]]:
    for section, scope in SECTIONS:
        for name, value in table_of(importer.get(section)).items():
            yield name, text_of(value) or text_of(table_of(value).get("version")), scope


def _pnpm_target(name: str, version: str) -> tuple[str, str]:
    """(name, version) of the package: an alias has the other name before the version."""
    bare = re.split(r"[(_]", version)[0]
    match = None if bare[:1].isdigit() else _PNPM_KEY.match(version)
    if match and match["version"][:1].isdigit():
        return match["name"], match["version"]
    return name, bare


def _pnpm_package(key: str, entry: dict[str, object], direct: dict[tuple[str, str], _Direct]) -> Package | None:
    match = _PNPM_KEY.match(key)
    if match is None:
        return None
    resolution = table_of(entry.get("resolution"))
    name, version = text_of(entry.get("name")) or match["name"], text_of(entry.get("version")) or match["version"]
    outside = text_of(resolution.get("repo")) or text_of(resolution.get("tarball"))
    source = Source.GIT if resolution.get("repo") else npm_source(outside)[0] if ":" in version else Source.REGISTRY
    asked = direct.get((name, version))
    return Package(
        name=name,
        written=name,
        version="" if ":" in version else version,
        direct=asked is not None,
        scope=asked.scope if asked else Scope.DEV if text_of(entry.get("dev")) == "true" else Scope.RUNTIME,
        source=source,
        url=shown_url(outside) if source is not Source.REGISTRY or outside.startswith("http://") else "",
        hashed=bool(resolution.get("integrity")),
        environment=" ".join(sorted(asked.folders)) if asked else "",
    )


def read_yarn_lock(text: str) -> Contents:
    """Yarn's lock; berry writes YAML with a `__metadata` entry, version 1 a format of its own."""
    if re.search(r"^__metadata:", text, re.MULTILINE):
        return _berry(read_yaml(text))
    return _classic(text)


def _berry(top: dict[str, object]) -> Contents:
    """Members of the workspace stand in it as well, and name what is direct."""
    entries = {key: table_of(value) for key, value in top.items() if key != "__metadata"}
    own: set[str] = set()
    members: set[str] = set()
    direct: set[str] = set()
    for key, entry in entries.items():
        resolution = _DESCRIPTOR.match(text_of(entry.get("resolution")) or key)
        if resolution and resolution["specifier"].startswith("workspace:"):
            own |= {name for name, _ in _descriptors(key)}
            members.add(resolution["specifier"].removeprefix("workspace:"))
            dependencies = table_of(entry.get("dependencies")).items()
            direct |= {f"{name}@{text_of(asked).removeprefix('npm:')}" for name, asked in dependencies}
    packages = [one for key, entry in entries.items() for one in _berry_packages(key, entry, direct)]
    form = "berry " + text_of(table_of(top.get("__metadata")).get("version"))
    return Contents(
        tuple(packages), form=form, locked=True, own=frozenset(own), members=frozenset(members) - {"."}
    )  # fmt: skip


def _berry_packages(key: str, entry: dict[str, object], direct: set[str]) -> Iterator[Package]:
    """One package for each name that is asked for: an alias has a name of its own."""
    resolution = _DESCRIPTOR.match(text_of(entry.get("resolution")) or key)
    if resolution is None or resolution["specifier"].startswith("workspace:"):
        return
    source, url = npm_source(resolution["specifier"].removeprefix("npm:"))
    asked: dict[str, bool] = {}
    for name, specifier in _descriptors(key):
        asked[name] = asked.get(name, False) or f"{name}@{specifier.removeprefix('npm:')}" in direct
    for name, is_direct in asked.items():
        alias = source is Source.REGISTRY and name != resolution["name"]
        yield Package(
            name=name,
            written=name,
            version="" if source is not Source.REGISTRY else text_of(entry.get("version")),
            direct=is_direct,
            source=source,
            url=f"npm:{resolution['name']}" if alias else shown_url(url),
            hashed=bool(entry.get("checksum")),
        )


def _descriptors(key: str) -> Iterator[tuple[str, str]]:
    """(name, specifier) of each descriptor in the key of an entry."""
    for part in re.split(r",\s+", key.strip().removesuffix(":")):
        if match := _DESCRIPTOR.match(part.strip()):
            yield match["name"], match["specifier"]


def _classic(text: str) -> Contents:
    """Blocks: a line of descriptors that ends with a colon, then indented fields."""
    packages: list[Package] = []
    required: set[str] = set()
    for block in _blocks(text):
        if "version" not in block.fields:
            raise Unreadable("an entry has no version")
        required |= block.requires
        packages += _classic_packages(block)
    if not packages and text.strip() and "yarn lockfile" not in text:
        raise Unreadable("it is not a yarn lock file")
    return Contents(with_direct(packages, required), form="classic", locked=True)


def _classic_packages(block: "_Block") -> Iterator[Package]:
    resolved = block.fields.get("resolved", "")
    for name, specifier in dict(block.descriptors).items():
        source, url = npm_source(specifier.removeprefix("npm:"))
        if source is Source.REGISTRY:
            alias = alias_of(name, specifier)[0] if specifier.startswith("npm:") else ""
            url = alias or (resolved if resolved.startswith("http://") else "")
        yield Package(
            name=name,
            written=name,
            version="" if source is not Source.REGISTRY else block.fields["version"],
            direct=None,
            source=source,
            url=shown_url(url),
            hashed="integrity" in block.fields,
            line=block.line,
        )


@dataclass(slots=True)
class _Block:
    """An entry of version 1: where it starts, its (name, specifier) pairs, its fields and what it requires."""

    line: int
    descriptors: list[tuple[str, str]]
    fields: dict[str, str] = field(default_factory=dict)
    requires: set[str] = field(default_factory=set)


def _blocks(text: str) -> Iterator[_Block]:
    block: _Block | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        if line and not line[0].isspace() and not line.startswith("#"):
            if block:
                yield block
            descriptors = list(_descriptors(line.rstrip())) if line.rstrip().endswith(":") else []
            block = _Block(number, descriptors) if descriptors else None
        elif block and (match := _FIELD.match(line)):
            block.fields[match["key"]] = match["value"]
        elif block and (match := _REQUIRED.match(line)):
            block.requires.add(match["name"])
    if block:
        yield block
