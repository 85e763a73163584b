"""What is a remark about dependencies, what is only kept, and what is nothing."""

import json
from dataclasses import replace

import pytest

from bot.analysis.dependency import ANALYZER
from bot.domain.change import Change
from bot.domain.files import FileChange
from bot.domain.insights import Insight, Severity, Standing
from tests.analysis.changes import change_of, changed, remarks, said


def analyzed(*files: FileChange, title: str = "") -> list[Insight]:
    return said(ANALYZER, change_of(*files, title=title))


def told(*files: FileChange, title: str = "") -> list[Insight]:
    return remarks(analyzed(*files, title=title))


def package_json(dev: dict[str, str] | None = None, **dependencies: str) -> str:
    return json.dumps({"dependencies": dependencies, "devDependencies": dev or {}}, indent=2)


CODE = changed("src/app.js", "let a = 1\n", "let a = 2\n")


def test_a_bump_is_a_note_with_full_evidence() -> None:
    file = changed("requirements.txt", "aiohttp==3.9.1\nyarl==1.9\n", "aiohttp==3.9.2\nyarl==1.9\n")
    [note] = analyzed(file)
    assert note.standing is Standing.NOTE and note.rule == "dependency/raised-all"
    assert note.evidence == {
        "total": 1,
        "dependencies": [
            {
                "name": "aiohttp",
                "before": "==3.9.1",
                "after": "==3.9.2",
                "ecosystem": "PyPI",
                "direct": True,
                "scope": "runtime",
                "paths": ["requirements.txt"],
            }
        ],
    }


def test_added_and_removed_are_notes() -> None:
    file = changed("package.json", package_json(a="1.0.0"), package_json(b="1.0.0"))
    assert [(one.rule, one.standing) for one in analyzed(file)] == [
        ("dependency/added-all", Standing.NOTE),
        ("dependency/removed-all", Standing.NOTE),
    ]


def test_a_downgrade_is_a_remark_at_its_line() -> None:
    [remark] = told(changed("requirements.txt", "a==1\nFlask==3.0.2\n", "a==1\nFlask==2.3.0\n"))
    assert (remark.rule, remark.severity) == ("dependency/lowered", Severity.MEDIUM)
    assert remark.title == "`flask` goes back to an older version in `requirements.txt`"
    assert "`flask` from `==3.0.2` to `==2.3.0`" in remark.description
    assert [(place.path, place.start_line) for place in remark.locations] == [("requirements.txt", 2)]


@pytest.mark.parametrize("title", ['Revert "Bump flask to 3"', "Downgrade flask, 3 breaks us", "Pin flask below 3"])
def test_a_downgrade_that_the_title_announces_is_a_note(title: str) -> None:
    assert not told(changed("requirements.txt", "flask==3.0.2\n", "flask==2.3.0\n"), title=title)


@pytest.mark.parametrize(
    "path", ["requirements-dev.txt", "requirements/lint.txt", "tests/requirements.txt", "docs/package.json"]
)
def test_tooling_may_go_back(path: str) -> None:
    ends = ("x==2.0\n", "x==1.0\n") if path.endswith(".txt") else (package_json(x="2.0.0"), package_json(x="1.0.0"))
    assert analyzed(changed(path, *ends))
    assert not told(changed(path, *ends))


def test_development_sections_may_go_back() -> None:
    assert not told(changed("package.json", package_json({"x": "2.0.0"}), package_json({"x": "1.0.0"})))


def test_a_wider_lower_bound_is_no_downgrade() -> None:
    assert not told(
        changed("pyproject.toml", '[project]\ndependencies = ["x>=2.0"]\n', '[project]\ndependencies = ["x>=1.5"]\n')
    )


def test_several_downgrades_of_a_file_are_said_once() -> None:
    before = "".join(f"pkg{letter}==2.0\n" for letter in "abcdefg")
    [remark] = told(changed("requirements.txt", before, before.replace("2.0", "1.0")))
    assert remark.title.startswith("`pkga` and 6 more go back")
    assert remark.description.count("from") == 5 and "and 2 more" in remark.description
    assert remark.evidence["total"] == 7


