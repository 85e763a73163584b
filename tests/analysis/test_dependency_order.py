"""The order of versions in each ecosystem, with `univers` as the referee where it knows the ecosystem's own rule."""

from itertools import pairwise, product

import pytest
from univers import versions as univers

from bot.analysis.dependency.compare import Kind, compare
from bot.analysis.dependency.packages import Ecosystem, Package
from bot.analysis.dependency.versions import locked_range, read_range

PYPI, NPM, GO = Ecosystem.PYPI, Ecosystem.NPM, Ecosystem.GO
CRATES, RUBY, PHP, MAVEN = Ecosystem.CRATES, Ecosystem.RUBYGEMS, Ecosystem.PACKAGIST, Ecosystem.MAVEN
NUGET = Ecosystem.NUGET

# What may follow the numbers. Maven's `-1` is compared with a service pack nowhere else than in its own tests.
SUFFIXES = {
    MAVEN: [
        "", "-alpha-1", "-alpha-2", "-beta1", "-b2", "-M2", "-m10", "-rc1", "-RC2", "-CR3", "-SNAPSHOT",
        "-rc1-SNAPSHOT", ".Final", ".GA", "-sp1", "-SP2", "-jakarta", "-jre", ".Final-redhat-00001",
        ".Final-redhat-00002",
    ],
    RUBY: ["", ".a", ".alpha2", ".alpha10", ".beta", ".pre", ".rc1", ".rc2", ".rc.3", ".0", ".1", "-rc1"],
    PYPI: ["", "a1", "b2", "rc1", ".post1", ".dev1", "rc1.dev2"],
    NPM: ["", "-alpha", "-alpha.1", "-alpha.10", "-alpha.beta", "-beta.2", "-rc.9", "-rc.10"],
    GO: ["", "-rc.1", "-0.20230101000000-abcdefabcdef", "-0.20240101000000-abcdefabcde0",
         "-pre.0.20240101000000-a1b2c3d4"],
    NUGET: ["", ".1", ".12", "-alpha", "-Alpha.1", "-alpha.10", "-BETA", "-beta.2", "-preview.3.24172.9", "-rc.9",
            "-RC.10", ".1-rc.1"],
}  # fmt: skip
REFEREES = {
    MAVEN: univers.MavenVersion,
    RUBY: univers.RubygemsVersion,
    PYPI: univers.PypiVersion,
    NPM: univers.SemverVersion,
    GO: univers.GolangVersion,
    NUGET: univers.NugetVersion,
}


@pytest.mark.parametrize("ecosystem", REFEREES)
def test_the_order_is_the_ecosystems_own(ecosystem: Ecosystem) -> None:
    referee = REFEREES[ecosystem]
    versions = [number + suffix for number in ("1.0.0", "1.0.1", "1.10.0") for suffix in SUFFIXES[ecosystem]]
    compared = 0
    for one, other in product(versions, versions):
        ours, theirs = locked_range(one, ecosystem), locked_range(other, ecosystem)
        assert ours and theirs and ours.lower is not None and theirs.lower is not None
        if ours.is_beside(theirs):
            continue
        compared += 1
        assert (ours.lower < theirs.lower) is (referee(one) < referee(other)), (one, other)
    assert compared > len(versions) ** 2 / 2


@pytest.mark.parametrize(
    ("ecosystem", "ascending"),
    [
        (PHP, "2.4.7-dev 2.4.7-alpha1 2.4.7-beta1 2.4.7-RC1 2.4.7 2.4.7-p1 2.4.7-patch2 2.4.7-pl3 2.4.8-beta1"),
        (PHP, "v1.0.0 1.0.0.1 v1.1"),
        (MAVEN, "1.0.0.M1 1.0.0.RC1 1.0.0.BUILD-SNAPSHOT 1.0.0.RELEASE 1.0.0.SP1 1.0.1.RELEASE"),
        (MAVEN, "1.0-rc1 1.0-20240101.123456-7 1.0"),
        (MAVEN, "2.0.0-Beta1-1.0.14 2.0.0-RC1-1.0.13 2.0.0-1.0.20 2.0.0-1.0.21"),
        (MAVEN, "9.4.44.v20210927 9.4.44.v20220101 9.4.45.v20210101"),
        (MAVEN, "30.0-android 31.0-jre 31.1-android"),
        (PYPI, "1.0.dev1 1.0a1 1.0 1.0.post1 1.1 1!0.5 1!0.6"),
        (CRATES, "0.9.24 0.10.38 0.10.70 1.0.0-rc.1 1.0.0+1.1.1 1.0.1+1.0.0"),
        (NPM, "19.0.0-rc-fb9a90fa48-20240614 19.0.0-rc-02c0e824-20241028 19.0.0"),
        (GO, "v0.0.0-20220101000000-ffffffffffff v0.0.0-20230101000000-000000000000 v0.1.0 v2.0.0+incompatible"),
        (NUGET, "4.8.0-beta1 4.8.0-RC1 4.8 4.8.0.1 4.8.0.12 4.8.1-preview.2 4.8.1-Preview.10 4.8.1+build.7"),
        (NUGET, "1.2.3-rc9 1.2.3-rc10 1.2.3 1.2.4"),
        (RUBY, "7.1.0.beta1 7.1.0.rc1 7.1.0 7.1.0.1 7.1.1"),
    ],
)  # fmt: skip
def test_chains(ecosystem: Ecosystem, ascending: str) -> None:
    for older, newer in pairwise(ascending.split()):
        assert kinds(ecosystem, older, newer) == [Kind.RAISED], (older, newer)
        assert kinds(ecosystem, newer, older) == [Kind.LOWERED], (newer, older)


