"""What is said about NuGet's files: by projects, central versions and locks, of one or several frameworks."""

import json

import pytest

from bot.analysis.dependency import ANALYZER
from bot.domain.files import FileChange
from bot.domain.insights import Insight
from tests.analysis.changes import change_of, changed, remarks, said

CODE = changed("src/App/App.cs", "class A {}\n", "class B {}\n")


def told(*files: FileChange) -> list[Insight]:
    return remarks(said(ANALYZER, change_of(*files)))


def rules(*files: FileChange) -> list[str]:
    return [one.rule.removeprefix("dependency/") for one in told(*files)]


def project(*items: str) -> str:
    lines = "".join(f"    {item}\n" for item in ('<PackageReference Include="Kept" Version="1.0.0" />', *items))
    return f'<Project Sdk="Microsoft.NET.Sdk">\n  <ItemGroup>\n{lines}  </ItemGroup>\n</Project>\n'


def reference(name: str, version: str, more: str = "") -> str:
    return f'<PackageReference Include="{name}" Version="{version}" {more}/>'


def lock(own: str = "", *, kept: str = "1.0.0", **direct: str) -> str:
    entries = {name: {"type": "Direct", "resolved": version} for name, version in ({"Kept": kept} | direct).items()}
    projects = {own: {"type": "Project"}} if own else {}
    return json.dumps({"version": 1, "dependencies": {"net8.0": entries | projects}})


@pytest.mark.parametrize("path", ["src/App/App.csproj", "src/App/App.fsproj", "App.vbproj"])
def test_a_lowered_version_is_a_remark_at_its_line(path: str) -> None:
    [remark] = told(changed(path, project(reference("Serilog", "3.1.1")), project(reference("Serilog", "3.0.0"))))
    assert remark.rule == "dependency/lowered"
    assert remark.title == f"`serilog` goes back to an older version in `{path}`"
    assert [(place.path, place.start_line) for place in remark.locations] == [(path, 4)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (reference("A", "1.0.0"), reference("A", "1.0"), []),
        (reference("A", "1.0.0"), reference("a", "1.0.1"), []),
        (reference("A", "1.2.0-rc.2"), reference("A", "1.2.0-RC.10"), []),
        (reference("A", "1.2.0"), reference("A", "1.2.0-beta"), ["lowered"]),
        (reference("A", "4.8.0.2"), reference("A", "4.8.0.1"), ["lowered"]),
        (reference("A", "[1.0,2.0)"), reference("A", "*"), ["opened"]),
        (reference("A", "1.9"), reference("A", "2.0"), ["major"]),
        (reference("A", "2.0", 'PrivateAssets="all" '), reference("A", "1.0", 'PrivateAssets="all" '), []),
        (reference("xunit", "2.6.1"), reference("xunit", "2.5.0"), []),
        (reference("A", "$(One)"), reference("A", "$(Two)"), []),
        (reference("A", "1.0.0"), "", []),
    ],
)
def test_versions_of_a_project(before: str, after: str, expected: list[str]) -> None:
    assert rules(CODE, changed("src/App/App.csproj", project(before), project(after))) == expected


def test_a_project_of_tests_is_not_for_users() -> None:
    ends = project(reference("A", "2.0.0")), project(reference("A", "1.0.0"))
    assert rules(changed("test/App.Tests/App.Tests.csproj", *ends)) == []
    assert rules(changed("Directory.Build.props", *ends)) == ["lowered"]
    assert rules(changed("test/Directory.Build.props", *ends)) == []


@pytest.mark.parametrize(
    ("item", "locked", "expected"),
    [
        (reference("Added", "2.0.0"), lock(kept="1.0.1"), ["out-of-step"]),
        (reference("Added", "2.0.0"), lock(kept="1.0.1", added="2.0.0"), []),
        (reference("Added", "2.0.0"), lock(kept="1.0.1", Added="1.9.0"), ["out-of-step"]),
        (reference("Added", "[1.0,3.0)"), lock(kept="1.0.1", Added="2.9.0"), []),
        ('<PackageReference Include="Added" />', lock(kept="1.0.1", Added="2.9.0"), []),
        ('<PackageReference Include="Added" />', lock(kept="1.0.1"), ["out-of-step"]),
        ('<PackageReference Update="Added" Version="2.0.0" />', lock(kept="1.0.1"), []),
        (reference("Added", "2.0.0", "Condition=\"'$(OS)' == 'Unix'\" "), lock(kept="1.0.1"), []),
        (reference("Added", "2.0.0"), lock("added", kept="1.0.1"), []),
    ],
)
def test_a_project_and_its_lock(item: str, locked: str, expected: list[str]) -> None:
    manifest = changed("src/App/App.csproj", project(), project(item))
    assert rules(manifest, changed("src/App/packages.lock.json", lock(), locked)) == expected
    assert rules(manifest, changed("src/Other/packages.lock.json", lock(), locked)) == []


def test_a_lock_that_goes_back_is_told_once_for_all_frameworks() -> None:
    def of(version: str) -> str:
        entries = {name: {"type": "Direct", "resolved": version} for name in ("Serilog",)}
        return json.dumps({"version": 1, "dependencies": {"net6.0": entries, "net8.0": entries}})

    assert rules(changed("src/App/packages.lock.json", of("3.1.1"), of("3.0.0"))) == ["lowered"]


def test_versions_of_frameworks_are_not_compared_with_each_other() -> None:
    """Each framework keeps its own line of versions."""

    def of(new: str) -> str:
        old = {"Extensions": {"type": "Direct", "resolved": "6.0.1"}}
        latest = {"Extensions": {"type": "Direct", "resolved": new}}
        return json.dumps({"version": 1, "dependencies": {"net6.0": old, "net8.0": latest}})

    assert rules(changed("src/App/packages.lock.json", of("8.0.0"), of("8.0.1"))) == []


def test_a_list_of_packages_that_only_goes_back_is_an_older_one() -> None:
    def of(*versions: str) -> str:
        rows = "".join(f'<package id="P{place}" version="{version}" />' for place, version in enumerate(versions))
        return f"<packages>{rows}</packages>"

    assert rules(changed("Web/packages.config", of("2.0", "3.0"), of("1.9", "2.9"))) == ["lowered"]
    assert rules(changed("Web/packages.config", of("2.0", "3.0"), of("1.9", "3.1"))) == []
