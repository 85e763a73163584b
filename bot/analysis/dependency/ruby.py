"""Gemfile, its plain lines, and Gemfile.lock: https://bundler.io/man/gemfile.5.html"""

import re
from collections.abc import Iterator

from bot.analysis.dependency.packages import Contents, Package, Scope, Source, Unreadable, for_development, shown_url

_GEM = re.compile(r"""^\s*gem\s*\(?\s*(['"])(?P<name>[^'"]+)\1(?P<rest>.*)$""")
_SOURCE = re.compile(r"""^\s*source\s*\(?\s*(['"])(?P<url>[^'"]+)\1""")
_GROUP = re.compile(r"^\s*group\s*\(?\s*(?P<names>[^#]*?)\)?\s+do\b")
_BLOCK = re.compile(r"\bdo\b(\s*\|[^|]*\|)?\s*(#.*)?$|^\s*(if|unless|case|begin)\b")
_VERSION = re.compile(r"""^\s*,\s*((?:(['"])\s*(?:[~<>=!]*\s*)?\d[^'"]*\2\s*,?\s*)+)""")
_QUOTED = re.compile(r"""(['"])([^'"]*)\1""")
_PLACE = re.compile(r"""(?::|\b)(git|github|gist|bitbucket|path)\s*(?:=>|:)\s*(['"])(?P<url>[^'"]+)\2""")
_SPEC = re.compile(r"^    (?P<name>[^\s(]+) \((?P<version>[^)]+)\)$")
_DEPENDENCY = re.compile(r"^  (?P<name>[^\s(!]+)")
_CHECKSUM = re.compile(r"^  (?P<name>[^\s(]+) \((?P<version>[^)]+)\) sha")


def read_gemfile(text: str) -> Contents:
    """`gem` lines with the groups around them. Ruby that computes its gems is not run, and so not seen."""
    packages: list[Package] = []
    indexes = []
    blocks: list[bool] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if match := _SOURCE.match(line):
            indexes.append(shown_url(match["url"]))
        if match := _GEM.match(line):
            packages.append(_gem(match["name"], match["rest"], number, dev=any(blocks)))
        group = _GROUP.match(line)
        if group or _BLOCK.search(line):
            blocks.append(
                bool(group) and all(map(for_development, re.findall(r"\w+", group["names"] if group else "")))
            )
        elif re.match(r"^\s*end\b", line) and blocks:
            blocks.pop()
    return Contents(tuple(packages), tuple(indexes))


def _gem(name: str, rest: str, number: int, *, dev: bool) -> Package:
    versions = _VERSION.match(rest)
    place = _PLACE.search(rest)
    inline = re.search(r"groups?:\s*\[?([^\]\n]*)", rest)
    if inline:
        named = re.findall(r":(\w+)", inline[1])
        dev = dev or (bool(named) and all(map(for_development, named)))
    source = Source.REGISTRY if place is None else Source.PATH if place[1] == "path" else Source.GIT
    return Package(
        name=name,
        written=name,
        version=", ".join(part for _, part in _QUOTED.findall(versions[1])) if versions else "",
        scope=Scope.DEV if dev else Scope.RUNTIME,
        source=source,
        url=shown_url(place["url"]) if place else "",
        conditional="platform" in rest or "install_if" in rest,
        line=number,
    )


def read_gemfile_lock(text: str) -> Contents:
    """Bundler's lock: sections in capitals, specs at four spaces, direct ones under DEPENDENCIES."""
    sections = list(_sections(text))
    if text.strip() and not sections:
        raise Unreadable("it is not a Gemfile.lock")
    direct = {
        match["name"]
        for name, _, lines in sections
        if name == "DEPENDENCIES"
        for _, line in lines
        if (match := _DEPENDENCY.match(line))
    }
    hashed = {
        (match["name"], match["version"])
        for name, _, lines in sections
        if name == "CHECKSUMS"
        for _, line in lines
        if (match := _CHECKSUM.match(line))
    }
    packages = []
    for section, remote, lines in sections:
        source = {"GEM": Source.REGISTRY, "GIT": Source.GIT, "PATH": Source.PATH}.get(section)
        for number, line in lines if source else ():
            if (match := _SPEC.match(line)) and source:
                packages.append(
                    Package(
                        name=match["name"],
                        written=match["name"],
                        version=match["version"],
                        direct=match["name"] in direct,
                        source=source,
                        url=remote if source is not Source.REGISTRY or remote.startswith("http://") else "",
                        hashed=(match["name"], match["version"]) in hashed,
                        line=number,
                    )
                )
    return Contents(tuple(packages), locked=True)


def _sections(text: str) -> Iterator[tuple[str, str, list[tuple[int, str]]]]:
    """(name, remote without credentials, numbered lines) of each section."""
    name, remote = "", ""
    lines: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if re.match(r"^[A-Z][A-Z ]+$", line):
            if name:
                yield name, remote, lines
            name, remote, lines = line, "", []
        elif line.startswith("  remote: ") and not remote:
            remote = shown_url(line[len("  remote: ") :])
        elif name:
            lines.append((number, line))
    if name:
        yield name, remote, lines