def test_manifest_and_lock_speak_once() -> None:
    manifest = changed("package.json", package_json(left="^2.0.0"), package_json(left="^1.0.0"))

    def lock(version: str) -> str:
        root = {"dependencies": {"left": f"^{version}"}}
        packages = {"": root, "node_modules/left": {"version": version, "integrity": "x"}}
        return json.dumps({"lockfileVersion": 3, "packages": packages})

    insights = analyzed(manifest, changed("package-lock.json", lock("2.0.0"), lock("1.0.0")))
    assert [one.rule for one in remarks(insights)] == ["dependency/lowered"]
    assert [one.evidence["total"] for one in insights if one.rule == "dependency/lowered-all"] == [1]


def test_the_lock_alone_tells_a_downgrade_of_a_direct_dependency_only() -> None:
    def lock(direct: str, indirect: str) -> str:
        return json.dumps(
            {
                "lockfileVersion": 3,
                "packages": {
                    "": {"dependencies": {"direct": "*"}},
                    "node_modules/direct": {"version": direct},
                    "node_modules/indirect": {"version": indirect},
                },
            }
        )

    assert not told(changed("package-lock.json", lock("2.0.0", "2.0.0"), lock("2.0.0", "1.0.0")))
    [remark] = told(changed("package-lock.json", lock("2.0.0", "2.0.0"), lock("1.0.0", "2.0.0")))
    assert "`direct`" in remark.title


def test_the_same_bump_in_many_files_is_one_row() -> None:
    files = [changed(f"requirements/{name}.txt", "a==1.0\n", "a==1.1\n") for name in ("base", "lint", "test")]
    [note] = analyzed(*files)
    assert note.evidence["total"] == 1
    assert sorted(note.evidence["dependencies"][0]["paths"]) == [file.path for file in files]


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("requirements.txt", "x==1.0\n", "x>=1.0\n"),
        ("requirements.txt", "x==1.0\n", "x\n"),
        ("requirements.txt", "x>=1,<2\n", "x>=1\n"),
        ("package.json", package_json(x="^1.0.0"), package_json(x="*")),
        ("package.json", package_json(x="1.0.0"), package_json(x="latest")),
    ],
)
def test_a_version_that_becomes_open(path: str, before: str, after: str) -> None:
    [remark] = told(changed(path, before, after))
    assert (remark.rule, remark.severity) == ("dependency/opened", Severity.LOW)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("package.json", package_json(x="1.0.0"), package_json(x="^1.0.0")),
        ("requirements.txt", "x==1.0\n", "x~=1.0\n"),
        ("requirements.txt", "x==1.0\n", "x>=1.0,<2\n"),
        ("pyproject.toml", '[project]\ndependencies=["x==1"]', '[project]\ndependencies=["x>=1"]'),
        ("requirements.txt", "x>=1\n", "x\n"),
    ],
)
def test_a_looser_version_that_is_still_bounded_is_a_note(path: str, before: str, after: str) -> None:
    assert not told(changed(path, before, after))


def test_a_lock_in_the_change_holds_what_the_manifest_opens() -> None:
    manifest = changed("web/package.json", package_json(x="^1.0.0"), package_json(x="*"))
    packages = '{"": {"dependencies": {"x": "%s"}}, "node_modules/x": {"version": "1.0.0"}}'
    text = f'{{"lockfileVersion": 3, "packages": {packages}}}'
    assert not told(manifest, changed("web/package-lock.json", text % "^1.0.0", text % "*"))
    assert not told(manifest, changed("package-lock.json", text % "^1.0.0", text % "*"))
    assert told(manifest, changed("other/package-lock.json", text % "^1.0.0", text % "*"))


@pytest.mark.parametrize(
    ("path", "before", "after", "what"),
    [
        ("requirements.txt", "x==1.0\n", "x @ git+https://github.com/a/x@main\n", "a git repository"),
        ("package.json", package_json(x="1.0.0"), package_json(x="a/x"), "a git repository"),
        ("package.json", package_json(x="1.0.0"), package_json(x="https://e.org/x.tgz"), "a URL"),
        ("requirements.txt", "x==1.0\n", "-e /home/me/x\n", "a folder outside the repository"),
        (
            "go.mod",
            "require a.b/x v1.0.0\n",
            "require a.b/x v1.0.0\nreplace a.b/x => ../x\n",
            "a folder outside the repository",
        ),
    ],
)
def test_a_dependency_that_leaves_its_registry(path: str, before: str, after: str, what: str) -> None:
    [remark] = told(changed(path, before, after))
    assert (remark.rule, remark.severity) == ("dependency/source", Severity.MEDIUM)
    assert what in remark.title


