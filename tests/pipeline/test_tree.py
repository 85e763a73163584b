"""What stays behind in the tree: real repositories, one search, and what the analyzers say of it."""

import asyncio
from collections.abc import Collection, Mapping

import pytest

from bot.analysis import leftover, stale, sweep, twins
from bot.analysis.run import without_ignored
from bot.domain.change import Change, RepositoryConfig
from bot.domain.insights import Insight, Severity
from bot.git.change import read_change
from bot.git.grep import find_texts, read_files
from bot.pipeline.tree import search_tree
from tests.repository import Repository

Files = Mapping[str, str | bytes | None]


def told(
    repository: Repository,
    before: Files,
    after: Files,
    *,
    title: str = "",
    config: RepositoryConfig | None = None,
    off: Collection[str] = (),
) -> list[Insight]:
    base, head = repository.commit("before", before), repository.commit("after", after)

    async def change() -> Change:
        files = (await read_change(repository.git_dir, base, head)).files
        return Change(
            repository="owner/project",
            head_sha=head,
            merge_base=base,
            files=files,
            title=title,
            tree=await search_tree(repository.git_dir, base, head, files, off),
            config=config or RepositoryConfig(),
        )

    made = without_ignored(asyncio.run(change()))
    return [one for module in (twins, leftover, stale, sweep) for one in module.ANALYZER.analyze(made, {})]


def places(insight: Insight) -> list[tuple[str, int]]:
    return [(one.path, one.start_line) for one in insight.locations]


def client(name: str, wait: str = "response = session.get(address, timeout=30)", indent: str = "    ") -> str:
    lines = (
        "session = make_session(settings)",
        "address = settings.base_address.rstrip('/')",
        wait,
        "",
        "if response.status_code >= 400:",
        "    raise RequestFailed(response.status_code)",
        "payload = response.json()",
        "return [parse_release(entry) for entry in payload]",
    )
    return f"def fetch_{name}(settings):\n" + "".join(f"{indent if line else ''}{line}\n" for line in lines)


MENDED = "response = retrying(session.get, address, timeout=30)"


def test_a_changed_block_with_a_copy_elsewhere_names_the_copy(repository: Repository) -> None:
    other = "import x\n\n" + client("gitea", indent="\t")
    before = {"client/github.py": client("github"), "client/gitea.py": other}
    [remark] = told(repository, before, {"client/github.py": client("github", MENDED)}, title="Fix rate limits")
    assert remark.rule == "twins/left-behind"
    assert remark.title == "A changed block of `client/github.py` also stands at `client/gitea.py`:4, unchanged there"
    assert places(remark) == [("client/github.py", 4), ("client/gitea.py", 4)]
    assert "`response = session.get(address, timeout=30)`" in remark.description
    assert remark.severity is Severity.MEDIUM
    assert remark.evidence["blocks"][0]["same_lines"] == 7


EXTRACTED = "def fetch_github(settings):\n    return hub.fetch(settings, sorted)\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"client/gitea.py": client("gitea", MENDED)}),
        ({"client/gitea.py": client("gitea", "response = session.get(address)")}, {}),
        ({"client/gitea.py": None, "vendor/gitea.py": client("gitea")}, {}),
        ({"client/gitea.py": None, "tests/gitea.py": client("gitea")}, {}),
        ({"client/gitea.py": None, "v1/gitea.py": client("gitea")}, {}),
        ({}, {"client/github.py": EXTRACTED, "client/hub.py": client("github", MENDED)}),
        ({}, {"client/github.py": client("github", indent="        ")}),
        ({}, {"client/github.py": "# gone\n"}),
        ({f"client/{n}.py": client(str(n)) for n in range(3)}, {}),
    ],
    ids=["changed too", "differs", "vendored", "test", "old version", "moved", "indented", "emptied", "a pattern"],
)
def test_a_copy_is_not_named(repository: Repository, before: Files, after: Files) -> None:
    old = {"client/github.py": client("github"), "client/gitea.py": client("gitea"), **before}
    repository.commit("start", {"client/gitea.py": ""})
    assert told(repository, old, {"client/github.py": client("github", MENDED), **after}) == []


