"""Cargo.toml and Cargo.lock: https://doc.rust-lang.org/cargo/reference/manifest.html"""

from collections.abc import Iterator

from bot.analysis.dependency.packages import Contents, Package, Scope, Source, list_of, shown_url, table_of, text_of
from bot.analysis.dependency.untrusted import read_toml

_SECTIONS = (("dependencies", Scope.RUNTIME), ("build-dependencies", Scope.DEV), ("dev-dependencies", Scope.DEV))


def crate_name(name: str) -> str:
    """crates.io takes `_` and `-` for the same."""
    return name.replace("_", "-").lower()


def read_cargo_toml(text: str) -> Contents:
    """Dependencies of the package, of its targets and of the workspace."""
    top = read_toml(text)
    targets = [table_of(value) for value in table_of(top.get("target")).values()]
    packages = [found for holder in (top, table_of(top.get("workspace")), *targets) for found in _declared(holder)]
    return Contents(tuple(packages))


def _declared(holder: dict[str, object]) -> Iterator[Package]:
    for section, scope in _SECTIONS:
        for name, value in table_of(holder.get(section)).items():
            details = table_of(value)
            if details.get("workspace") is True:
                continue  # the workspace's own manifest says which version
            written = text_of(details.get("package")) or name
            git, path = text_of(details.get("git")), text_of(details.get("path"))
            # A path with a version is published from the registry; the path holds inside the workspace only.
            source = Source.GIT if git else Source.PATH if path else Source.REGISTRY
            yield Package(
                name=crate_name(written),
                written=written,
                version=text_of(value) or text_of(details.get("version")),
                scope=Scope.OPTIONAL if details.get("optional") is True and scope is Scope.RUNTIME else scope,
                source=source,
                url=shown_url(git or path),
            )


def read_cargo_lock(text: str) -> Contents:
    """Entries without a source are the workspace's own; what they name is direct."""
    top = read_toml(text)
    entries = [table_of(entry) for entry in list_of(top.get("package"))]
    own = [entry for entry in entries if not entry.get("source")]
    direct = {
        tuple(text_of(item).split(" ")[:2]) for entry in own for item in list_of(entry.get("dependencies"))
    }  # fmt: skip
    packages = []
    for entry in entries:
        name, version = text_of(entry.get("name")), text_of(entry.get("version"))
        source = text_of(entry.get("source"))
        if not source:
            continue
        kind = Source.GIT if source.startswith("git+") else Source.REGISTRY
        packages.append(
            Package(
                name=crate_name(name),
                written=name,
                version=version,
                direct=(name,) in direct or (name, version) in direct,
                source=kind,
                url=shown_url(source) if kind is Source.GIT or source.startswith("registry+http://") else "",
                hashed=bool(entry.get("checksum")),
            )
        )
    return Contents(tuple(packages), form=str(top.get("version", "")), locked=True)