@pytest.mark.parametrize(
    ("ecosystem", "one", "other"),
    [
        (PYPI, "2.1.0+cu118", "2.1.0+cpu"),
        (PYPI, "2.1.0", "2.1.0+cu121"),
        (MAVEN, "31.1-jre", "31.1-android"),
        (MAVEN, "5.0.0", "5.0.0-jakarta"),
        (MAVEN, "3.8.6.Final", "3.8.6.Final-redhat-00002"),
        (MAVEN, "12.4.2.jre8", "12.4.2.jre11"),
        (PHP, "dev-main", "2.0.0"),
        (PHP, "2.4.7", "2.4.x-dev"),
        (MAVEN, "Hoxton.SR12", "2021.0.3"),
    ],
)
def test_beside_each_other_neither_is_older(ecosystem: Ecosystem, one: str, other: str) -> None:
    assert kinds(ecosystem, one, other) == kinds(ecosystem, other, one) == [Kind.CHANGED]


@pytest.mark.parametrize(
    ("ecosystem", "one", "other"),
    [
        (CRATES, "300.3.1+3.3.1", "300.3.1"),
        (NPM, "1.2.3+build.1", "1.2.3+build.2"),
        (MAVEN, "1.0", "1.0.0.Final"),
        (RUBY, "1.0", "1.0.0"),
        (NUGET, "1.0", "1.0.0.0"),
        (NUGET, "01.2.0", "1.2"),
        (NUGET, "1.0.0-RC.1+abc", "1.0-rc.1"),
        (PHP, "v1.2.0", "1.2.0.0"),
    ],
)
def test_the_same_version_in_other_words(ecosystem: Ecosystem, one: str, other: str) -> None:
    assert kinds(ecosystem, one, other) == []


@pytest.mark.parametrize(
    ("ecosystem", "before", "after", "kind"),
    [
        (CRATES, "1.0.219", "1.0.100", Kind.LOWERED),
        (CRATES, "0.10.38", "0.10.70", Kind.RAISED),
        (NPM, "1.2", "1.1", Kind.LOWERED),
        (PYPI, "==1.2", "==1.1", Kind.LOWERED),
        (PHP, "v2.1", "v2.0", Kind.LOWERED),
    ],
)
def test_a_locked_version_is_no_range(ecosystem: Ecosystem, before: str, after: str, kind: Kind) -> None:
    assert kinds(ecosystem, before, after) == [kind]


@pytest.mark.parametrize(
    ("ecosystem", "constraint", "lower", "upper"),
    [
        (PHP, "^2.0@beta", "2.0", "3"),
        (PHP, "2.4.7-p3", "2.4.7-p3", "2.4.7-p3"),
        (PYPI, ">=1!2.0,<1!3", "1!2.0", "1!3"),
        (PYPI, "==1!2.*", "1!2", "1!3"),
        (MAVEN, "[5.0.0-jakarta]", "5.0.0-jakarta", "5.0.0-jakarta"),
        (NUGET, "1.2", "1.2.0", "1.2.0"),  # the lowest version that there is, so in effect this one
        (NUGET, "[1.2]", "1.2.0", "1.2.0"),
        (NUGET, "[1.0,2.0)", "1.0", "2.0"),
        (NUGET, "( 1.0 , 2.0 ]", "1.0", "2.0"),
        (NUGET, "1.*", "1", "2"),
        (NUGET, "1.2.*-*", "1.2", "1.3"),
        (NUGET, "1.2.0-*", "1.2.0-0", "1.2.0"),
        (NUGET, "1.2.0-beta.*", "1.2.0-beta", "1.2.0"),
    ],
)
def test_constraints(ecosystem: Ecosystem, constraint: str, lower: str, upper: str) -> None:
    found, low, high = read_range(constraint, ecosystem), locked_range(lower, ecosystem), locked_range(upper, ecosystem)
    assert found and low and high
    assert (found.lower, found.upper) == (low.lower, high.upper)


def kinds(ecosystem: Ecosystem, before: str, after: str) -> list[Kind]:
    ends = [Package(name="x", version=before)], [Package(name="x", version=after)]
    return [one.kind for one in compare(*ends, ecosystem, locked=(True, True))]


@pytest.mark.parametrize(
    ("constraint", "bounds"),
    [("*", (False, False)), ("*-*", (False, False)), ("[1.0,)", (True, False)), ("(,1.0]", (False, True))],
)
def test_open_ranges_of_nuget(constraint: str, bounds: tuple[bool, bool]) -> None:
    found = read_range(constraint, NUGET)
    assert found and (found.lower is not None, found.upper is not None) == bounds


@pytest.mark.parametrize("constraint", ["$(FooVersion)", "[1.0,2.0", "*.1", "latest stable", "[,]1"])
def test_what_nuget_does_not_know_is_no_range(constraint: str) -> None:
    assert read_range(constraint, NUGET) is None
