"""Maven's pom.xml: https://maven.apache.org/pom.html"""

import re
from collections.abc import Iterator

from bot.analysis.dependency.packages import Contents, Package, Scope, Unreadable, shown_url
from bot.analysis.dependency.untrusted import Element, read_xml

_PROPERTY = re.compile(r"\$\{([^}\s]{1,200})\}")
_SCOPES = {"test": Scope.DEV, "provided": Scope.RUNTIME, "system": Scope.RUNTIME}
_MAX_STEPS = 5


def read_pom(text: str) -> Contents:
    """Dependencies with the file's own properties put in; what a parent defines stays as it is written."""
    project = read_xml(text)
    if project.name != "project":
        raise Unreadable("it is not a Maven project")
    properties = {child.name: child.text.strip() for holder in project.all("properties") for child in holder.children}
    for name in ("version", "groupId"):
        properties[f"project.{name}"] = project.value(name) or project.value("parent", name)
    packages = [
        found
        for holder in (project, *project.all("profiles", "profile"))
        for found in _declared(holder, properties, conditional=holder is not project)
    ]
    places = [*project.all("repositories", "repository"), *project.all("pluginRepositories", "pluginRepository")]
    return Contents(tuple(packages), tuple(shown_url(place.value("url")) for place in places))


def _declared(holder: Element, properties: dict[str, str], *, conditional: bool) -> Iterator[Package]:
    managed = holder.all("dependencyManagement", "dependencies", "dependency")
    plugins = holder.all("build", "plugins", "plugin")
    for element in (*holder.all("dependencies", "dependency"), *managed, *plugins):
        plugin = element.name == "plugin"
        group = resolve(element.value("groupId"), properties) or ("org.apache.maven.plugins" if plugin else "")
        artifact = resolve(element.value("artifactId"), properties)
        scope = Scope.DEV if plugin else _SCOPES.get(element.value("scope"), Scope.RUNTIME)
        version = element.first("version")
        yield Package(
            name=f"{group}:{artifact}",
            written=f"{group}:{artifact}",
            version=resolve(element.value("version"), properties),
            scope=Scope.OPTIONAL if element.value("optional") == "true" and scope is Scope.RUNTIME else scope,
            conditional=conditional,
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