@pytest.mark.parametrize("path", ["file:packages/x", "workspace:*", "link:./x"])
def test_a_package_of_the_same_repository_is_no_remark(path: str) -> None:
    assert not told(changed("package.json", package_json(x="1.0.0"), package_json(x=path)))


def test_a_fork_through_the_same_proxy_is_a_note() -> None:
    before = "require a.b/x v1.0.0\n"
    assert not told(changed("go.mod", before, before + "replace a.b/x => github.com/fork/x v1.0.1\n"))


def test_plain_http_is_said_once_per_host_and_only_when_new() -> None:
    before = "--index-url https://pkg.example.org/simple\na==1\n"
    after = "--index-url http://pypi.corp.example/simple\n--extra-index-url http://pypi.corp.example/more\na==1\n"
    [remark] = told(changed("requirements.txt", before, after))
    assert (remark.rule, remark.severity) == ("dependency/plain-http", Severity.HIGH)
    assert remark.locations[0].start_line == 1
    assert not told(changed("requirements.txt", after, after + "b==1\n"))
    assert not told(changed("requirements.txt", before, "--index-url http://localhost:3141/simple\na==1\n"))


def test_a_new_file_with_plain_http_is_told_and_its_packages_are_not_news() -> None:
    insights = analyzed(changed("requirements.txt", None, "-i http://pypi.example.org/simple\na==1\nb==2\n"))
    assert [one.rule for one in insights] == ["dependency/plain-http", "dependency/file"]
    assert insights[1].evidence["packages"] == 2


def lock_of(**packages: tuple[str, bool]) -> str:
    lines = ["[metadata]", 'lock-version = "2.0"']
    for name, (version, hashed) in packages.items():
        files = [f'files = [{{file = "{name}", hash = "sha256:a"}}]'] if hashed else []
        lines += ["[[package]]", f'name = "{name}"', f'version = "{version}"', *files]
    return "\n".join(lines) + "\n"


def test_checksums_that_vanish_at_the_same_version() -> None:
    before = lock_of(a=("1.0", True), b=("1.0", True), c=("1.0", True))
    [remark] = told(changed("poetry.lock", before, lock_of(a=("1.0", False), b=("1.0", True), c=("1.1", False))))
    assert (remark.rule, remark.severity) == ("dependency/hashes-removed", Severity.HIGH)
    assert remark.evidence == {"names": ["a"], "lost": 1, "before": 3}


def test_a_new_format_of_the_lock_may_have_its_checksums_elsewhere() -> None:
    before = lock_of(a=("1.0", True))
    after = lock_of(a=("1.0", False)).replace("2.0", "3.0")
    assert not told(changed("poetry.lock", before, after))


def pyproject(*dependencies: str) -> str:
    return "[project]\nname = 'app'\ndependencies = " + json.dumps(list(dependencies)) + "\n"


def test_a_lock_that_does_not_know_a_new_dependency() -> None:
    manifest = changed("pyproject.toml", pyproject("a>=1"), pyproject("a>=1", "b>=1"))
    stale = changed("poetry.lock", lock_of(a=("1.0", True)), lock_of(a=("1.1", True)))
    [remark] = told(manifest, stale)
    assert remark.rule == "dependency/out-of-step"
    assert remark.evidence["missing"] == [{"name": "b", "asked": ">=1", "locked": []}]
    assert remark.locations[0].path == "pyproject.toml"


def test_a_lock_that_is_older_than_the_manifest_asks() -> None:
    manifest = changed("pyproject.toml", pyproject("a>=1", "z"), pyproject("a>=2", "z"))
    stale = changed("poetry.lock", lock_of(a=("1.0", True)), lock_of(a=("1.5", True)))
    [remark] = told(manifest, stale)
    assert remark.evidence["missing"] == [{"name": "a", "asked": ">=2", "locked": ["1.5"]}]


@pytest.mark.parametrize("new", ["b>=1; sys_platform == 'win32'", "b @ git+https://github.com/a/b"])
def test_what_a_lock_may_lack(new: str) -> None:
    manifest = changed("pyproject.toml", pyproject("a>=1"), pyproject("a>=1", new))
    assert not told(manifest, changed("poetry.lock", lock_of(a=("1.0", True)), lock_of(a=("1.1", True))))


