"""Texts made to hurt: they cost a note, never the machine, and nothing of them leaves its code span."""

import json
import re
import time
from contextlib import suppress
from dataclasses import replace

import pytest

from bot.analysis.dependency import ANALYZER
from bot.analysis.dependency.formats import FORMATS, format_of
from bot.analysis.dependency.packages import Contents, Unreadable
from bot.analysis.dependency.untrusted import read_toml
from bot.domain.change import Report
from bot.domain.files import FileChange
from bot.domain.insights import Insight
from bot.report.formats import as_json
from bot.report.markdown import comment, summary
from bot.report.selection import select
from tests.analysis.changes import change_of, changed, said

PATHS = [
    "requirements.txt", "pyproject.toml", "setup.cfg", "Pipfile", "Pipfile.lock", "poetry.lock", "pdm.lock", "uv.lock",
    "pylock.toml", "package.json", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock",
    "bun.lock", "go.mod", "Cargo.toml", "Cargo.lock", "Gemfile", "Gemfile.lock", "gems.rb", "gems.locked",
    "composer.json", "composer.lock", "pom.xml", "libs.versions.toml", "build.gradle", "settings.gradle",
    "gradle.lockfile", "App.csproj", "Directory.Packages.props", "packages.config", "packages.lock.json",
]  # fmt: skip
GARBAGE = [
    "",
    "\n",
    "\0",
    "null",
    "[]",
    "[1, 2]",
    '"text"',
    "{}",
    "{" * 5_000,
    "[" * 100_000,
    '{"dependencies": [1], "packages": {"": 3, "node_modules/": null}, "require": "x", "default": [], "package": 1}',
    '{"packages": {"a": [[[]]]}, "dependencies": {"a": {"version": {}, "dependencies": {"a": 5}}}}',
    "package = 3\ndependencies = 4\nproject = 5\nlibraries = 6\n",
    "[[package]]\nname = 5\nversion = []\nsource = 3\ndependencies = [3, [4]]\n[[package]]\n",
    "importers: [a]\npackages: 3\n",
    "importers: {.: {dependencies: {a: [b]}}}\npackages: {a: b, '@/': {resolution: [1]}}\n",
    "a: [" * 3_000,
    "? [a, b]\n: c\n",
    "<project><dependencies><dependency/></dependencies></project>",
    "<a><b></a>",
    "<Project><ItemGroup><PackageReference/><PackageVersion Include=''/><Otherwise/></ItemGroup></Project>",
    "<packages><package/><package id=''/></packages>",
    '{"version": [], "dependencies": {"net8.0": {"a": 3, "b": {"type": [], "resolved": {}}}, "x": []}}',
    "require (\nreplace =>\n=> =>\nrequire\n",
    "gem\ngem ''\ngem 'a', \nend\nend\n",
    "x==\n==1\n-r\n-e\n--hash\n@ @\n; ;\n\\\n",
    "GEM\n  specs:\n    (1)\n",
    "\ud800 lone surrogate",
    "[metadata]\nname = x\n<6.0\n    b\n[options]\ninstall_requires\n    a\n",
    '<?xml version="1.0" encoding="utf-7"?><project><artifactId>a</artifactId></project>',
    '<?xml version="1.0" encoding="no-such-encoding"?><project/>',
    "\u2028\u2029\x85\x0b\x0c\x1c",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("text", GARBAGE, ids=range(len(GARBAGE)))
def test_no_parser_raises_anything_but_its_refusal(path: str, text: str) -> None:
    form = format_of(path)
    assert form is not None
    with suppress(Unreadable):
        assert isinstance(form.read(text), Contents)


def test_every_format_is_among_the_tested() -> None:
    assert {format_of(path) for path in PATHS} == set(FORMATS)


def refused(path: str, text: str) -> str:
    form = format_of(path)
    assert form is not None
    started = time.monotonic()
    with pytest.raises(Unreadable) as refusal:
        form.read(text)
    assert time.monotonic() - started < 5
    return str(refusal.value)


@pytest.mark.parametrize("encoding", ["GBK", "ISO-8859-1", "utf-7", "x"])
def test_the_declared_encoding_of_a_text_that_is_decoded_already_does_not_count(encoding: str) -> None:
    dependency = "<dependency><groupId>é</groupId><artifactId>文</artifactId><version>1</version></dependency>"
    text = f'<?xml version="1.0" encoding="{encoding}"?><project><dependencies>{dependency}</dependencies></project>'
    form = format_of("pom.xml")
    assert form is not None
    assert [package.name for package in form.read(text).packages] == ["é:文"]


def test_blocks_that_are_never_closed_cost_no_more_than_others() -> None:
    form = format_of("Gemfile")
    assert form is not None
    started = time.process_time()
    found = form.read("group :test, :long_name do gem 'x'\n  gem 'a', '1', group: :test do\n" * 4_000).packages
    assert len(found) == 4_000 and time.process_time() - started < 2
    assert max(len(package.environment) for package in found) < 3_000


def test_a_yaml_bomb_is_refused() -> None:
    levels = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    assert refused("pnpm-lock.yaml", "\n".join(levels)) == "it uses YAML aliases"
    assert refused("yarn.lock", "__metadata:\n  version: 8\na: &a {b: 1}\nc: *a\n") == "it uses YAML aliases"


def test_yaml_tags_build_nothing() -> None:
    form = format_of("pnpm-lock.yaml")
    assert form is not None
    assert form.read("packages: {x@1.0.0: !!python/object/apply:os.system [exit]}").packages[0].version == "1.0.0"


def test_deep_yaml_is_refused() -> None:
    assert refused("pnpm-lock.yaml", "a: " + "[" * 5_000 + "]" * 5_000)


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE p [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE p SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        "<!DOCTYPE project>",
    ],
)
def test_a_document_type_is_refused(doctype: str) -> None:
    text = f"<?xml version='1.0'?>{doctype}<project><artifactId>&x;</artifactId></project>"
    assert refused("pom.xml", text) == "it declares a document type"