def test_five_equal_lines_are_no_copy(repository: Repository) -> None:
    short = client("github").replace("    payload = response.json()\n", "").split("    return")[0]
    old = {"client/github.py": short, "client/gitea.py": short.replace("fetch_github", "fetch_gitea")}
    assert told(repository, old, {"client/github.py": short.replace("timeout=30", "timeout=60")}) == []


TOOL = """\
import os

def load_settings_file(path):
    return open(path)

def main(parser):
    parser.add_argument(
        "--settings-file",
    )
    if os.environ.get("TOOL_NO_COLOR"):
        pass
"""
NAMING = {
    "README.md": "Run `tool --settings-file x`.\n",
    "docs/colors.md": "Set `TOOL_NO_COLOR`.\n",
    "docs/api.rst": "See `tool.load_settings_file`.\n",
    ".github/workflows/ci.yml": "- run: python scripts/make_manual.py --settings-file x\n",
    "Makefile": "manual:\n\tpython scripts/make_manual.py\n",
    "CHANGELOG.md": "Adds `--settings-file`, `TOOL_NO_COLOR`, load_settings_file, scripts/make_manual.py\n",
    "docs/migrating/v2.md": "Replace `--settings-file` and `TOOL_NO_COLOR`.\n",
    "tests/test_tool.py": "def test_it(): assert '--settings-file' not in usage\n",
    "docs/other.md": "`--settings-file-format` is another flag. `--settings-file` is no longer there.\n",
}


def test_what_is_removed_and_still_named_is_said_with_its_places(repository: Repository) -> None:
    before = {"tool/cli.py": TOOL, "scripts/make_manual.py": "print(1)\n", **NAMING}
    after: Files = {"tool/cli.py": "def main(parser):\n    pass\n", "scripts/make_manual.py": None}
    found = {one.evidence["name"]: one for one in told(repository, before, after)}
    assert {name: places(one) for name, one in found.items()} == {
        "--settings-file": [(".github/workflows/ci.yml", 1), ("README.md", 1)],
        "TOOL_NO_COLOR": [("docs/colors.md", 1)],
        "load_settings_file": [("docs/api.rst", 1)],
        "make_manual.py": [(".github/workflows/ci.yml", 1), ("Makefile", 2)],
    }
    assert found["TOOL_NO_COLOR"].title == (
        "The environment variable `TOOL_NO_COLOR` is removed here, and `docs/colors.md`:1 still names it"
    )
    assert {one.rule for one in found.values()} == {"leftover/reference"}


def test_a_renamed_function_and_file_say_their_new_names(repository: Repository) -> None:
    before = {"tool/old_loader.py": "def load_settings_file(path):\n" + "    x = 1\n" * 9, **NAMING}
    before["docs/api.rst"] += "In tool/old_loader.py.\n"
    after = before["tool/old_loader.py"].replace("load_settings_file", "read_settings_file")
    found = told(repository, before, {"tool/old_loader.py": None, "tool/new_loader.py": after})
    assert [one.evidence["renamed"] for one in found] == ["tool/new_loader.py", "read_settings_file"]
    assert [places(one) for one in found] == [[("docs/api.rst", 2)], [("docs/api.rst", 1)]]


def test_a_new_name_without_anything_in_common_is_not_what_the_old_one_became(repository: Repository) -> None:
    before = {"tool/cli.py": "def load_settings_file(path):\n    return 1\n", "docs/api.rst": "load_settings_file\n"}
    [remark] = told(repository, before, {"tool/cli.py": "def warn_of_old_paths(path):\n    return 1\n"})
    assert remark.title.startswith("The function `load_settings_file` is removed here")


@pytest.mark.parametrize(
    ("extra", "after"),
    [
        ({"tool/other.py": "def load_settings_file(path): ...\n"}, {}),
        ({"tool/other.py": "from upstream import load_settings_file\n"}, {}),
        ({}, {"tool/new.py": "def load_settings_file(path): ...\n"}),
        ({}, {"docs/api.rst": "See tool.read_it.\n"}),
        ({"docs/api.rst": "See `redis.load_settings_file`.\n"}, {}),
        ({"docs/api.rst": ".. code::\n\n  def load_settings_file(path):\n"}, {}),
        ({"docs/api.rst": "`load_settings_file` was removed in 2.0.\n"}, {}),
        ({"docs/api.rst": "", "locale/de/api.po": 'msgid "load_settings_file"\n'}, {}),
    ],
    ids=["defined twice", "imported", "moved", "docs too", "of another", "an example", "told", "catalog"],
)
def test_a_name_that_lives_or_is_told_of_is_not_left_behind(repository: Repository, extra: Files, after: Files) -> None:
    before = {"tool/cli.py": "def load_settings_file(path):\n    return 1\n", "docs/api.rst": "", **extra}
    if "docs/api.rst" not in extra:
        before["docs/api.rst"] = "See `tool.load_settings_file`.\n"
    assert told(repository, before, {"tool/cli.py": "x = 1\n", **after}) == []


