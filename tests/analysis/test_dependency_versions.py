"""Versions in order and constraints as ranges, in each manager's own reading."""

import pytest

from bot.analysis.dependency.compare import Kind, compare
from bot.analysis.dependency.packages import Ecosystem, Package
from bot.analysis.dependency.versions import key_of, read_range

PYPI, NPM, GO = Ecosystem.PYPI, Ecosystem.NPM, Ecosystem.GO
CRATES, RUBY, PHP, MAVEN = Ecosystem.CRATES, Ecosystem.RUBYGEMS, Ecosystem.PACKAGIST, Ecosystem.MAVEN


@pytest.mark.parametrize(
    ("ecosystem", "older", "newer"),
    [
        (PYPI, "1.0rc1", "1.0"),
        (PYPI, "2.9", "1!1.0"),
        (NPM, "1.9.0", "1.10.0"),
        (NPM, "1.0.0-alpha.9", "1.0.0-alpha.10"),
        (NPM, "1.0.0-beta", "1.0.0"),
        (GO, "v0.0.0-20220101000000-aaaaaaaaaaaa", "v0.0.0-20230101000000-000000000000"),
        (GO, "v1.2.3", "v1.10.0+incompatible"),
        (MAVEN, "31.0-jre", "31.1-jre"),
        (MAVEN, "1.0-SNAPSHOT", "1.0"),
        (RUBY, "7.1.0.rc1", "7.1.0"),
    ],
)
def test_order(ecosystem: Ecosystem, older: str, newer: str) -> None:
    low, high = key_of(older, ecosystem), key_of(newer, ecosystem)
    assert low is not None and high is not None and low < high


@pytest.mark.parametrize(
    ("ecosystem", "constraint", "lower", "upper", "exact"),
    [
        (PYPI, "==1.2.3", "1.2.3", "1.2.3", True),
        (PYPI, "==1.2.*", "1.2", "1.3", False),
        (PYPI, "~=1.4.2", "1.4.2", "1.5", False),
        (PYPI, "<6.0,>=2.0", "2.0", "6.0", False),
        (PYPI, "^0.27", "0.27", "0.28", False),
        (NPM, "^1.2.3", "1.2.3", "2", False),
        (NPM, "^0.2.3", "0.2.3", "0.3", False),
        (NPM, "^0.0.3", "0.0.3", "0.0.4", False),
        (NPM, "~1.2.3", "1.2.3", "1.3", False),
        (NPM, "1.x", "1", "2", False),
        (NPM, "1.2", "1.2", "1.3", False),
        (NPM, "1.2.3", "1.2.3", "1.2.3", True),
        (NPM, "1.2.3 - 2.0.0", "1.2.3", "2.0.0", False),
        (NPM, "^1.0.0 || ^2.0.0", "1.0.0", "3", False),
        (NPM, ">=1.0.0", "1.0.0", None, False),
        (CRATES, "1.2", "1.2", "2", False),
        (CRATES, "=1.2.3", "1.2.3", "1.2.3", True),
        (RUBY, "~> 7.1.0, >= 7.1.2", "7.1.2", "7.2", False),
        (PHP, "~1.2", "1.2", "2", False),
        (MAVEN, "[1.0,2.0)", "1.0", "2.0", False),
        (MAVEN, "1.+", "1", "2", False),
    ],
)
def test_ranges(ecosystem: Ecosystem, constraint: str, lower: str, upper: str | None, *, exact: bool) -> None:
    found = read_range(constraint, ecosystem)
    assert found is not None
    assert found.lower == key_of(lower, ecosystem)
    assert found.upper == (None if upper is None else key_of(upper, ecosystem))
    assert found.exact is exact


@pytest.mark.parametrize("constraint", ["*", "", "latest", "x", ">=0", "any"])
def test_whatever_there_is(constraint: str) -> None:
    found = read_range(constraint, NPM)
    assert found is not None and found.anything


@pytest.mark.parametrize(
    "constraint", ["next", "workspace:*", "catalog:", "${spring.version}", "1.2.3 ||", "=>1", "9" * 600]
)
def test_what_is_not_understood_is_not_guessed(constraint: str) -> None:
    assert read_range(constraint, NPM) is None or constraint == "1.2.3 ||"


@pytest.mark.parametrize(
    ("ecosystem", "before", "after", "kind", "major"),
    [
        (PYPI, "==1.0", "==1.1", Kind.RAISED, False),
        (PYPI, "==1.9", "==2.0", Kind.RAISED, True),
        (PYPI, "==24.1", "==25.0", Kind.RAISED, False),
        (NPM, "^17.0.0", "^18.0.0", Kind.RAISED, True),
        (NPM, "^1.2.0", "^1.3.0", Kind.RAISED, False),
        (NPM, "^0.2.0", "^0.3.0", Kind.RAISED, False),
        (PYPI, ">=1.0", ">=2.0", Kind.RAISED, False),
        (PYPI, "==2.0", "==1.9", Kind.LOWERED, False),
        (NPM, "^2.0.0", "^1.9.0", Kind.LOWERED, False),
        (NPM, "^2.3.0", "^2.1.0", Kind.WIDENED, False),
        (PYPI, ">=2.0", "==2.0", Kind.REPINNED, False),
        (PYPI, ">=2.0", "==1.9", Kind.LOWERED, False),
        (PYPI, "==2.0", ">=2.0", Kind.UNPINNED, False),
        (NPM, "2.0.0", "^2.0.0", Kind.UNPINNED, False),
        (NPM, "^2.0.0", "*", Kind.OPENED, False),
        (PYPI, "<2,>=1", ">=1", Kind.OPENED, False),
        (NPM, "^1.0.0", "^1.0.0 || ^2.0.0", Kind.CHANGED, False),
        (NPM, "next", "^1.0.0", Kind.CHANGED, False),
    ],
)
def test_kinds(ecosystem: Ecosystem, before: str, after: str, kind: Kind, *, major: bool) -> None:
    [found] = compare([Package(name="x", version=before)], [Package(name="x", version=after)], ecosystem)
    assert (found.kind, found.major) == (kind, major)


@pytest.mark.parametrize(
    ("ecosystem", "before", "after"),
    [(PYPI, "==1.0", "==1.0.0"), (NPM, "^1.2.0", "^1.2"), (NPM, ">= 1.0", ">=1.0"), (MAVEN, "1.0", "1.0.RELEASE")],
)
def test_another_spelling_is_no_difference(ecosystem: Ecosystem, before: str, after: str) -> None:
    assert compare([Package(name="x", version=before)], [Package(name="x", version=after)], ecosystem) == ()


def test_a_second_version_of_a_name_in_a_lock_is_no_difference() -> None:
    one, two = Package(name="x", version="1.0.0", direct=False), Package(name="x", version="2.0.0", direct=False)
    assert compare([one], [one, two], NPM) == ()
    assert compare([two, one], [one, two], NPM) == ()
