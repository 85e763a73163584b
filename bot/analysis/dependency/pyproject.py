"""pyproject.toml (PEP 621, PEP 735, Poetry, PDM, uv) and Pipfile.

https://packaging.python.org/en/latest/specifications/pyproject-toml/ · https://python-poetry.org/docs/pyproject/
"""

from collections.abc import Iterable, Iterator

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


def read_pyproject(text: str) -> Contents:
    """Everything that a pyproject.toml declares, whichever tool reads it."""
    top = read_toml(text)
    project, tool = table_of(top.get("project")), table_of(top.get("tool"))
    packages = _listed(project.get("dependencies"), Scope.RUNTIME)
    for group, items in table_of(project.get("optional-dependencies")).items():
        packages += _listed(items, Scope.DEV if for_development(group) else Scope.OPTIONAL)
    for items in table_of(top.get("dependency-groups")).values():
        packages += _listed(items, Scope.DEV)
    for items in table_of(table_of(tool.get("pdm")).get("dev-dependencies")).values():
        packages += _listed(items, Scope.DEV)
    packages += _listed(table_of(tool.get("uv")).get("dev-dependencies"), Scope.DEV)
    packages += _listed(table_of(top.get("build-system")).get("requires"), Scope.DEV)
    packages += list(_poetry(table_of(tool.get("poetry"))))
    return Contents(tuple(_with_uv_sources(packages, tool)), tuple(_indexes(tool)))


def _listed(items: object, scope: Scope) -> list[Package]:
    return [found for item in list_of(items) if (found := python_requirement(text_of(item), scope=scope))]


def _poetry(poetry: dict[str, object]) -> Iterator[Package]:
    yield from python_table(table_of(poetry.get("dependencies")), Scope.RUNTIME)
    yield from python_table(table_of(poetry.get("dev-dependencies")), Scope.DEV)
    for name, group in table_of(poetry.get("group")).items():
        scope = Scope.RUNTIME if name == "main" else Scope.DEV
        yield from python_table(table_of(table_of(group).get("dependencies")), scope)


def python_table(table: dict[str, object], scope: Scope) -> Iterator[Package]:
    """Dependencies as `name = "constraint"` or `name = {version = …}`, as Poetry and Pipenv write them."""
    for name, value in table.items():
        if name == "python":
            continue
        entries = list_of(value) if isinstance(value, list) else [value]
        for entry in entries:
            yield _entry(name, entry, scope)


def _entry(name: str, value: object, scope: Scope) -> Package:
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
        conditional=any(key in details for key in ("markers", "python", "platform", "sys_platform")),
    )


def _with_uv_sources(packages: Iterable[Package], tool: dict[str, object]) -> Iterator[Package]:
    """Packages with the sources that `[tool.uv.sources]` gives them; a workspace's own member stays as it is."""
    sources = {python_name(name): value for name, value in table_of(table_of(tool.get("uv")).get("sources")).items()}
    for package in packages:
        details = table_of(sources.get(package.name))
        if any(key in details for key in ("git", "url", "path")):
            yield _entry(package.written, details, package.scope)
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
        *python_table(table_of(top.get("dev-packages")), Scope.DEV),
    ]
    urls = (text_of(table_of(entry).get("url")) for entry in list_of(top.get("source")))
    return Contents(tuple(packages), tuple(shown_url(url) for url in urls if url))