def test_a_lock_in_step_or_elsewhere_or_untouched_is_no_remark() -> None:
    manifest = changed("pyproject.toml", pyproject("a>=1"), pyproject("a>=1", "B_b>=1"))
    fresh = changed("poetry.lock", lock_of(a=("1.0", True)), lock_of(a=("1.0", True), **{"b-b": ("1.0", True)}))
    elsewhere = changed("other/poetry.lock", lock_of(a=("1.0", True)), lock_of(a=("1.1", True)))
    assert not told(manifest, fresh)
    assert not told(manifest, elsewhere)
    assert not told(manifest)


def test_major_jumps_are_one_remark_unless_the_change_is_nothing_else() -> None:
    names = ["a", "b", "c", "d", "e", "f"]
    one, two = (json.dumps({"dependencies": dict.fromkeys(names, version)}) for version in ("^1.0.0", "^2.0.0"))
    file = changed("package.json", one, two)
    [remark] = told(file, CODE)
    assert (remark.rule, remark.severity) == ("dependency/major", Severity.LOW)
    assert remark.title == "6 new major versions come with this change: `a`, `b`, `c`, `d`, `e` and 1 more"
    assert not told(file)
    assert not told(file, CODE, title="Update dependencies")
    assert not told(file, changed("HISTORY.md", "", "- a 2.0"))
    workflow = changed(".github/workflows/ci.yml", "", "on: push\n")
    assert not told(file, CODE, workflow), "most of this change is about the build"
    assert told(file, CODE, changed("lib.py", "", "B = 1\n"), workflow)
    assert not told(file, changed("web/yarn.lock", "# yarn lockfile v1\n", "# yarn lockfile v1\n\n"))


def test_packages_of_the_repository_go_back_with_their_own_version() -> None:
    """Forge takes a release back: each of its packages needs the others in the same version."""

    def forge(version: str) -> list[FileChange]:
        core = {"name": "@forge/core", "version": version, "dependencies": {"@forge/types": version, "debug": "^4.3.1"}}
        types = {"name": "@forge/types", "version": version}
        return [
            changed("packages/core/package.json", json.dumps(core).replace(version, "7.11.0"), json.dumps(core)),
            changed("packages/types/package.json", json.dumps(types).replace(version, "7.11.0"), json.dumps(types)),
        ]

    assert not told(*forge("7.10.2"), CODE)
    assert not told(*forge("8.0.0"), CODE)
    [core, _] = forge("7.10.2")
    assert [one.rule for one in told(core, CODE)] == ["dependency/lowered"], "the other one stays as it is"


def test_a_package_of_the_same_owner_that_a_lock_pins_is_a_note() -> None:
    """Poetry takes its own core from git between releases; its lock has the commit."""
    before, after = 'x = "^2.0"', 'x = {git = "https://github.com/a/x"}'
    table = '[tool.poetry]\nname = "p"\n[tool.poetry.dependencies]\n{}\n'
    manifest = changed("pyproject.toml", table.format(before), table.format(after))
    lock = changed("poetry.lock", lock_of(x=("2.0", True)), lock_of(x=("2.1.dev0", False)))
    assert [one.rule for one in told(manifest)] == ["dependency/source"]
    assert "dependency/source" not in [one.rule for one in told(manifest, lock)]
    other = changed("pyproject.toml", table.format(before), table.format(after.replace("/a/x", "/z/x")))
    assert "dependency/source" in [one.rule for one in told(other, lock)]


def test_a_package_from_git_has_no_checksum_to_lose() -> None:
    entry = '[[package]]\nname = "{}"\nversion = "2.1.0"\nfiles = [{}]\n'
    hashed = '{file = "x.whl", hash = "sha256:' + "0" * 64 + '"}'
    source = '\n[package.source]\ntype = "git"\nurl = "https://github.com/o/core"\nresolved_reference = "abc"\n'
    before = entry.format("core", hashed) + entry.format("other", hashed)
    after = entry.format("core", "") + source + entry.format("other", hashed)
    rules = {one.rule for one in analyzed(changed("poetry.lock", before, after))}
    assert "dependency/hashes-removed" not in rules
    assert "dependency/hashes-removed" in {
        one.rule for one in analyzed(changed("poetry.lock", before, after.replace(source, "")))
    }


def test_a_catalog_does_not_tell_who_needs_a_new_major_version() -> None:
    """OkHttp's lint tool stands beside its libraries in one list of versions."""
    versions = '[libraries]\ncheckstyle = "com.puppycrawl.tools:checkstyle:{}"\n'
    file = changed("gradle/libs.versions.toml", versions.format("12.3.1"), versions.format("13.1.0"))
    assert not told(file, CODE)


