"""go.mod: https://go.dev/ref/mod#go-mod-file. go.sum holds checksums of what go.mod names and adds nothing."""

import re
from collections.abc import Iterator

from bot.analysis.dependency.packages import Contents, Package, Source, shown_url

_BLOCK = re.compile(r"^(require|replace|exclude|retract|tool|godebug|ignore)\s*\($")
_REQUIRE = re.compile(r"^(?P<name>\S+)\s+(?P<version>v\S+)$")
_REPLACE = re.compile(r"^(?P<name>\S+)(?:\s+v\S+)?\s+=>\s+(?P<target>\S+)(?:\s+(?P<version>v\S+))?$")


def read_go_mod(text: str) -> Contents:
    """Requirements with what `replace` makes of them."""
    required: dict[str, Package] = {}
    replaced: dict[str, tuple[str, str]] = {}
    for number, directive, rest, indirect in _statements(text):
        if directive == "require" and (match := _REQUIRE.match(rest)):
            name = match["name"].strip('"')
            required[name] = Package(
                name=name, written=name, version=match["version"], direct=not indirect, line=number
            )  # fmt: skip
        elif directive == "replace" and (match := _REPLACE.match(rest)):
            replaced[match["name"].strip('"')] = (match["target"].strip('"'), match["version"] or "")
    return Contents(tuple(_in_force(package, replaced.get(package.name)) for package in required.values()))


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