def test_deep_xml_is_refused() -> None:
    assert refused("pom.xml", "<project>" + "<a>" * 200_000) == "it is nested too deeply"


def test_properties_that_grow_stop_growing() -> None:
    levels = "".join(f"<p{n}>{'${p' + str(n + 1) + '}' * 1}{('${p' + str(n + 1) + '}') * 50}</p{n}>" for n in range(50))
    text = (
        f"<project><properties>{levels}</properties><dependencies><dependency><groupId>g</groupId>"
        "<artifactId>a</artifactId><version>${p0}</version></dependency></dependencies></project>"
    )
    form = format_of("pom.xml")
    assert form is not None
    assert len(form.read(text).packages[0].version) <= 500


def test_deep_json_is_refused() -> None:
    assert refused("package-lock.json", '{"dependencies":' * 100_000) == "it is not valid JSON"


def test_the_last_of_equal_keys_holds_as_for_npm() -> None:
    form = format_of("package.json")
    assert form is not None
    [package] = form.read('{"dependencies": {"a": "1.0.0", "a": "2.0.0"}}').packages
    assert package.version == "2.0.0"


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    before, after = '\ufeff{"dependencies": {"a": "1.0.0"}}', '{"dependencies": {"a": "1.1.0"}}'
    assert [one.rule for one in said(ANALYZER, change_of(changed("package.json", before, after)))] == [
        "dependency/raised-all"
    ]


def test_a_nul_is_refused() -> None:
    [note] = said(ANALYZER, change_of(changed("requirements.txt", "a==1\n", "a==2\0\n")))
    assert note.evidence["problem"] == "at head: it holds a NUL character"


def _lock(path: str, version: str) -> str:
    many = range(28_000)
    if path == "package-lock.json":
        entry = {"version": version, "resolved": "https://npm.example.org/x.tgz", "integrity": "sha512-" + "x" * 180}
        return json.dumps(
            {"lockfileVersion": 3, "packages": {f"node_modules/package-{n}": entry for n in many}}, indent=1
        )
    if path == "yarn.lock":
        rest = f'\n  resolved "https://registry.yarnpkg.com/{"y" * 120}"\n  integrity sha512-{"x" * 88}\n\n'
        return "# yarn lockfile v1\n\n" + "".join(f'package-{n}@^1.0.0:\n  version "{version}"{rest}' for n in many)
    if path == "pnpm-lock.yaml":
        rest = f"\n    resolution: {{integrity: sha512-{'x' * 88}}}\n    engines: {{node: '>=10'}}\n    dev: false\n\n"
        return "lockfileVersion: '6.0'\npackages:\n" + "".join(
            f"  /package-{n}-{'long' * 20}@{version}:{rest}" for n in many
        )
    return "".join(
        f'[[package]]\nname = "package-{n}"\nversion = "{version}"\nfiles = [\n'
        f'    {{file = "p.whl", hash = "sha256:{"a" * 64}"}},\n'
        f'    {{file = "p.tar.gz", hash = "sha256:{"b" * 64}"}},\n]\n\n'
        for n in many
    )


