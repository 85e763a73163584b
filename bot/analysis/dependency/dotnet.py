"""NuGet: project files and Directory.*.props of MSBuild, packages.config and packages.lock.json.

https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files
https://learn.microsoft.com/nuget/consume-packages/central-package-management
https://learn.microsoft.com/nuget/reference/packages-config
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.analysis.dependency.packages import Contents, Package, Scope, Unreadable, shown_url, table_of, text_of
from bot.analysis.dependency.untrusted import Element, read_json, read_xml

_PROPERTY = re.compile(r"\$\(([\w.-]{1,200})\)")
_MAX_STEPS = 5
_REFERENCES = frozenset(
    {"packagereference", "packageversion", "globalpackagereference", "packagedownload", "dotnetclitoolreference"}
)
# What no lock of the file has, or only under other conditions.
_NOT_LOCKED = _REFERENCES - {"packagereference"}
_TOOLS = frozenset({"globalpackagereference", "packagedownload", "dotnetclitoolreference"})
# A central version does not tell what it is for; these are for tests and for builds.
_DEV = re.compile(
    r"^(?:xunit|nunit|mstest|moq|nsubstitute|fakeiteasy|autofixture|bogus|fluentassertions|shouldly|coverlet"
    r"|verify(?:xunit|nunit|mstest)|benchmarkdotnet|reportgenerator|minver|gitversion|nerdbankgitversioning|stylecop"
    r"|microsoftnettestsdk|microsofttesting|microsoftsourcelink)|analyzers?$"
)
# The version of a package that other files refer to. `PackageVersion` alone is that of the project itself.
_VERSION_OF = re.compile(r"^(\w{1,200})packageversion$", re.IGNORECASE)
_SDK = re.compile(r"^([\w.-]{1,200})/([^/;]{1,100})$")
_SOURCES = frozenset({"restoresources", "restoreadditionalprojectsources"})


@dataclass(frozen=True, slots=True)
class _Item:
    """An item of a project. condition: of it and of what it stands in; empty for none."""

    element: Element
    condition: str


def read_project(text: str) -> Contents:
    """A project or a file of properties that projects import, with the file's own properties put in."""
    project = read_xml(text)
    if project.name.lower() != "project":
        raise Unreadable("it is not a project of MSBuild")
    below = [*_descendants(project, "")]
    items = [item for item in below if item.element.name.lower() in _REFERENCES]
    set_here = [one for item in below if item.element.name.lower() == "propertygroup" for one in item.element.children]
    properties = {one.name.lower(): one.text.strip() for one in set_here}
    packages = [found for item in items if (found := _package(item, properties))]
    indexes = [
        shown_url(url)
        for name in _SOURCES
        for url in properties.get(name, "").split(";")
        if url.strip().lower().startswith(("http://", "https://"))
    ]
    used = {name.lower() for item in items for name in _PROPERTY.findall(_version(item.element))}
    elsewhere = [found for one in set_here if one.name.lower() not in used and (found := _set_for_others(one))]
    return Contents((*_sdk(project), *packages, *elsewhere), tuple(indexes))


def _descendants(element: Element, condition: str) -> Iterator[_Item]:
    """Yield the elements below one. An `Otherwise` has the opposite of the conditions beside it."""
    for child in element.children:
        own = child.attribute("condition") or ("otherwise" if child.name.lower() == "otherwise" else "")
        found = _Item(child, " and ".join(part for part in (condition, own) if part)[:500])
        yield found
        yield from _descendants(child, found.condition)


def _sdk(project: Element) -> Iterator[Package]:
    if match := _SDK.match(project.attribute("sdk")):
        yield Package(
            name=match[1].lower(), written=match[1], version=match[2], scope=Scope.DEV, environment="sdk",
            locked_by=(), line=project.line,
        )  # fmt: skip


def _package(item: _Item, properties: Mapping[str, str]) -> Package | None:
    element, kind = item.element, item.element.name.lower()
    update = element.attribute("update")
    name = _resolved(element.attribute("include") or update, properties)
    if not name or ";" in name:
        return None
    private = "all" in re.split(r"[;\s]+", _metadata(element, "privateassets").lower())
    dev = private or kind in _TOOLS or _is_dev(name)
    return Package(
        name=name.lower(),
        written=name,
        version=_resolved(_version(element), properties),
        scope=Scope.DEV if dev else Scope.RUNTIME,
        conditional=bool(item.condition),
        environment=" ".join(part for part in (kind, "update" if update else "", item.condition) if part),
        locked_by=() if kind in _NOT_LOCKED or update else None,
        line=element.line,
    )


def _is_dev(name: str) -> bool:
    """Whether a name is that of a package for tests or builds. Properties are named without the dots."""
    return bool(_DEV.search(name.lower().replace(".", "")))


def _set_for_others(element: Element) -> Package | None:
    """A property with the version of a package whose reference stands in another file."""
    match, version = _VERSION_OF.match(element.name), element.text.strip()
    if match is None or not version[:1].isdigit():
        return None
    return Package(
        name=element.name.lower(), written=element.name, version=version[:500],
        scope=Scope.DEV if _is_dev(match[1]) else Scope.RUNTIME,
        environment="property", locked_by=(), line=element.line,
    )  # fmt: skip


def _version(element: Element) -> str:
    return _metadata(element, "versionoverride") or _metadata(element, "version")


def _metadata(element: Element, name: str) -> str:
    """A property of an item: an attribute, or an element in it. MSBuild does not distinguish case."""
    inner = next((child.text for child in element.children if child.name.lower() == name), "")
    return (element.attribute(name) or inner).strip()


def _resolved(value: str, properties: Mapping[str, str]) -> str:
    """A value with `$(…)` replaced, a few steps deep. What another file sets stays as it is written."""
    for _ in range(_MAX_STEPS):
        replaced = _PROPERTY.sub(lambda match: properties.get(match[1].lower(), match[0])[:500], value)
        if replaced == value or len(replaced) > 500:
            break
        value = replaced
    return value.strip()[:500]


def read_packages_config(text: str) -> Contents:
    """The exact versions of a project of the older format."""
    top = read_xml(text)
    if top.name.lower() != "packages":
        raise Unreadable("it is no list of packages")
    packages = []
    for element in top.children:
        name = element.attribute("id")
        if element.name.lower() != "package" or not name:
            continue
        dev = element.attribute("developmentdependency").lower() == "true" or _is_dev(name)
        packages.append(
            Package(
                name=name.lower(), written=name, version=element.attribute("version")[:500],
                # The file lists what the packages need, too, and does not tell it apart.
                direct=None, scope=Scope.DEV if dev else Scope.RUNTIME,
                environment=element.attribute("targetframework"), line=element.line,
            )
        )  # fmt: skip
    return Contents(tuple(packages))


def read_nuget_lock(text: str) -> Contents:
    """NuGet's lock: packages by framework. Projects of the solution are in it by their names."""
    top = read_json(text)
    packages: list[Package] = []
    own: set[str] = set()
    for framework, entries in table_of(top.get("dependencies")).items():
        for name, value in table_of(entries).items():
            entry = table_of(value)
            kind = text_of(entry.get("type"))
            if kind == "Project":
                own.add(name.lower())
                continue
            packages.append(
                Package(
                    name=name.lower(), written=name, version=text_of(entry.get("resolved")),
                    direct=kind == "Direct", scope=Scope.DEV if _is_dev(name) else Scope.RUNTIME,
                    hashed=bool(entry.get("contentHash")), environment=framework,
                )
            )  # fmt: skip
    return Contents(tuple(packages), form=str(top.get("version", ""))[:20], locked=True, own=frozenset(own))
