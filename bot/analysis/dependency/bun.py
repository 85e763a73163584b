"""bun.lock, JSON with comments and trailing commas: https://bun.com/docs/pm/lockfile"""

from collections.abc import Iterator

from bot.analysis.dependency.javascript import SECTIONS, npm_source, overridden
from bot.analysis.dependency.packages import Contents, Package, Scope, Source, list_of, shown_url, table_of, text_of
from bot.analysis.dependency.untrusted import read_json_with_comments


def read_bun_lock(text: str) -> Contents:
    """`workspaces` names what is direct, `packages` has `[locator, registry, details, hash]` by path."""
    top = read_json_with_comments(text)
    workspaces = {folder: table_of(value) for folder, value in table_of(top.get("workspaces")).items()}
    scopes = {
        name: scope
        for section, scope in reversed(SECTIONS)
        for workspace in workspaces.values()
        for name in table_of(workspace.get(section))
    }
    own = {overridden(key) for key in table_of(top.get("overrides"))}
    own |= {text_of(workspace.get("name")) for workspace in workspaces.values()}
    packages = tuple(_packages(table_of(top.get("packages")), scopes, own))
    return Contents(
        packages,
        form=str(top.get("lockfileVersion", "")),
        locked=True,
        own=frozenset(own) - {""},
        members=frozenset(workspaces) - {""},
    )


def _packages(entries: dict[str, object], scopes: dict[str, Scope], own: set[str]) -> Iterator[Package]:
    for path, value in entries.items():
        parts = [text_of(part) for part in list_of(value)]
        locator = parts[0] if parts else ""
        other, _, version = locator[1:].partition("@")
        other = locator[:1] + other
        parent, name = _split(path)
        if version.startswith(("workspace:", "link:")):
            own.add(name)
            continue
        source, url = npm_source(version)
        scope = scopes.get(name) if not parent else None
        yield Package(
            name=name,
            written=name,
            version=version if source is Source.REGISTRY else "",
            direct=scope is not None,
            scope=scope or Scope.RUNTIME,
            source=source,
            url=f"npm:{other}" if source is Source.REGISTRY and other != name else shown_url(url),
            hashed=any(part.startswith("sha") for part in parts[1:]),
            environment=parent,
        )


def _split(path: str) -> tuple[str, str]:
    """(parent, name) of a path such as `a/@scope/b`."""
    parts = path.split("/")
    size = 2 if len(parts) > 1 and parts[-2].startswith("@") else 1
    return "/".join(parts[:-size]), "/".join(parts[-size:])
