"""go.mod: https://go.dev/ref/mod#go-mod-file. go.sum holds checksums of what go.mod names and adds nothing."""

import re
from collections.abc import Iterator

from bot.analysis.dependency.packages import Contents, Ecosystem, Package, Source, shown_url
from bot.analysis.dependency.version_order import Key
from bot.analysis.dependency.versions import key_of

_BLOCK = re.compile(r"^(require|replace|exclude|retract|tool|godebug|ignore)\s*\($")
_REQUIRE = re.compile(r"^(?P<name>\S+)\s+(?P<version>v\S+)$")
_REPLACE = re.compile(r"^(?P<name>\S+)(?:\s+(?P<old>v\S+))?\s+=>\s+(?P<target>\S+)(?:\s+(?P<version>v\S+))?$")


def read_go_mod(text: str) -> Contents:
    """Requirements with what `replace` makes of them."""
    required: dict[str, Package] = {}
    replaced: dict[tuple[str, str], tuple[str, str]] = {}
    for number, directive, rest, indirect in _statements(text):
        if directive == "require" and (match := _REQUIRE.match(rest)):
            name = match["name"].strip('"')
            found = Package(name=name, written=name, version=match["version"], direct=not indirect, line=number)
            required[name] = max(required.get(name, found), found, key=_order)
        elif directive == "replace" and (match := _REPLACE.match(rest)):
            key = match["name"].strip('"'), match["old"] or ""
            replaced[key] = (match["target"].strip('"'), match["version"] or "")
    return Contents(
        tuple(
            # A replacement may be for one version only.
            _in_force(package, replaced.get((name, package.version)) or replaced.get((name, "")))
            for name, package in required.items()
        )
    )


def _order(package: Package) -> tuple[bool, Key]:
    """Of several requirements for a module, the newest holds."""
    key = key_of(package.version, Ecosystem.GO)
    return key is not None, key or ()


def _in_force(package: Package, replacement: tuple[str, str] | None) -> Package:
    if replacement is None:
        return package
    target, version = replacement
    local = target.startswith(("./", "../", "/")) or target in {".", ".."}
    return Package(
        name=package.name,
        written=package.written,
        version="" if local else version,
        direct=package.direct,
        source=Source.PATH if local else Source.REGISTRY,
        # A fork is fetched through the same proxy and checked by the same sums, but it is not the same module.
        url=shown_url(target),
        line=package.line,
    )


def _statements(text: str) -> Iterator[tuple[int, str, str, bool]]:
    """(line number, directive, what follows it, whether it is marked indirect); blocks are unfolded."""
    block = ""
    for number, raw in enumerate(text.split("\n"), start=1):
        code, _, comment = raw.partition("//")
        line = " ".join(code.split())
        if match := _BLOCK.match(line):
            block = match[1]
        elif line == ")":
            block = ""
        elif line:
            directive, _, rest = (block, "", line) if block else line.partition(" ")
            yield number, directive, rest, comment.strip().startswith("indirect")
