"""New members of a family, by kind, and the lists that name the others of it only."""

import time

import pytest

from bot.analysis.unlisted import ANALYZER, members
from bot.analysis.unlisted.lists import candidates, lists_without, searched
from bot.domain.change import Change
from bot.domain.files import FileChange, FileStatus, Hunk
from bot.domain.tree import Listing, Member, Mention, Tree
from tests.analysis.changes import changed

SHELLS = ("bash_shell", "fish_shell", "nush_shell", "pwsh_shell", "tcsh_shell", "zsh_shell")
FIELDS = "pub struct Config {{\n{}}}\n"


def fields(*names: str) -> str:
    return FIELDS.format("".join(f"    pub {name}: Option<String>,\n" for name in names))


def found(*files: FileChange, names: tuple[str, ...] = ()) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.kind, one.name, one.siblings) for one in members(files, names)]


def test_an_added_file_stands_beside_those_with_its_extension() -> None:
    beside = [f"src/shells/{name}.py" for name in (*SHELLS, "__init__", "base")]
    listed = (*beside, "src/shells/notes.md")
    added = changed("src/shells/xonsh_shell.py", None, "x = 1\n")
    assert found(added, names=listed) == [("file", "xonsh_shell", SHELLS)]
    assert found(added, names=listed[:4]) == []
    # Its author has listed it in another place.
    assert found(added, changed("docs/shells.md", "a\n", "a\n- xonsh_shell\n"), names=listed) == []
    assert len(found(added, changed("src/run.py", "a\n", "a\nimport xonsh_shell\n"), names=listed)) == 1
    assert found(changed("tests/shells/xonsh_shell.py", None, "x\n"), names=listed) == []


def test_an_added_folder_stands_beside_those_that_are_built_like_it() -> None:
    listed = (*(f"plugins/{name}/plugin.toml" for name in SHELLS), "plugins/other/readme.md")
    added = changed("plugins/xonsh_shell/plugin.toml", None, "x = 1\n")
    assert found(added, names=listed) == [("folder", "xonsh_shell", SHELLS)]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("src/options.go", '\tcmd.Flags().BoolVar(&x, "{}", false, "x")'),
        ("src/options.py", 'parser.add_argument("--{}")'),
        ("src/options.go", '\tcase "--{}":'),
    ],
)
def test_a_new_option_stands_beside_the_others(path: str, line: str) -> None:
    names = ("dry-run", "max-depth", "no-color", "output-file", "read-only")
    before = "".join(line.format(name) + "\n" for name in names)
    (one,) = members([changed(path, before, before + line.format("use-cache") + "\n")])
    assert (one.kind, one.name.lstrip("-"), one.line) == ("option", "use-cache", 6)
    assert {name.lstrip("-") for name in one.siblings} == set(names)


def test_a_new_field_stands_among_lines_of_its_form() -> None:
    old = ("bucket_name", "endpoint_url", "secret_id", "secret_key")
    edit = changed("src/config.rs", fields(*old), fields(*old, "security_token"))
    assert found(edit) == [("name", "security_token", ("secret_key", "secret_id", "endpoint_url", "bucket_name"))]
    few = changed("src/config.rs", fields(*old[:3]), fields(*old[:3], "security_token"))
    assert found(few) == []
    other = changed("src/config.rs", fields(*old), fields(*old) + "    let security_token = load(1);\n")
    assert found(other) == []


def test_an_imported_name_is_no_member() -> None:
    old = "".join(f"    {name},\n" for name in ("ClientError", "ClientResponse", "ClientTimeout", "RequestInfo"))
    imported = "from .reqrep import (\n{})\n"
    assert found(changed("a.py", imported.format(old), imported.format(f"{old}    ResponseParams,\n"))) == []
    listed = "class Kind {{\n{}}}\n"
    [(kind, name, _)] = found(changed("a.ts", listed.format(old), listed.format(f"{old}    ResponseParams,\n")))
    assert (kind, name) == ("name", "ResponseParams")


TOKEN = Member("name", "security_token", ("secret_key", "secret_id", "endpoint_url", "bucket_name"), "src/config.rs", 6)
DOCS = "# Options\n\n- `bucket_name`: a\n- `endpoint_url`: b\n- `secret_id`: c\n- `secret_key`: d\n"


def paths_of(texts: dict[str, str], member: Member = TOKEN) -> list[str]:
    return [one.path for one in lists_without([member], texts)]


