"""The order of versions within each ecosystem: what comes before, after or beside a release.

PyPI: https://packaging.python.org/en/latest/specifications/version-specifiers/ (read by `packaging`) ·
npm, Cargo, Go: https://semver.org ·
RubyGems: https://docs.ruby-lang.org/en/master/Gem/Version.html ·
Composer: https://getcomposer.org/doc/04-schema.md#version ·
Maven: https://maven.apache.org/pom.html#version-order-specification ·
NuGet: https://learn.microsoft.com/nuget/concepts/package-versioning
"""

import re
from dataclasses import dataclass
from typing import Any

from bot.analysis.dependency.packages import Ecosystem

Key = tuple[Any, ...]
_NUMBERS = re.compile(r"^[vV=]?(?P<numbers>\d+(?:\.\d+)*)(?P<rest>.*)$", re.DOTALL)
_LONGEST = 200
_TOKEN = re.compile(r"\d{1,100}|[A-Za-z]+")
# A commit id among the identifiers of a pre-release says nothing about the order; a date of eight digits does.
_COMMIT = re.compile(r"^(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{7,40}$")
_RELEASE = (5, 0)
_STAGES = {"dev": -1, "alpha": 0, "beta": 1, "milestone": 2, "rc": 3, "cr": 3, "snapshot": 4}
_SHORT_STAGES = {"a": 0, "b": 1, "m": 2}
_MAVEN_STAGES = {name: rank for name, rank in _STAGES.items() if name != "dev"} | {"sp": 6}
_COMPOSER_STAGES = _STAGES | {"a": 0, "b": 1, "p": 6, "pl": 6, "patch": 6}
_RELEASED = frozenset({"final", "ga", "release", "stable"})
# Spring's former name of a snapshot, and the name of a deployed one.
_SNAPSHOT = re.compile(r"[.-](BUILD-SNAPSHOT|\d{8}\.\d{6}-\d+)$")
_FOR_A_PLATFORM = frozenset({"jre", "jdk", "java"})


@dataclass(frozen=True, slots=True)
class Order:
    """The place of one version.

    key: comparable within one ecosystem. Its first part are the numbers of the release.
    variant: what stands beside the order: versions of the same numbers and different variants have no order.
    """

    key: Key
    variant: str = ""


def order_of(version: str, ecosystem: Ecosystem) -> Order | None:
    """The place of a version; None if it is none (a branch, a name, a placeholder)."""
    text = version.strip()
    if len(text) > _LONGEST:
        return None
    if ecosystem is Ecosystem.PYPI:
        return _pypi(text)
    if ecosystem is Ecosystem.PACKAGIST and text.lower().endswith(".x-dev"):
        return None  # a branch
    match = _NUMBERS.match(text)
    if match is None:
        return None
    numbers, rest = _trimmed(match["numbers"]), match["rest"]
    if ecosystem is Ecosystem.MAVEN:
        return _maven(numbers, rest)
    if ecosystem is Ecosystem.PACKAGIST:
        return _composer(numbers, rest)
    if ecosystem is Ecosystem.RUBYGEMS:
        return _ruby(numbers, rest)
    return _semantic(numbers, rest.lower() if ecosystem is Ecosystem.NUGET else rest)


def _trimmed(numbers: str) -> tuple[int, ...]:
    found = [int(part) for part in numbers.split(".")]
    while len(found) > 1 and found[-1] == 0:
        found.pop()
    return tuple(found)


def _pypi(text: str) -> Order | None:
    """A local label (`+cu118`) is a build of the same version."""
    from packaging.version import InvalidVersion, Version

    try:
        found = Version(text)
    except InvalidVersion:
        return None
    return Order((Version(found.public),), variant=found.local or "")


def _semantic(numbers: tuple[int, ...], rest: str) -> Order:
    """Build metadata does not count. Numbers within an identifier count as numbers: rc9 comes before rc10."""
    before = rest.partition("+")[0].lstrip("-.")
    if not before:
        return Order((numbers, 1, ()))
    identifiers = [part for part in re.split(r"[.-]", before) if not _COMMIT.match(part)]
    tokens = [token for part in identifiers for token in _TOKEN.findall(part)]
    return Order((numbers, 0, tuple(_numbers_first(token) for token in tokens)))


def _numbers_first(token: str) -> tuple[int, int, str]:
    return (0, int(token), "") if token.isdigit() else (1, 0, token)


def _ruby(numbers: tuple[int, ...], rest: str) -> Order:
    """A letter makes a pre-release, and a dash stands for `.pre.`."""
    tokens = _TOKEN.findall(rest.replace("-", ".pre."))
    parts = [(1, int(token), "") if token.isdigit() else (0, 0, token) for token in tokens]
    while parts and parts[-1] == (1, 0, ""):
        parts.pop()
    # The end of a version is as a zero: letters come before it, numbers after it.
    return Order((numbers, (*parts, (1, 0, ""))))


def _composer(numbers: tuple[int, ...], rest: str) -> Order:
    """`-p`, `-pl` and `-patch` come after the release, other stages before it; metadata does not count."""
    return _staged(numbers, rest.partition("+")[0], _COMPOSER_STAGES)


def _maven(numbers: tuple[int, ...], rest: str) -> Order:
    """Stages come before the release, service packs after it; other words (`jre`, `redhat`, `jakarta`) are variants.

    Maven and Gradle order such words differently, and neither means an older or a newer version by them.
    """
    return _staged(numbers, _SNAPSHOT.sub("-SNAPSHOT", rest), _MAVEN_STAGES)


def _staged(numbers: tuple[int, ...], rest: str, stages: dict[str, int]) -> Order:
    steps: list[tuple[int, int]] = []
    words: list[str] = []
    tail: list[int] = []
    tokens = [token.lower() for token in _TOKEN.findall(rest)]
    for place, token in enumerate(tokens):
        following = tokens[place + 1] if place + 1 < len(tokens) else ""
        previous = tokens[place - 1] if place else ""
        rank = stages.get(token, _SHORT_STAGES.get(token) if following.isdigit() else None)
        if rank is not None:
            steps.append((rank, int(following) if following.isdigit() else 0))
        elif token.isdigit():
            if previous in _FOR_A_PLATFORM:
                words.append(token)
            elif not (previous in stages or previous in _SHORT_STAGES):
                tail.append(int(token))
        elif token not in _RELEASED:
            words.append(token)
    return Order((numbers, (*steps, _RELEASE), tuple(tail)), variant=" ".join(words))
