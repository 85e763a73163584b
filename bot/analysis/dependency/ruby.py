"""Gemfile, its plain lines, and Gemfile.lock: https://bundler.io/man/gemfile.5.html"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.analysis.dependency.packages import Contents, Package, Scope, Source, Unreadable, for_development, shown_url

_GEM = re.compile(r"""^\s*+gem\s*+\(?\s*+(['"])(?P<name>[^'"]+)\1(?P<rest>.*)$""")
# A gem takes its dependencies from its gemspec; what else its Gemfile names is for its developers.
_GEMSPEC = re.compile(r"^gemspec\b", re.MULTILINE)
_SOURCE = re.compile(r"""^\s*+source\s*+\(?\s*+(['"])(?P<url>[^'"]+)\1""")
_GROUP = re.compile(r"^\s*+group\s*+\(?\s*+(?P<names>[^#]{0,500}?)\)?\s{1,20}do\b")
_BLOCK = re.compile(r"\bdo\b(\s*\|[^|]*\|)?\s*(#.*)?$|^\s*(if|unless|case|begin)\b")
_VERSION = re.compile(r"""^\s*,\s*((?:(['"])\s*(?:[~<>=!]*\s*)?\d[^'"]*\2\s*,?\s*)+)""")
_QUOTED = re.compile(r"""(['"])([^'"]*)\1""")
_PLACE = re.compile(r"""(?::|\b)(git|github|gist|bitbucket|path)\s*(?:=>|:)\s*(['"])(?P<url>[^'"]+)\2""")
_PLACE_BLOCK = re.compile(r"""^\s*(git|github|path)\s*\(?\s*(['"])(?P<url>[^'"]+)\2""")
_CONDITION = re.compile(r"^\s*(if|unless|case|install_if|platforms?)\b")
_CONDITIONAL_GEM = re.compile(r"platform|install_if|\s(if|unless)\s")
_SPEC = re.compile(r"^    (?P<name>[^\s(]+) \((?P<version>[^)]+)\)$")
_DEPENDENCY = re.compile(r"^  (?P<name>[^\s(!]+)")
_CHECKSUM = re.compile(r"^  (?P<name>[^\s(]+) \((?P<version>[^)]+)\) sha")


@dataclass(frozen=True, slots=True)
class _Block:
    """What holds for the gems inside of `group … do`, `platforms … do`, `path … do`, `if …` and the like."""

    head: str
    dev: bool = False
    conditional: bool = False
    source: Source = Source.REGISTRY
    url: str = ""


# Blocks around a gem that are looked at. A file may open a block on each line and close none.
_DEEPEST = 20
# No gem needs a longer line. The fuzzer found one of 100,000 characters that took three seconds.
_MOST_LINE = 2_000


def read_gemfile(text: str) -> Contents:
    """`gem` lines with the groups around them. Ruby that computes its gems is not run, and so not seen."""
    packages: list[Package] = []
    indexes = []
    blocks = [_Block("", dev=True)] if _GEMSPEC.search(text) else []
    for number, whole in enumerate(text.split("\n"), start=1):
        line = whole[:_MOST_LINE]
        if match := _SOURCE.match(line):
            indexes.append(shown_url(match["url"]))
        if match := _GEM.match(line):
            packages.append(_gem(match["name"], match["rest"], number, blocks[-_DEEPEST:]))
        if _BLOCK.search(line):
            blocks.append(_block(line))
        elif re.match(r"^\s*end\b", line) and blocks:
            blocks.pop()
    return Contents(tuple(packages), tuple(indexes))


def _block(line: str) -> _Block:
    group, place = _GROUP.match(line), _PLACE_BLOCK.match(line)
    names = re.findall(r"\w+", group["names"]) if group else []
    return _Block(
        head=" ".join(line.split())[:100],
        dev=bool(group) and all(map(for_development, names)),
        conditional=bool(_CONDITION.match(line)),
        source=Source.REGISTRY if place is None else _kind(place[1]),
        url=shown_url(place["url"]) if place else "",
    )


def _kind(word: str) -> Source:
    return Source.PATH if word == "path" else Source.GIT


def _gem(name: str, rest: str, number: int, blocks: list[_Block]) -> Package:
    versions = _VERSION.match(rest)
    place = _PLACE.search(rest)
    around = next((block for block in reversed(blocks) if block.source is not Source.REGISTRY), _Block(""))
    dev = any(block.dev for block in blocks)
    inline = re.search(r"groups?:\s*\[?([^\]\n]*)", rest)
    if inline:
        named = re.findall(r":(\w+)", inline[1])
        dev = dev or (bool(named) and all(map(for_development, named)))
    return Package(
        name=name,
        written=name,
        version=", ".join(part for _, part in _QUOTED.findall(versions[1])) if versions else "",
        scope=Scope.DEV if dev else Scope.RUNTIME,
        source=_kind(place[1]) if place else around.source,
        url=shown_url(place["url"]) if place else around.url,
        conditional=bool(_CONDITIONAL_GEM.search(rest)) or any(block.conditional for block in blocks),
        environment=" ".join(block.head for block in blocks if block.head),
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
                # Bundler writes the platform behind the version: https://guides.rubygems.org/what-is-a-gem/
                version, _, platform = match["version"].partition("-")
                packages.append(
                    Package(
                        name=match["name"],
                        written=match["name"],
                        version=version,
                        direct=match["name"] in direct,
                        source=source,
                        url=remote if source is not Source.REGISTRY or remote.startswith("http://") else "",
                        hashed=(match["name"], match["version"]) in hashed,
                        environment=platform,
                        line=number,
                    )
                )
    # Bundler does not lock itself among the gems.
    return Contents(tuple(packages), locked=True, own=frozenset({"bundler"}))


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
