"""Maven's pom.xml: https://maven.apache.org/pom.html"""

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.analysis.dependency.packages import Contents, Package, Scope, Unreadable, shown_url
from bot.analysis.dependency.untrusted import Element, read_xml

_PROPERTY = re.compile(r"\$\{([^}\s]{1,200})\}")
_SCOPES = {"test": Scope.DEV, "provided": Scope.RUNTIME, "system": Scope.RUNTIME}
_MAX_STEPS = 5


# The version of the project itself: its modules follow it, and no package becomes older or newer by it.
_OWN_VERSION = re.compile(r"\$\{((project|pom)\.)?(parent\.)?(version|revision)\}")


def read_pom(text: str) -> Contents:
    """Parent and dependencies with the file's own properties put in; what a parent defines stays as it is written."""
    project = read_xml(text)
    if project.name != "project":
        raise Unreadable("it is not a Maven project")
    properties = {child.name: child.text.strip() for holder in project.all("properties") for child in holder.children}
    for name in ("version", "groupId"):
        properties[f"project.{name}"] = project.value(name) or project.value("parent", name)
    packages = [
        found
        for holder in (project, *project.all("profiles", "profile"))
        for found in _declared(holder, properties, profile="" if holder is project else holder.value("id") or "?")
    ]
    parents = [
        _package(parent, properties, "parent") for parent in project.all("parent") if _is_foreign(project, parent)
    ]
    places = [*project.all("repositories", "repository"), *project.all("pluginRepositories", "pluginRepository")]
    return Contents((*parents, *packages), tuple(shown_url(place.value("url")) for place in places))


def _is_foreign(project: Element, parent: Element) -> bool:
    """Whether the parent comes from a repository: not if the project is a module of it, in its group and version."""
    path = parent.first("relativePath")
    if path is not None and not path.text.strip():
        return True
    group = project.value("groupId").split(".")
    related = group == [""] or path is not None or group[:2] == parent.value("groupId").split(".")[:2]
    return not (related and project.value("version") in {"", parent.value("version")})


def _declared(holder: Element, properties: dict[str, str], *, profile: str) -> Iterator[Package]:
    places = (
        ("dependencies", holder.all("dependencies", "dependency")),
        ("managed", holder.all("dependencyManagement", "dependencies", "dependency")),
        ("plugins", holder.all("build", "plugins", "plugin")),
        ("managed plugins", holder.all("build", "pluginManagement", "plugins", "plugin")),
    )
    for place, elements in places:
        for element in elements:
            parts = (profile, place, element.value("type"), element.value("classifier"))
            found = _package(element, properties, " ".join(part for part in parts if part))
            yield replace(found, conditional=bool(profile))


def _package(element: Element, properties: dict[str, str], environment: str) -> Package:
    plugin = element.name == "plugin"
    group = resolve(element.value("groupId"), properties) or ("org.apache.maven.plugins" if plugin else "")
    name = f"{group}:{resolve(element.value('artifactId'), properties)}"
    scope = Scope.DEV if plugin else _SCOPES.get(element.value("scope"), Scope.RUNTIME)
    version = element.first("version")
    written = element.value("version")
    return Package(
        name=name,
        written=name,
        version=written if _OWN_VERSION.fullmatch(written) else resolve(written, properties),
        scope=Scope.OPTIONAL if element.value("optional") == "true" and scope is Scope.RUNTIME else scope,
        environment=environment,
        line=(version or element).line,
    )


def resolve(value: str, properties: dict[str, str]) -> str:
    """A value with `${…}` replaced, a few steps deep: properties may name one another, even in a circle."""
    for _ in range(_MAX_STEPS):
        replaced = _PROPERTY.sub(lambda match: properties.get(match[1], match[0])[:500], value)
        if replaced == value or len(replaced) > 500:
            break
        value = replaced
    return value[:500]