def test_a_look_alike_is_a_note_that_says_how_little_was_compared() -> None:
    insights = analyzed(changed("requirements.txt", "requests==2\n", "requests==2\nreqeusts==1\n"))
    [note] = [one for one in insights if one.rule == "dependency/look-alike"]
    assert note.standing is Standing.NOTE and note.confidence.reason.endswith("only the names were compared")
    assert not remarks(insights)


@pytest.mark.parametrize("new", ["requests2", "request", "yaml", "aiohttp"])
def test_families_of_names_are_no_look_alikes(new: str) -> None:
    insights = analyzed(changed("requirements.txt", "requests==2\n", f"requests==2\n{new}==1\n"))
    assert "dependency/look-alike" not in [one.rule for one in insights]


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("requirements.txt", "b==1 # why\na==1\n", "a==1\n\n\nB == 1\n"),
        (
            "package.json",
            package_json(a="1.0.0", b="^2.0.0"),
            json.dumps({"dependencies": {"b": "^2.0.0", "a": "1.0.0"}}),
        ),
        ("pyproject.toml", pyproject("a>=1", "b<2"), '[project]\ndependencies = [\n  "b <2",  # c\n  "A >= 1",\n]\n'),
        ("go.mod", "require a.b/c v1.0.0\n", "require (\n\ta.b/c v1.0.0\n)\n"),
        ("Cargo.toml", '[dependencies]\na_b = "1"\n', '[dependencies]\na-b = { version = "1" }\n'),
        ("Gemfile", "gem 'a', '1.0'\n", 'gem("a", "1.0")\n'),
    ],
)
def test_another_layout_is_nothing(path: str, before: str, after: str) -> None:
    assert analyzed(changed(path, before, after)) == []


def test_a_renamed_file_is_compared_with_what_it_was() -> None:
    same = changed("app/requirements.txt", "a==1\n", "a==1\n", old_path="requirements.txt")
    assert analyzed(same) == []
    [remark] = told(changed("app/requirements.txt", "a==2\n", "a==1\n", old_path="requirements.txt"))
    assert remark.rule == "dependency/lowered"


def test_without_a_base_there_is_nothing_new() -> None:
    file = FileChange(path="package.json", status=changed("x", "1", "2").status, after=package_json(a="1.0.0"))
    assert ANALYZER.measure(file) is None


@pytest.mark.parametrize("end", ["base", "head"])
def test_what_cannot_be_read_is_said_and_nothing_is_new(end: str) -> None:
    broken = '{"dependencies": {'
    good = package_json(a="1.0.0")
    [note] = analyzed(changed("package.json", *((broken, good) if end == "base" else (good, broken))))
    assert (note.rule, note.standing) == ("dependency/unreadable", Standing.NOTE)
    assert note.evidence["problem"] == f"at {end}: it is not valid JSON"


def test_fingerprints_last_while_lines_shift_and_tell_packages_apart() -> None:
    def one(before: str, after: str) -> str:
        [remark] = told(changed("requirements.txt", before, after))
        return remark.fingerprint

    first = one("flask==3\n", "flask==2\n")
    assert first == one("# a\n\nflask==3\n", "# a\n\n\nflask==2\n")
    assert first != one("quart==3\n", "quart==2\n")


def test_a_deleted_manifest_is_a_note() -> None:
    [note] = analyzed(changed("Cargo.toml", '[dependencies]\na = "1"\n', None))
    assert (note.rule, note.locations) == ("dependency/file", ())


def test_the_analyzer_sees_a_change_without_manifests() -> None:
    change: Change = change_of(CODE)
    assert said(ANALYZER, change) == []


def test_a_change_adds_a_manifest_and_a_whole_repository_has_it() -> None:
    file = changed("requirements.txt", None, "flask==3.0.2\n")
    [added] = analyzed(file)
    assert added.title == "`requirements.txt` is new and declares 1 package"
    [existing] = said(ANALYZER, replace(change_of(file), whole_repository=True))
    assert existing.title == "`requirements.txt` declares 1 package"
    assert existing.description == "Counted as the file declares them."
    assert (existing.rule, existing.fingerprint) == (added.rule, added.fingerprint)


CARGO = '[dependencies]\nserde = "1"\n'