def test_a_file_of_the_same_name_elsewhere_is_meant(repository: Repository) -> None:
    before = {
        "a/make_manual.py": "1\n",
        "b/make_manual.py": "2\n",
        "README.md": "Run make_manual.py or b/make_manual.py\n",
    }
    assert told(repository, before, {"a/make_manual.py": None}) == []


def test_headers_of_the_system_and_scripts_that_uninstall_keep_their_names(repository: Repository) -> None:
    before: Files = {
        "include/linux/pkt_sched.h": "x\n",
        "m4/a.m4": "#include <linux/pkt_sched.h>\n",
        "uninstall": "rm include/linux/pkt_sched.h\n",
        "api/dump.api": "include/linux/pkt_sched.h\n",
        "build.sh": "cp include/linux/pkt_sched.h .\n",
    }
    [remark] = told(repository, before, {"include/linux/pkt_sched.h": None})
    assert places(remark) == [("build.sh", 1)]


def test_a_script_that_is_gone_and_still_run(repository: Repository) -> None:
    before: Files = {
        "package.json": '{"scripts": {\n"build:docs": "x",\n"test-unit": "y"\n}}\n',
        "packages/a/package.json": '{"scripts": {\n"test-unit": "y"\n}}\n',
        "Makefile": "docs-html:\n\tx\n",
        ".github/workflows/docs.yml": "- run: pnpm build:docs\n- run: make docs-html\n- run: npm run test-unit\n",
        "README.md": "The build:docs script, and npm run build:docs:all\n",
        "CONTRIBUTING.md": "Run `yarn build:docs`.\n\nThe `build:docs` script is slow.\nThe build:docs folder.\n",
    }
    found = told(repository, before, {"package.json": '{"scripts": {\n}}\n', "Makefile": "x:\n"})
    assert {one.evidence["name"]: places(one) for one in found} == {
        # Each line of a file that runs it, and none of a file that only has the words.
        "build:docs": [(".github/workflows/docs.yml", 1), ("CONTRIBUTING.md", 1), ("CONTRIBUTING.md", 3)],
        "docs-html": [(".github/workflows/docs.yml", 2)],
    }


def test_folders_and_files_with_common_names_are_named_by_their_whole_path(repository: Repository) -> None:
    before: Files = {
        "requirements/dev.txt": "a\n",
        "requirements/more/x.txt": "a\n",
        "tests/unit/test_a.py": "x\n",
        "left/one.py": "x\n",
        "left/two.py": "x\n",
        ".devcontainer/create.sh": "pip install -r requirements/dev.txt\n",
        ".github/dependabot.yml": "directory: /requirements\n# requirements are read\n",
        ".github/workflows/ci.yml": "paths:\n  - 'requirements/**'\n  - left/**\n  - other/requirements/x\n",
        ".gitignore": "requirements/\n/tests/unit/test_a.py\n/tests/types/import.js\n",
        "tests/types/import.ts": "x\n",
        "docs/a.md": "Tests are in tests/unit/test_a.py and in tests/unit/test_a.pyc. See requirements/.\n",
    }
    gone = ("requirements/dev.txt", "requirements/more/x.txt", "tests/unit/test_a.py", "tests/types/import.ts")
    remarks = told(repository, before, {**dict.fromkeys(gone), "left/one.py": None})
    found = {one.evidence["name"]: places(one) for one in remarks}
    assert found == {
        "requirements/dev.txt": [(".devcontainer/create.sh", 1)],
        "requirements": [(".github/dependabot.yml", 1), (".github/workflows/ci.yml", 2)],
        "tests/unit/test_a.py": [("docs/a.md", 1)],
        "tests/types/import.js": [(".gitignore", 3)],
    }