@pytest.mark.parametrize("path", ["package-lock.json", "yarn.lock", "pnpm-lock.yaml", "poetry.lock"])
def test_a_lock_of_megabytes_takes_seconds(path: str) -> None:
    before, after = _lock(path, "1.0.0"), _lock(path, "1.0.1")
    assert len(after) > 5_000_000
    started = time.process_time()
    insights = said(ANALYZER, change_of(changed_without_hunks(path, before, after)))
    assert time.process_time() - started < 14
    assert insights[0].evidence["total"] == 28_000
    assert len(insights[0].evidence["dependencies"]) == 300


def changed_without_hunks(path: str, before: str, after: str) -> FileChange:
    return replace(changed(path, "", "x"), before=before, after=after)


def test_names_stay_in_their_code_spans() -> None:
    evil = "`@octocat` <img src=x> [a](http://e) #1 \n\n# big"
    before = json.dumps({"dependencies": {evil: "2.0.0", "b": "1.0.0"}})
    after = json.dumps({"dependencies": {evil: "1.0.0", "b": "git+https://user:hunter2@e.org/`@octocat`.git"}})
    insights = said(ANALYZER, change_of(changed("package.json", before, after)))
    for text in rendered(insights):
        outside = re.sub(r"(`+)(.+?)(?<!`)\1(?!`)", "", text)
        assert "@octocat" not in outside and "<img" not in outside and "# big" not in outside
        assert "hunter2" not in text


def rendered(insights: list[Insight]) -> list[str]:
    report = Report(
        repository="a/b", head_sha="1" * 40, merge_base="2" * 40, engine="e", insights=tuple(insights), files_analyzed=1
    )
    chosen = select(report)
    return [summary(chosen, ""), comment(chosen, "")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "requirements.txt",
            "-i http://bob:hunter2@pypi.example.org/simple\nx @ https://bob:hunter2@e.org/x.zip?t=hunter2\n",
        ),
        (
            "package.json",
            '{"dependencies": {"x": "https://bob:hunter2@e.org/x.tgz", "y": "git+https://hunter2@e.org/y.git"}}',
        ),
        ("package-lock.json", '{"packages": {"node_modules/x": {"resolved": "http://bob:hunter2@e.org/x.tgz"}}}'),
        ("pyproject.toml", '[tool.poetry.dependencies]\nx = "https://bob:hunter2@e.org/x"\n'),
        ("go.mod", "require x.y/z v1.0.0\nreplace x.y/z => https://bob:hunter2@e.org/z v1.0.0\n"),
        ("Gemfile", 'source "http://bob:hunter2@e.org"\ngem "x", git: "https://bob:hunter2@e.org/x.git"\n'),
        ("composer.json", '{"repositories": [{"url": "http://bob:hunter2@e.org"}], "require": {"a/b": "1"}}'),
        ("build.gradle", 'maven { url "http://bob:hunter2@e.org/m2" }\n'),
    ],
)
def test_credentials_in_addresses_leave_with_nothing(path: str, text: str) -> None:
    insights = said(ANALYZER, change_of(changed(path, "{}" if path.endswith(".json") else "", text)))
    assert insights
    report = Report(
        repository="a/b", head_sha="1" * 40, merge_base="2" * 40, engine="e", insights=tuple(insights), files_analyzed=1
    )
    assert "hunter2" not in json.dumps(as_json(select(report)))


@pytest.mark.parametrize("key", ["[package{}]", "package{} = 1", '"a"{} = 1'])
def test_a_key_of_very_many_parts_is_refused_at_once(key: str) -> None:
    start = time.process_time()
    with pytest.raises(Unreadable, match="very many parts"):
        read_toml(key.format(".a" * 50_000))
    assert time.process_time() - start < 1
    assert read_toml('text = """\n' + "." * 300 + '\n"""\n[a.b.c]\nd = "1.2.3"')["text"] == "." * 300 + "\n"
