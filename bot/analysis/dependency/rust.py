"""Cargo.toml and Cargo.lock: https://doc.rust-lang.org/cargo/reference/manifest.html"""

from collections.abc import Iterator
from dataclasses import replace

from bot.analysis.dependency.packages import Contents, Package, Scope, Source, list_of, shown_url, table_of, text_of
from bot.analysis.dependency.untrusted import read_toml

_SECTIONS = (("dependencies", Scope.RUNTIME), ("build-dependencies", Scope.DEV), ("dev-dependencies", Scope.DEV))


def crate_name(name: str) -> str:
    """crates.io takes `_` and `-` for the same."""
    return name.replace("_", "-").lower()


def read_cargo_toml(text: str) -> Contents:
    """Dependencies of the package, of its targets and of the workspace."""
    top = read_toml(text)
    workspace = table_of(top.get("workspace"))
    targets = [(f"target {name}", table_of(value)) for name, value in table_of(top.get("target")).items()]
    # A dependency of the workspace is locked once a member uses it.
    shared = (replace(found, locked_by=()) for found in _declared(workspace, "workspace"))
    packages = [found for name, holder in (("", top), *targets) for found in _declared(holder, name)]
    name = text_of(table_of(top.get("package")).get("name"))
    return Contents(
        (*packages, *shared),
        project=crate_name(name),
        own=frozenset(map(crate_name, _replaced(top))),
        workspace=bool(workspace),
    )


def _replaced(top: dict[str, object]) -> Iterator[str]:
    """Names that `[patch]` takes from elsewhere."""
    for patches in table_of(top.get("patch")).values():
        for name, value in table_of(patches).items():
            yield text_of(table_of(value).get("package")) or name


def _declared(holder: dict[str, object], where: str) -> Iterator[Package]:
    for section, scope in _SECTIONS:
        entries = {**table_of(holder.get(section.replace("-", "_"))), **table_of(holder.get(section))}
        for name, value in entries.items():
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
                environment=f"{where} {section}".strip(),
            )


def read_cargo_lock(text: str) -> Contents:
    """Entries without a source are the workspace's own; what they name is direct."""
    top = read_toml(text)
    entries = [table_of(entry) for entry in list_of(top.get("package"))]
    own = [entry for entry in entries if not entry.get("source")]
    askers: dict[tuple[str, ...], list[str]] = {}
    for entry in own:
        for item in list_of(entry.get("dependencies")):
            askers.setdefault(tuple(text_of(item).split(" ")[:2]), []).append(text_of(entry.get("name")))
    return Contents(
        tuple(_locked(entry, askers) for entry in entries if entry.get("source")),
        form=str(top.get("version", "")),
        locked=True,
        own=frozenset(crate_name(text_of(entry.get("name"))) for entry in own),
    )


def _locked(entry: dict[str, object], askers: dict[tuple[str, ...], list[str]]) -> Package:
    name, version, source = (text_of(entry.get(key)) for key in ("name", "version", "source"))
    kind = Source.GIT if source.startswith("git+") else Source.REGISTRY
    asked = [*askers.get((name,), ()), *askers.get((name, version), ())]
    return Package(
        name=crate_name(name),
        written=name,
        version=version,
        direct=bool(asked),
        source=kind,
        url=shown_url(source) if kind is Source.GIT or source.startswith("registry+http://") else "",
        hashed=bool(entry.get("checksum")),
        environment=" ".join(sorted(set(asked))),
    )