def test_facts_that_are_stated_elsewhere_are_found_in_the_tree(repository: Repository) -> None:
    before: Files = {
        "Cargo.toml": 'rust-version = "1.77.2"\n',
        "lib/settings.py": "MAX_RETRIES = 3\n\n\ndef load_settings(path, strict=False):\n    pass\n",
        "README.md": "Rust 1.77.2 or later is required.\n\n    load_settings(path, strict=True)\n",
        "docs/settings.md": "`MAX_RETRIES`: how often (default: 3)\n",
        "src/a.rs": "// TODO: once the MSRV is 1.85, remove this\nlet retries = 1.772;\n",
        "CHANGELOG.md": "Rust 1.77.2 or later is required. MAX_RETRIES (default: 3)\n",
        "vendor/b/README.md": "Rust 1.77.2 or later is required.\n",
    }
    after: Files = {
        "Cargo.toml": 'rust-version = "1.90.0"\n',
        "lib/settings.py": "MAX_RETRIES = 5\n\n\ndef load_settings(path):\n    pass\n",
    }
    found = {one.rule: places(one) for one in told(repository, before, after)}
    assert found == {
        "stale/requirement": [("Cargo.toml", 1), ("README.md", 1)],
        "stale/waiting": [("Cargo.toml", 1), ("src/a.rs", 1)],
        "stale/value": [("lib/settings.py", 1), ("docs/settings.md", 1)],
        "stale/call": [("lib/settings.py", 4), ("README.md", 3)],
    }


def test_the_uses_of_workflows_are_read_for_a_new_one_that_is_not_pinned(repository: Repository) -> None:
    use = "steps:\n  - uses: o/tool@{}\n"
    files: Files = {".github/workflows/a.yml": use.format("a" * 40), "docs/ci.yml": use.format("v1")}
    base, head = (
        repository.commit("one", files),
        repository.commit("two", {".github/workflows/b.yml": use.format("v1")}),
    )
    changed = asyncio.run(read_change(repository.git_dir, base, head)).files
    tree = asyncio.run(search_tree(repository.git_dir, base, head, changed))
    assert [one.path for one in tree.uses] == [".github/workflows/a.yml", ".github/workflows/b.yml"]
    assert asyncio.run(search_tree(repository.git_dir, base, head, changed, ["security"])).uses == ()


SHELLS = ("bash_shell", "fish_shell", "nush_shell", "pwsh_shell", "tcsh_shell")


def test_a_list_without_a_new_member_and_a_word_that_is_new_are_found(repository: Repository) -> None:
    before = {f"src/shells/{name}.py": "x = 1  # seperate\n" for name in SHELLS}
    before |= {"docs/shells.md": "".join(f"- `{name}`\n" for name in SHELLS), "README.md": "Shells\n"}
    after = {"src/shells/xonsh_shell.py": "# seperate, managed interanlly\n"}
    base, head = repository.commit("one", before), repository.commit("two", after)
    changed = asyncio.run(read_change(repository.git_dir, base, head)).files
    tree = asyncio.run(search_tree(repository.git_dir, base, head, changed))
    assert [(one.member.name, one.path, one.place.line) for one in tree.listings] == [
        ("xonsh_shell", "docs/shells.md", 1)
    ]
    # What the repository spells so already is its own word.
    assert [(one.word, one.line) for one in tree.misspelled] == [("interanlly", 1)]
    off = asyncio.run(search_tree(repository.git_dir, base, head, changed, ["unlisted", "spelling"]))
    assert (off.listings, off.misspelled) == ((), ())


WORKFLOW = "jobs:\n  {name}:\n    runs-on: {runner}\n    steps:\n      - uses: actions/checkout@v3\n"


def workflows(runner: str, *names: str) -> dict[str, str]:
    return {f".github/workflows/{name}.yml": WORKFLOW.format(name=name, runner=runner) for name in names}


def test_two_workflows_of_three(repository: Repository) -> None:
    before = workflows("windows-latest", "build", "cli", "plugins")
    [remark] = told(repository, before, workflows("windows-2022", "build", "cli"))
    assert remark.rule == "sweep/incomplete"
    assert remark.title == (
        "`windows-latest` is replaced in 2 of 3 files of `.github/workflows/*.yml`;"
        " `.github/workflows/plugins.yml` still has it"
    )
    assert places(remark) == [(".github/workflows/plugins.yml", 3)]


