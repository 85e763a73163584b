"""pyproject.toml (PEP 621, PEP 735, Poetry, PDM, uv) and Pipfile.

https://packaging.python.org/en/latest/specifications/pyproject-toml/ · https://python-poetry.org/docs/pyproject/
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.analysis.dependency.packages import (
    Contents,
    Package,
    Scope,
    Source,
    for_development,
    list_of,
    python_name,
    shown_url,
    table_of,
    text_of,
    url_source,
)
from bot.analysis.dependency.requirements import python_requirement
from bot.analysis.dependency.untrusted import read_toml

# The lock files that have a section which only some tools read; () where a lock may lack it.
_BY_UV, _BY_POETRY, _BY_NONE = ("uv.lock",), ("poetry.lock",), ()


def read_pyproject(text: str) -> Contents:
    """Everything that a pyproject.toml declares, whichever tool reads it."""
    top = read_toml(text)
    project, tool = table_of(top.get("project")), table_of(top.get("tool"))
    uv = table_of(tool.get("uv"))
    packages = _listed(project.get("dependencies"), Scope.RUNTIME)
    for group, items in table_of(project.get("optional-dependencies")).items():
        scope = Scope.DEV if for_development(group) else Scope.OPTIONAL
        packages += _listed(items, scope, f"extra {group}", _BY_UV)
    for group, items in table_of(top.get("dependency-groups")).items():
        packages += _listed(items, Scope.DEV, f"group {group}", _BY_UV)
    for group, items in table_of(table_of(tool.get("pdm")).get("dev-dependencies")).items():
        packages += _listed(items, Scope.DEV, f"group {group}", _BY_NONE)
    packages += _listed(uv.get("dev-dependencies"), Scope.DEV, "uv dev", _BY_UV)
    packages += _listed(table_of(top.get("build-system")).get("requires"), Scope.DEV, "build", _BY_NONE)
    packages += list(_poetry(table_of(tool.get("poetry"))))
    name = text_of(project.get("name")) or text_of(table_of(tool.get("poetry")).get("name"))
    return Contents(
        tuple(_with_uv_sources(packages, tool)),
        tuple(_indexes(tool)),
        project=python_name(name) if name else "",
        own=frozenset(one.name for one in _listed(uv.get("override-dependencies"), Scope.RUNTIME)),
        workspace="workspace" in uv,
    )


def _listed(items: object, scope: Scope, section: str = "", locked_by: tuple[str, ...] | None = None) -> list[Package]:
    written = (python_requirement(text_of(item), scope=scope, section=section, locked_by=locked_by)
               for item in list_of(items))  # fmt: skip
    return [found for found in written if found]


def _poetry(poetry: dict[str, object]) -> Iterator[Package]:
    yield from python_table(table_of(poetry.get("dependencies")), Scope.RUNTIME, "poetry", _BY_POETRY)
    yield from python_table(table_of(poetry.get("dev-dependencies")), Scope.DEV, "poetry dev", _BY_POETRY)
    for name, group in table_of(poetry.get("group")).items():
        scope = Scope.RUNTIME if name == "main" else Scope.DEV
        entries = table_of(table_of(group).get("dependencies"))
        yield from python_table(entries, scope, f"poetry group {name}", _BY_POETRY)


def python_table(
    table: dict[str, object], scope: Scope, section: str = "", locked_by: tuple[str, ...] | None = None
) -> Iterator[Package]:
    """Dependencies as `name = "constraint"` or `name = {version = …}`, as Poetry and Pipenv write them."""
    for name, value in table.items():
        if name == "python":
            continue
        entries = list_of(value) if isinstance(value, list) else [value]
        for entry in entries:
            yield replace(_entry(name, entry, scope, section), locked_by=locked_by)


_CONDITIONS = ("markers", "marker", "python", "platform", "sys_platform")


def _entry(name: str, value: object, scope: Scope, section: str = "") -> Package:
    details = table_of(value)
    git, url, path = (text_of(details.get(key)) for key in ("git", "url", "path"))
    source = Source.GIT if git else url_source(url) if url else Source.PATH if path else Source.REGISTRY
    version = text_of(value) or text_of(details.get("version"))
    return Package(
        name=python_name(name),
        written=name,
        version="" if source is not Source.REGISTRY else version.strip(),
        scope=Scope.OPTIONAL if details.get("optional") is True and scope is Scope.RUNTIME else scope,
        source=source,
        url=shown_url(git or url or path),
        conditional=any(key in details for key in _CONDITIONS),
        environment=" ".join(
            [section, *(f"{key} {text_of(details.get(key))}" for key in _CONDITIONS if key in details)]
        ),
    )


def _with_uv_sources(packages: Iterable[Package], tool: dict[str, object]) -> Iterator[Package]:
    """Packages with the sources that `[tool.uv.sources]` gives them; a member of the workspace is a folder."""
    sources = {python_name(name): value for name, value in table_of(table_of(tool.get("uv")).get("sources")).items()}
    for package in packages:
        details = table_of(sources.get(package.name))
        if any(key in details for key in ("git", "url", "path")):
            moved = _entry(package.written, details, package.scope)
            yield replace(package, version="", source=moved.source, url=moved.url)
        elif details.get("workspace") is True:
            yield replace(package, source=Source.PATH)
        else:
            yield package


def _indexes(tool: dict[str, object]) -> Iterator[str]:
    uv, poetry, pdm = (table_of(tool.get(name)) for name in ("uv", "poetry", "pdm"))
    for entry in (*list_of(uv.get("index")), *list_of(poetry.get("source")), *list_of(pdm.get("source"))):
        if url := text_of(table_of(entry).get("url")):
            yield shown_url(url)
    for address in (uv.get("index-url"), *list_of(uv.get("extra-index-url"))):
        if text_of(address):
            yield shown_url(text_of(address))


def read_pipfile(text: str) -> Contents:
    """Pipenv's manifest."""
    top = read_toml(text)
    packages = [
        *python_table(table_of(top.get("packages")), Scope.RUNTIME),
        *python_table(table_of(top.get("dev-packages")), Scope.DEV, "dev"),
    ]
    urls = (text_of(table_of(entry).get("url")) for entry in list_of(top.get("source")))
    return Contents(tuple(packages), tuple(shown_url(url) for url in urls if url))
