"""pnpm-lock.yaml (formats 5 to 9) and yarn.lock (version 1 and berry).

https://github.com/pnpm/spec/tree/master/lockfile · https://classic.yarnpkg.com/lang/en/docs/yarn-lock/
"""

import re
from collections.abc import Iterator

from bot.analysis.dependency.javascript import SECTIONS, npm_source
from bot.analysis.dependency.packages import Contents, Package, Scope, Source, Unreadable, shown_url, table_of, text_of
from bot.analysis.dependency.untrusted import read_yaml

# pnpm's key: `/name/1.0.0_peers` (5), `/name@1.0.0(peers)` (6), `name@1.0.0` (9); berry's locator: `name@npm:1.0.0`.
_PNPM_KEY = re.compile(r"^/?(?P<name>(?:@[^/@]+/)?[^/@(]+)[@/](?P<version>[^(_]+)")
_DESCRIPTOR = re.compile(r"^\"?(?P<name>@?[^@\"]+)@(?P<specifier>[^\",]+)")
_FIELD = re.compile(r"^  (?P<key>version|resolved|integrity):? \"?(?P<value>[^\"\n]+)\"?$")


def read_pnpm_lock(text: str) -> Contents:
    """Direct dependencies stand under `importers` (or at the top), everything under `packages`."""
    top = read_yaml(text)
    importers = table_of(top.get("importers")) or {".": top}
    direct: dict[tuple[str, str], Scope] = {}
    for importer in importers.values():
        for section, scope in SECTIONS:
            for name, value in table_of(table_of(importer).get(section)).items():
                version = text_of(value) or text_of(table_of(value).get("version"))
                direct.setdefault((name, re.split(r"[(_]", version)[0]), scope)
    packages = (_pnpm_package(key, table_of(value), direct) for key, value in table_of(top.get("packages")).items())
    return Contents(tuple(one for one in packages if one), form=text_of(top.get("lockfileVersion")), locked=True)


def _pnpm_package(key: str, entry: dict[str, object], direct: dict[tuple[str, str], Scope]) -> Package | None:
    match = _PNPM_KEY.match(key)
    if match is None:
        return None
    resolution = table_of(entry.get("resolution"))
    name, version = text_of(entry.get("name")) or match["name"], text_of(entry.get("version")) or match["version"]
    outside = text_of(resolution.get("repo")) or text_of(resolution.get("tarball"))
    source = Source.GIT if resolution.get("repo") else npm_source(outside)[0] if ":" in version else Source.REGISTRY
    scope = direct.get((name, version))
    return Package(
        name=name,
        written=name,
        version="" if ":" in version else version,
        direct=scope is not None,
        scope=scope or (Scope.DEV if text_of(entry.get("dev")) == "true" else Scope.RUNTIME),
        source=source,
        url=shown_url(outside) if source is not Source.REGISTRY or outside.startswith("http://") else "",
        hashed=bool(resolution.get("integrity")),
    )


def read_yarn_lock(text: str) -> Contents:
    """Yarn's lock; berry writes YAML with a `__metadata` entry, version 1 a format of its own."""
    if re.search(r"^__metadata:", text, re.MULTILINE):
        return _berry(read_yaml(text))
    return _classic(text)


def _berry(top: dict[str, object]) -> Contents:
    packages = []
    for key, value in top.items():
        entry = table_of(value)
        match = _DESCRIPTOR.match(text_of(entry.get("resolution")) or key)
        if match is None or key == "__metadata" or match["specifier"].startswith("workspace:"):
            continue
        protocol = match["specifier"].removeprefix("npm:")
        source, url = npm_source(protocol)
        packages.append(
            Package(
                name=match["name"],
                written=match["name"],
                version="" if source is not Source.REGISTRY else text_of(entry.get("version")),
                direct=None,
                source=source,
                url=shown_url(url),
                hashed=bool(entry.get("checksum")),
            )
        )
    form = "berry " + text_of(table_of(top.get("__metadata")).get("version"))
    return Contents(tuple(packages), form=form, locked=True)


def _classic(text: str) -> Contents:
    """Blocks: a line of descriptors that ends with a colon, then indented fields."""
    packages = []
    for number, name, specifier, fields in _blocks(text):
        if "version" not in fields:
            raise Unreadable("an entry has no version")
        resolved = fields.get("resolved", "")
        source, url = npm_source(specifier.removeprefix("npm:"))
        if source is Source.REGISTRY and resolved.startswith("http://"):
            url = resolved
        packages.append(
            Package(
                name=name,
                written=name,
                version="" if source is not Source.REGISTRY else fields["version"],
                direct=None,
                source=source,
                url=shown_url(url),
                hashed="integrity" in fields,
                line=number,
            )
        )
    if not packages and text.strip() and "yarn lockfile" not in text:
        raise Unreadable("it is not a yarn lock file")
    return Contents(tuple(packages), form="classic", locked=True)


def _blocks(text: str) -> Iterator[tuple[int, str, str, dict[str, str]]]:
    """(line number, name, first specifier, fields) of each entry."""
    head: tuple[int, str, str] | None = None
    fields: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if line and not line[0].isspace() and not line.startswith("#"):
            if head:
                yield *head, fields
            match = _DESCRIPTOR.match(line) if line.rstrip().endswith(":") else None
            head = (number, match["name"], match["specifier"].removesuffix(":")) if match else None
            fields = {}
        elif head and (match := _FIELD.match(line)):
            fields[match["key"]] = match["value"]
    if head:
        yield *head, fields