def test_a_whole_line_in_modules_of_one_name(repository: Repository) -> None:
    old = {f"plugins/{name}/plugin.toml": f'name = "{name}"\nruntime = ["node", "18"]\n' for name in "abcd"}
    new = {path: text.replace('"18"]', '"20", "22"]') for path, text in old.items() if "/d/" not in path}
    [remark] = told(repository, old, new)
    assert places(remark) == [("plugins/d/plugin.toml", 2)]
    assert "`plugins/*/plugin.toml`" in remark.title


TWICE = {path: f"{text}    needs: windows-latest\n" for path, text in workflows("windows-latest", *"abc").items()}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (workflows("windows-latest", "a", "b"), workflows("windows-2022", "a", "b")),
        (workflows("windows-latest", *"abcdefg"), workflows("windows-2022", "a", "b")),
        (workflows("windows-latest", "a", "b", "c"), workflows("windows-2022", "a")),
        (
            {f"p{n}/a.json": '"mocha": "^9.0.1"\n}\n' for n in range(3)},
            {f"p{n}/a.json": '"mocha": "^9.0.1",\n"x": 1\n}\n' for n in range(2)},
        ),
        (TWICE, {path: text.replace("latest", "2022", 1) for path, text in TWICE.items() if "c.yml" not in path}),
        (
            {f"p{n}/package.json": f'{{"name": "p{n}",\n"version": "1.2.3-rc1"}}\n' for n in range(5)},
            {f"p{n}/package.json": f'{{"name": "p{n}",\n"version": "1.2.3-rc2"}}\n' for n in range(4)},
        ),
        (
            {f"lib/m{n}.py": "x = 1\nreturn result\n" for n in range(5)},
            {f"lib/m{n}.py": "x = 1\nreturn value\n" for n in range(4)},
        ),
    ],
    ids=["all", "the lesser part", "one", "comma", "chosen", "versions", "untelling"],
)
def test_a_complete_or_chosen_sweep_is_not_said(repository: Repository, old: Files, new: Files) -> None:
    assert told(repository, old, new) == []


def test_what_is_switched_off_or_ignored_is_not_said(repository: Repository) -> None:
    before = workflows("windows-latest", "build", "cli", "plugins")
    config = RepositoryConfig(ignore=(".github/workflows/plugins.yml",))
    assert told(repository, before, workflows("windows-2022", "build", "cli"), config=config) == []
    assert told(repository, before, workflows("windows-2022", "build", "cli"), off=["sweep"]) == []


def test_what_gitattributes_calls_generated_is_not_named(repository: Repository) -> None:
    before = {"tool/cli.py": "def load_settings_file(path):\n    return 1\n", "docs/api.rst": "load_settings_file\n"}
    repository.commit("attributes", {".gitattributes": "docs/*.rst linguist-generated\n"})
    assert told(repository, before, {"tool/cli.py": "x = 1\n"}) == []


def test_texts_are_neither_options_nor_expressions_and_odd_bytes_are_read(repository: Repository) -> None:
    files: Files = {
        "a\nb.txt": b"one\n--all .* x\r\n",
        "c.txt": b"\xff\xfe --all .* \xe9\n",
        "d.bin": b"\0--all .*\n",
        "-e.txt": "--all yy\n",
    }
    head = repository.commit("odd", files)
    found = asyncio.run(find_texts(repository.git_dir, head, ["--all .*", "-e"]))
    assert [(one.path, one.line, one.text) for one in found] == [
        ("a\nb.txt", 2, "--all .* x"),
        ("c.txt", 1, "\ufffd\ufffd --all .* \ufffd"),
    ]
    assert asyncio.run(find_texts(repository.git_dir, head, ["nowhere"])) == ()
    assert asyncio.run(find_texts(repository.git_dir, head, [])) == ()
    read = asyncio.run(read_files(repository.git_dir, head, ["-e.txt", "d.bin", "missing", ":(glob)*"]))
    assert [(one.path, one.text) for one in read] == [("-e.txt", "--all yy\n")]
