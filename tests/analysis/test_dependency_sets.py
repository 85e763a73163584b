"""Several entries of one name: what each environment had before and has now."""

import json

import pytest

from bot.analysis.dependency import ANALYZER
from bot.domain.insights import Insight, Standing
from tests.analysis.changes import change_of, changed, said

LOWERED, RAISED, NOTHING = "lowered", "raised", ""


def told(path: str, before: str, after: str) -> list[Insight]:
    return said(ANALYZER, change_of(changed(path, before, after)))


def movement(insights: list[Insight]) -> str:
    """What is told of versions: a remark that they are lowered, a note that they are raised, or neither."""
    remarks = {one.rule for one in insights if one.standing is Standing.REMARK}
    assert remarks <= {"dependency/lowered"}
    if remarks:
        return LOWERED
    return RAISED if "dependency/raised-all" in {one.rule for one in insights} else NOTHING


def requirements(*entries: tuple[str, str]) -> str:
    return "".join(f"x=={version}{f'; {marker}' if marker else ''}\n" for version, marker in entries)


def poetry(*entries: tuple[str, str]) -> str:
    tables = [f'{{version = "{version}", python = "{marker or "*"}"}}' for version, marker in entries]
    return f"[tool.poetry.dependencies]\nx = [{', '.join(tables)}]\n"


def uv(*entries: tuple[str, str]) -> str:
    own = '[[package]]\nname = "app"\nversion = "0"\nsource = {editable = "."}\ndependencies = [{name = "x"}]\n'
    return own + "".join(
        f'[[package]]\nname = "x"\nversion = "{version}"\nsource = {{registry = "https://e.org"}}\n'
        + (f'resolution-markers = ["{marker}"]\n' if marker else "")
        for version, marker in entries
    )


def poetry_lock(*entries: tuple[str, str]) -> str:
    return "".join(
        f'[[package]]\nname = "x"\nversion = "{version}"\n' + (f'markers = "{marker}"\n' if marker else "")
        for version, marker in entries
    )


def pylock(*entries: tuple[str, str]) -> str:
    other = '[[packages]]\nname = "y"\nversion = "1"\ndependencies = [{name = "z"}]\n'
    return other + "".join(
        f'[[packages]]\nname = "x"\nversion = "{version}"\n' + (f'marker = "{marker}"\n' if marker else "")
        for version, marker in entries
    )


WRITERS = {
    "requirements.txt": requirements,
    "pyproject.toml": poetry,
    "uv.lock": uv,
    "poetry.lock": poetry_lock,
    "pylock.toml": pylock,
}
OLD, NEW, OLDER, NEWER = (
    "python_version < '3.10'", "python_version >= '3.10'", "python_version < '3.9'", "python_version >= '3.9'",
)  # fmt: skip


@pytest.mark.parametrize("path", WRITERS)
@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # An older environment comes in beside the newest version.
        ([("2.2.6", "")], [("2.0.2", OLD), ("2.3.1", NEW)], RAISED),
        ([("2.2.6", "")], [("2.0.2", OLD), ("2.2.6", NEW)], NOTHING),
        ([("2.0.2", OLD), ("2.3.1", NEW)], [("2.3.1", NEW), ("2.0.2", OLD)], NOTHING),
        ([("2.0.2", OLD), ("2.3.1", NEW)], [("2.0.2", OLD)], NOTHING),
        ([("2.0.2", OLDER), ("2.3.1", NEWER)], [("2.0.2", OLD), ("2.3.1", NEW)], NOTHING),
        ([("2.0.2", OLD), ("2.3.1", NEW)], [("1.26.0", OLDER), ("2.3.1", NEWER)], NOTHING),
        # The environments become one.
        ([("2.0.2", OLD), ("2.3.1", NEW)], [("2.3.1", "")], NOTHING),
        ([("2.0.2", OLD), ("2.3.1", NEW)], [("2.3.2", "")], RAISED),
        ([("2.0.2", OLD), ("2.3.1", NEW)], [("2.0.2", "")], LOWERED),
        ([("2.0.2", OLD), ("2.3.1", NEW)], [("2.2.6", "")], LOWERED),
        # One environment moves.
        ([("2.0.2", OLD), ("2.3.1", NEW)], [("2.0.2", OLD), ("2.3.2", NEW)], RAISED),
        ([("2.0.2", OLD), ("2.3.1", NEW)], [("1.26.0", OLD), ("2.3.2", NEW)], LOWERED),
        ([("2.0.2", OLD), ("2.3.1", NEW)], [("2.0.2", OLD), ("2.3.0", NEW)], LOWERED),
        ([("2.2.6", "")], [("2.0.2", OLD), ("2.1.0", NEW)], LOWERED),
    ],
)
def test_environments(path: str, before: list[tuple[str, str]], after: list[tuple[str, str]], expected: str) -> None:
    write = WRITERS[path]
    assert movement(told(path, write(*before), write(*after))) == expected


