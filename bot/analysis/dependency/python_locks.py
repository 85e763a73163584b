"""poetry.lock, uv.lock, pdm.lock, pylock.toml (PEP 751) and Pipfile.lock."""

import re
from collections.abc import Iterator

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
    with_direct,
)
from bot.analysis.dependency.untrusted import read_json, read_toml


def read_poetry_lock(text: str) -> Contents:
    """Poetry's lock, also with the hashes in `[metadata.files]` as before 1.3. PDM's has the same entries."""
    top = read_toml(text)
    metadata = table_of(top.get("metadata"))
    files = table_of(metadata.get("files"))
    entries = [table_of(entry) for entry in list_of(top.get("package"))]
    required = {name for entry in entries for name in _required(entry.get("dependencies"))}
    packages = (_poetry_package(entry, files) for entry in entries)
    form = text_of(metadata.get("lock-version")) or text_of(metadata.get("lock_version"))
    return Contents(with_direct(packages, required), form=form, locked=True)


def _required(dependencies: object) -> Iterator[str]:
    """The names of `{name = constraint}` (Poetry) or of `["name>=1"]` (PDM)."""
    for written in (*table_of(dependencies), *map(text_of, list_of(dependencies))):
        if match := re.match(r"[A-Za-z0-9._-]+", written):
            yield python_name(match[0])


def _poetry_package(entry: dict[str, object], files: dict[str, object]) -> Package:
    name = text_of(entry.get("name"))
    kind, url = _poetry_source(table_of(entry.get("source")), entry)
    groups = [text_of(group) for group in list_of(entry.get("groups"))] or [text_of(entry.get("category"))]
    tooling = all(for_development(group) for group in groups)
    return Package(
        name=python_name(name),
        written=name,
        version=text_of(entry.get("version")),
        direct=None,
        scope=Scope.DEV if tooling else Scope.RUNTIME,
        source=kind,
        url=shown_url(url),
        hashed=_has_hash(entry.get("files")) or _has_hash(files.get(name)),
        environment=_markers(entry.get("markers") or entry.get("marker")),
    )


def _markers(value: object) -> str:
    """One marker, a list of them, or one for each group."""
    parts = [text_of(value), *map(text_of, list_of(value)), *map(text_of, table_of(value).values())]
    return " | ".join(part for part in parts if part)


def _poetry_source(source: dict[str, object], entry: dict[str, object]) -> tuple[Source, str]:
    kind = text_of(source.get("type"))
    if kind in {"git", "hg", "svn"} or entry.get("git"):
        return Source.GIT, text_of(source.get("url")) or text_of(entry.get("git"))
    if kind in {"directory", "file"} or entry.get("path"):
        return Source.PATH, text_of(source.get("url")) or text_of(entry.get("path"))
    if kind == "url" or entry.get("url"):
        url = text_of(source.get("url")) or text_of(entry.get("url"))
        return url_source(url), url
    return Source.REGISTRY, ""


def _has_hash(files: object) -> bool:
    return any(table_of(file).get("hash") or table_of(file).get("hashes") for file in list_of(files))


def read_uv_lock(text: str) -> Contents:
    """uv's lock: the projects themselves stand in it and name what is direct."""
    top = read_toml(text)
    entries = [table_of(entry) for entry in list_of(top.get("package"))]
    own = [entry for entry in entries if _is_own(entry)]
    runtime = {name for entry in own for name in _names(entry.get("dependencies"))}
    other = {
        name
        for entry in own
        for key in ("optional-dependencies", "dev-dependencies")
        for group in table_of(entry.get(key)).values()
        for name in _names(group)
    }
    packages = tuple(_uv_package(entry, runtime, other) for entry in entries if not _is_own(entry))
    names = [text_of(entry.get("name")) for entry in own]
    overrides = table_of(top.get("manifest")).get("overrides")
    return Contents(
        packages,
        form=str(top.get("version", "")),
        locked=True,
        own=frozenset({*map(python_name, filter(None, names)), *_names(overrides)}),
        members=frozenset(_folder(entry) for entry in own) - {".", ""},
    )


def _is_own(entry: dict[str, object]) -> bool:
    return bool(_folder(entry))


def _folder(entry: dict[str, object]) -> str:
    source = table_of(entry.get("source"))
    return next((text_of(source[key]) for key in ("editable", "virtual", "directory") if key in source), "")


def _names(items: object) -> Iterator[str]:
    for item in list_of(items):
        yield python_name(text_of(table_of(item).get("name")))


def _uv_package(entry: dict[str, object], runtime: set[str], other: set[str]) -> Package:
    written = text_of(entry.get("name"))
    name = python_name(written)
    source = table_of(entry.get("source"))
    git, url, path = (text_of(source.get(key)) for key in ("git", "url", "path"))
    kind = Source.GIT if git else Source.URL if url else Source.PATH if path else Source.REGISTRY
    return Package(
        name=name,
        written=written,
        version=text_of(entry.get("version")),
        direct=name in runtime or name in other,
        scope=Scope.DEV if name in other and name not in runtime else Scope.RUNTIME,
        source=kind,
        url=shown_url(git or url or path),
        hashed=_has_hash([entry.get("sdist")]) or _has_hash(entry.get("wheels")),
        environment=_markers(entry.get("resolution-markers")),
    )


def read_pylock(text: str) -> Contents:
    """The standard lock file: https://packaging.python.org/en/latest/specifications/pylock-toml/"""
    top = read_toml(text)
    entries = [table_of(entry) for entry in list_of(top.get("packages"))]
    required = {name for entry in entries for name in _names(entry.get("dependencies"))}
    # The edges are optional: without any, nothing is known of what is direct.
    packages = tuple(map(_standard_package, entries))
    known = with_direct(packages, required) if required else packages
    return Contents(known, form=text_of(top.get("lock-version")), locked=True)


def _standard_package(entry: dict[str, object]) -> Package:
    name = text_of(entry.get("name"))
    vcs, directory, archive = (table_of(entry.get(key)) for key in ("vcs", "directory", "archive"))
    url = text_of(vcs.get("url")) or text_of(directory.get("path")) or text_of(archive.get("url"))
    return Package(
        name=python_name(name),
        written=name,
        version=text_of(entry.get("version")),
        direct=None,
        source=Source.GIT if vcs else Source.PATH if directory else Source.URL if archive else Source.REGISTRY,
        url=shown_url(url),
        hashed=_has_hash([entry.get("sdist")]) or _has_hash(entry.get("wheels")),
        environment=_markers(entry.get("marker")),
    )


def read_pipfile_lock(text: str) -> Contents:
    """Pipenv's lock. It does not tell direct from indirect."""
    top = read_json(text)
    packages = []
    for section, scope in (("default", Scope.RUNTIME), ("develop", Scope.DEV)):
        for name, value in table_of(top.get(section)).items():
            entry = table_of(value)
            git, path, file = (text_of(entry.get(key)) for key in ("git", "path", "file"))
            url = git or path or file
            packages.append(
                Package(
                    name=python_name(name),
                    written=name,
                    version=text_of(entry.get("version")).removeprefix("=="),
                    direct=None,
                    scope=scope,
                    source=Source.GIT if git else url_source(url) if url else Source.REGISTRY,
                    url=shown_url(url),
                    hashed=bool(entry.get("hashes")),
                    environment=section,
                )
            )
    meta = table_of(top.get("_meta"))
    urls = (text_of(table_of(source).get("url")) for source in list_of(meta.get("sources")))
    return Contents(tuple(packages), tuple(shown_url(url) for url in urls if url), locked=True)
