"""composer.json and composer.lock: https://getcomposer.org/doc/04-schema.md"""

from collections.abc import Iterator

from bot.analysis.dependency.packages import (
    Contents,
    Package,
    Scope,
    list_of,
    shown_url,
    table_of,
    text_of,
    with_direct,
)
from bot.analysis.dependency.untrusted import read_json


def read_composer_json(text: str) -> Contents:
    """`require` and `require-dev`; PHP itself and its extensions are no packages."""
    top = read_json(text)
    packages = [
        Package(name=name.lower(), written=name, version=text_of(constraint).strip(), scope=scope, environment=section)
        for section, scope in (("require", Scope.RUNTIME), ("require-dev", Scope.DEV))
        for name, constraint in table_of(top.get(section)).items()
        if "/" in name
    ]
    return Contents(
        tuple(packages),
        tuple(_indexes(top.get("repositories"))),
        project=text_of(top.get("name")).lower(),
        own=frozenset(_provided(top)),
    )


def _provided(entry: dict[str, object]) -> Iterator[str]:
    """Names that a package stands for: an interface that it implements, a package that it contains."""
    for section in ("provide", "replace"):
        yield from (name.lower() for name in table_of(entry.get(section)))


def _indexes(repositories: object) -> Iterator[str]:
    listed = repositories if isinstance(repositories, list) else list(table_of(repositories).values())
    for entry in map(table_of, listed):
        if url := text_of(entry.get("url")):
            yield shown_url(url)


def read_composer_lock(text: str) -> Contents:
    """Composer's lock. Its checksums are empty for most packages, so they tell nothing."""
    top = read_json(text)
    packages = []
    required: set[str] = set()
    provided: set[str] = set()
    for section, scope in (("packages", Scope.RUNTIME), ("packages-dev", Scope.DEV)):
        for entry in map(table_of, list_of(top.get(section))):
            required |= {other.lower() for other in table_of(entry.get("require"))}
            provided |= set(_provided(entry))
            name, url = text_of(entry.get("name")), text_of(table_of(entry.get("dist")).get("url"))
            packages.append(
                Package(
                    name=name.lower(),
                    written=name,
                    version=text_of(entry.get("version")),
                    direct=None,
                    scope=scope,
                    url=shown_url(url) if url.startswith("http://") else "",
                )
            )
    return Contents(
        with_direct(packages, required),
        form=text_of(top.get("plugin-api-version")).split(".")[0],
        locked=True,
        own=frozenset(provided),
    )