def test_a_list_that_names_the_others_and_not_the_member_is_found() -> None:
    (listing,) = lists_without([TOKEN], {"src/docs.md": DOCS})
    assert listing == Listing(TOKEN, "src/docs.md", TOKEN.siblings, Mention("src/docs.md", 6, "- `secret_key`: d"))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/docs.md", DOCS + "- `security_token`: e\n"),
        ("src/docs.md", DOCS + "The security token is optional.\n"),
        ("src/docs.md", DOCS.replace("- `secret_key`: d\n", "")),
        # An example does not list.
        ("src/docs.md", "".join(f"    .{name}(1)\n" for name in TOKEN.siblings)),
        # Named, but not as one list.
        ("src/docs.md", "bucket_name, `endpoint_url` and (secret_id)\nsecret_key\n"),
        # Four names elsewhere than beside the member may be others.
        ("docs/options.md", DOCS),
        ("src/CHANGELOG.md", DOCS),
        ("src/other.rs", DOCS),
        ("src/baseline.txt", DOCS),
        ("src/completions.go", DOCS),
        ("tests/docs.md", DOCS),
    ],
)
def test_what_is_no_list_or_has_the_member_is_not_named(path: str, text: str) -> None:
    assert paths_of({path: text}) == []


def test_of_two_lists_in_a_file_the_first_is_shown() -> None:
    example = "".join(f"    '{name}': 1\n" for name in TOKEN.siblings)
    (listing,) = lists_without([TOKEN], {"src/docs.md": DOCS + example})
    assert listing.place.line == 6


def test_a_fifth_of_the_others_may_be_missing_and_many_lists_are_about_something_else() -> None:
    siblings = tuple(f"option_{letter}" for letter in "abcdefghij")
    member = Member("name", "option_new", siblings, "src/a.go", 1)
    text = "".join(f"* {name} - x\n" for name in siblings[:8])
    assert paths_of({"docs/a.md": text}, member) == ["docs/a.md"]
    assert paths_of({"docs/a.md": text.replace("* option_a - x\n", "")}, member) == []
    assert paths_of({f"docs/{number}.md": text for number in range(5)}, member) == []
    # A schema that lacks more than one is about another thing.
    assert paths_of({"schema.json": text}, member) == []
    assert paths_of({"schema.json": f"{text}* option_i - x\n"}, member) == ["schema.json"]


def test_settings_list_files_and_types_list_what_is_written_in_javascript() -> None:
    shells = Member("file", "xonsh_shell", SHELLS, "src/shells/xonsh_shell.js", 1)
    nav = "".join(f"  - {name}.md\n" for name in SHELLS)
    assert paths_of({"mkdocs.yml": nav}, shells) == ["mkdocs.yml"]
    assert paths_of({"config.yml": DOCS}) == []
    types = "".join(f"  {name}: string;\n" for name in SHELLS)
    assert paths_of({"types/shells.d.ts": types}, shells) == ["types/shells.d.ts"]
    typed = Member("file", "xonsh_shell", SHELLS, "src/shells/xonsh_shell.ts", 1)
    assert paths_of({"types/shells.d.ts": types}, typed) == []


def test_the_longest_names_are_searched_and_most_of_them_make_a_candidate() -> None:
    assert searched(TOKEN) == ("endpoint_url", "bucket_name", "secret_key")
    lines = [Mention("src/docs.md", 3, "- `bucket_name`: a"), Mention("src/docs.md", 4, "- `endpoint_url`: b")]
    assert candidates([TOKEN], [*lines, Mention("docs/a.md", 1, "bucket_name"), Mention("a.rs", 1, "x")]) == [
        "src/docs.md"
    ]


def test_one_remark_per_list() -> None:
    other = Member("name", "security_key", TOKEN.siblings, "src/config.rs", 7)
    place = Mention("src/docs.md", 6, "- `secret_key`: d")
    listings = tuple(Listing(member, "src/docs.md", member.siblings, place) for member in (TOKEN, other))
    change = Change(repository="o/r", head_sha="a", merge_base="b", files=(), tree=Tree(listings=listings))
    (remark,) = ANALYZER.analyze(change, {})
    assert remark.title == (
        "The name `security_token` and 1 more are new here; `src/docs.md`:6 lists 4 of the 4 nearest others without it"
    )
    assert [(one.path, one.start_line) for one in remark.locations][:2] == [("src/docs.md", 6), ("src/config.rs", 6)]


def test_hostile_texts_are_read_in_bounded_time() -> None:
    line = "    pub " + "a_" * 140 + ": Option<String>,\n"
    before, hunk = line * 2_000, Hunk(2_000, 0, 2_001, 300)
    after = before + "    pub new_field: Option<String>,\n" * 300
    edited = FileChange(path="src/a.rs", status=FileStatus.MODIFIED, before=before, after=after, hunks=(hunk,))
    started = time.perf_counter()
    members([edited])
    lists_without([TOKEN], {"src/docs.md": "`secret_key`" * 40_000 + "`secret_id` `endpoint_url` `bucket_name`"})
    lists_without([TOKEN], {"src/docs.md": "a-" * 200_000 + "`secret_key` `secret_id` `endpoint_url` `bucket_name`"})
    members([changed("src/a.go", "x\n", '"--' + "a-" * 5_000 + "\n")])
    assert time.perf_counter() - started < 5