def crates(*entries: tuple[str, str]) -> str:
    """(version, names of the members that ask for it)"""
    members = dict.fromkeys(member for _, asking in entries for member in asking.split())
    asked = {
        member: [f'"x {version}"' for version, asking in entries if member in asking.split()] for member in members
    }
    own = "".join(
        f'[[package]]\nname = "{member}"\nversion = "0.1.0"\ndependencies = [{", ".join(items)}]\n'
        for member, items in asked.items()
    )
    return own + "".join(
        f'[[package]]\nname = "x"\nversion = "{version}"\nsource = "registry+https://e.org"\n' for version, _ in entries
    )


def npm(*entries: tuple[str, str]) -> str:
    """(version, folder of the entry)"""
    packages: dict[str, object] = {"": {"dependencies": {"x": "*"}}, "packages/a": {"dependencies": {"x": "*"}}}
    packages |= {f"{folder}node_modules/x": {"version": version} for version, folder in entries}
    return json.dumps({"lockfileVersion": 3, "packages": packages})


def gems(*entries: tuple[str, str]) -> str:
    """(version, platform)"""
    specs = "".join(f"    x ({version}{'-' if platform else ''}{platform})\n" for version, platform in entries)
    return f"GEM\n  remote: https://e.org/\n  specs:\n{specs}\nDEPENDENCIES\n  x\n"


@pytest.mark.parametrize(
    ("path", "before", "after", "expected"),
    [
        ("Cargo.lock", [("0.7.3", "a"), ("0.8.5", "b")], [("0.7.0", "a"), ("0.8.5", "b")], LOWERED),
        ("Cargo.lock", [("0.7.3", "a"), ("0.8.5", "b")], [("0.7.3", "a")], NOTHING),
        ("Cargo.lock", [("0.7.3", "a"), ("0.8.5", "b")], [("0.7.3", "a b")], LOWERED),
        ("Cargo.lock", [("0.8.5", "a b")], [("0.7.3", "a"), ("0.8.5", "b")], NOTHING),
        ("Cargo.lock", [("0.7.3", ""), ("0.8.5", "b")], [("0.7.0", ""), ("0.8.6", "b")], RAISED),
        ("package-lock.json", [("2.0.0", "")], [("2.0.0", ""), ("1.0.0", "node_modules/y/")], NOTHING),
        ("package-lock.json", [("2.0.0", ""), ("1.2.0", "packages/a/")],
         [("2.0.0", ""), ("1.1.0", "packages/a/")], LOWERED),
        ("package-lock.json", [("2.0.0", ""), ("1.2.0", "node_modules/y/")],
         [("2.0.0", ""), ("1.1.0", "node_modules/y/")], NOTHING),
        ("Gemfile.lock", [("1.16.7", "")], [("1.16.7", "arm64-darwin"), ("1.16.7", "x86_64-linux")], NOTHING),
        ("Gemfile.lock", [("1.16.7", "java"), ("1.16.7", "x86_64-linux")], [("1.16.7", "")], NOTHING),
        ("Gemfile.lock", [("1.16.7", "x86_64-linux")],
         [("1.17.0", "aarch64-linux"), ("1.17.0", "x86_64-linux")], RAISED),
        ("Gemfile.lock", [("1.17.0", "x86_64-linux")],
         [("1.16.7", "x86_64-linux"), ("1.16.7", "x64-mingw-ucrt")], LOWERED),
        ("Gemfile.lock", [("1.17.0.rc1", "java")], [("1.17.0", "java")], RAISED),
    ],
)  # fmt: skip
def test_entries_of_a_lock(
    path: str, before: list[tuple[str, str]], after: list[tuple[str, str]], expected: str
) -> None:
    write = {"Cargo.lock": crates, "package-lock.json": npm, "Gemfile.lock": gems}[path]
    assert movement(told(path, write(*before), write(*after))) == expected


def test_sections_of_a_manifest_are_environments() -> None:
    before = '[project]\ndependencies = ["x>=2"]\n[dependency-groups]\ndev = ["x==2.5"]\n'
    assert movement(told("pyproject.toml", before, before.replace("2.5", "2.1"))) == NOTHING
    assert movement(told("pyproject.toml", before, before.replace(">=2", "<2"))) == LOWERED


def test_a_note_names_each_package_once_with_its_versions() -> None:
    files = [
        changed(f"{folder}/requirements.txt", f"x=={old}\ny==1\n", f"x==3\ny=={folder}\n")
        for folder, old in (("2", 1), ("3", 2), ("4", 1))
    ]
    [note] = [one for one in said(ANALYZER, change_of(*files)) if one.rule == "dependency/raised-all"]
    assert note.title == "2 dependencies are raised"
    assert note.description == (
        "`x` from `==1` to `==3` (and 1 other step in `3/requirements.txt`); "
        "`y` from `==1` to `==2` (and 2 other steps in 2 files)."
    )