@pytest.mark.parametrize(
    ("path", "before", "after", "what"),
    [
        ("Cargo.toml", CARGO, CARGO + 'net = { git = "https://github.com/someone/net", branch = "main" }\n', "git"),
        ("package.json", package_json(), package_json(x="someone/x#fix"), "git"),
        ("requirements.txt", "a==1\n", "a==1\nx @ git+https://github.com/someone/x@main\n", "git"),
        (
            "pyproject.toml",
            "[tool.poetry]\n",
            '[tool.poetry.dependencies]\nx = { url = "https://e.org/x.whl" }\n',
            "URL",
        ),
        ("Gemfile", "gem 'a'\n", "gem 'a'\ngem 'x', git: 'https://github.com/someone/x'\n", "git"),
        ("go.mod", "module x\n", "module x\nrequire a.b/x v1.0.0\nreplace a.b/x => ../x\n", "folder outside"),
    ],
)
def test_a_new_dependency_from_elsewhere(path: str, before: str, after: str, what: str) -> None:
    [remark] = told(changed(path, before, after))
    assert remark.rule == "dependency/source"
    assert " is new and taken from a " in remark.title and what in remark.title
    assert remark.locations[0].start_line > 0


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        # For development, of this repository's owner, in this repository, or already there.
        ("Cargo.toml", CARGO, CARGO + '[dev-dependencies]\nnet = { git = "https://github.com/someone/net" }\n'),
        ("Cargo.toml", CARGO, CARGO + 'net = { git = "https://github.com/A/net" }\n'),
        ("Cargo.toml", CARGO, CARGO + 'net = { path = "net" }\n'),
        ("package.json", package_json(), package_json(x="file:packages/x")),
        ("package.json", package_json(x="someone/x#1"), package_json(x="someone/x#2")),
    ],
)
def test_a_new_dependency_that_is_no_surprise(path: str, before: str, after: str) -> None:
    assert not told(changed(path, before, after))


PARENT = """<project><parent><groupId>{group}</groupId><artifactId>parent</artifactId>
<version>{parent}</version>{path}</parent><artifactId>app</artifactId>{own}
<dependencies><dependency><groupId>com.example</groupId><artifactId>lib</artifactId>
<version>${{project.version}}</version></dependency></dependencies></project>"""


def pom(parent: str, group: str = "org.boot", path: str = "<relativePath/>", own: str = "") -> str:
    return PARENT.format(parent=parent, group=group, path=path, own=own)


@pytest.mark.parametrize(
    ("group", "path", "own"),
    [
        ("org.boot", "<relativePath/>", ""),
        ("org.boot", "", "<groupId>com.example</groupId>"),
        ("org.boot", "", "<groupId>org.boot.commons</groupId><version>3.14</version>"),
        ("com.example", "<relativePath></relativePath>", ""),
    ],
)
def test_a_parent_from_a_repository_is_a_dependency(group: str, path: str, own: str) -> None:
    older, newer = (pom(version, group, path, own) for version in ("2.7.18", "3.3.4"))
    assert [one.rule for one in told(changed("pom.xml", newer, older))] == ["dependency/lowered"]
    assert [one.rule for one in told(changed("pom.xml", older, newer), CODE)] == ["dependency/major"]
    assert not told(changed("pom.xml", newer, newer.replace("3.3.4", "3.3.5")), CODE)


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("", ""),
        ("", "<groupId>com.example.app</groupId>"),
        ("<relativePath>../pom.xml</relativePath>", "<groupId>org.other</groupId>"),
        ("", "<groupId>com.example</groupId><version>{0}</version>"),
    ],
)
def test_the_projects_own_version_is_no_dependency(path: str, own: str) -> None:
    before, after = (pom(version, "com.example", path, own.format(version)) for version in ("1.9.0", "2.0.0"))
    assert analyzed(changed("core/pom.xml", before, after), CODE) == []
    assert analyzed(changed("core/pom.xml", after, before), CODE) == []


def test_what_sets_the_versions_of_others_elsewhere() -> None:
    plugins = 'id("org.springframework.boot") version "3.3.4"\n  id "com.diffplug.spotless" version "6.25.0"'
    script = f"plugins {{\n  {plugins}\n}}\n"
    [remark] = told(changed("build.gradle.kts", script, script.replace("3.3.4", "2.7.18")))
    assert remark.rule == "dependency/lowered" and remark.locations[0].start_line == 2
    assert not told(changed("settings.gradle", script, script.replace("6.25.0", "6.24.0")))
    catalog = '[plugins]\nboot = { id = "org.springframework.boot", version = "3.3.4" }\n'
    assert told(changed("gradle/libs.versions.toml", catalog, catalog.replace("3.3.4", "2.7.18")))
