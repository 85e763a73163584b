"""Options that manual pages and shell completions get late or lack: read from any text, without hidden ones."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.domain.history import PastCommit
from bot.domain.patch_details import Listing, PatchDetails
from bot.patterns.forgotten_names import forgotten_names, is_listing
from bot.patterns.option_names import mentioned_names, option_names, shown_options


def option(sha: str, days_ago: int) -> PastCommit:
    return PastCommit(sha * 40, 1_780_000_000 - days_ago * 86_400, "Add it")


OLD = frozenset(f"--old-{letter}" for letter in "abcdefghijklmnop")


def forgotten(
    listed: Sequence[str], brought: dict[str, PastCommit], *, listing: str = "shell/completion.bash"
) -> PatchDetails:
    new = {f"--new-{letter}": option(letter, 400) for letter in "abcdef"}
    source = Listing(OLD | set(new) | {"--no-old-a"}, OLD, {**new, "--no-old-a": option("f", 300)})
    return PatchDetails(listings={"src/options.go": source, listing: Listing(OLD | set(listed), OLD, brought)})


def test_options_that_a_listing_gets_late_or_lacks_are_found() -> None:
    late = {"--new-a": option("a", 400), "--new-b": option("1", 100), "--new-c": option("1", 100)}
    (one,) = forgotten_names(forgotten(list(late), late))
    assert (one.source, one.listing, one.brought, one.in_time) == ("src/options.go", "shell/completion.bash", 6, 1)
    assert sorted(name.name for name in one.late) == ["--new-b", "--new-c"]
    assert [name.name for name in one.missing] == ["--new-d", "--new-e", "--new-f"]
    assert one.repairs == (late["--new-b"],)


def test_what_is_listed_at_once_or_is_no_listing_is_not_told() -> None:
    in_time = {f"--new-{letter}": option(letter, 400) for letter in "abcdef"}
    assert forgotten_names(forgotten(list(in_time), in_time)) == ()
    assert forgotten_names(forgotten([], {}, listing="docs/notes.md")) == ()
    assert forgotten_names(forgotten([], {}, listing="src/other.go")) == ()


def test_options_that_no_listing_has_are_meant_to_be_unknown() -> None:
    both = forgotten(["--new-a"], {})
    manual = replace(both.listings["shell/completion.bash"], names=OLD | {"--new-a", "--new-b", "--new-c", "--new-d"})
    details = PatchDetails(listings={**both.listings, "man/app.1": manual})
    (one,) = forgotten_names(details)
    assert sorted(one.lacking) == ["--new-b", "--new-c", "--new-d"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("--height=40% and --no-color, not a--b or ---x or --", {"--height", "--no-color"}),
        (r".BI \-\-ignore\-contain", {"--ignore-contain"}),
        (r"inside tmux. \fB\-\-tmux\fR is an alias; see \f[B]\-\-x\f[]", {"--tmux", "--x"}),
        (".It Fl -height Ns = Ns Ar N\n.It Fl Fl width", {"--height", "--width"}),
        ("complete -c app -s q -l quiet -d 'be quiet'", {"--quiet"}),
        ("#[arg(\n  long,\n  short = 'H',\n)]\npub no_hidden: bool,", {"--no-hidden"}),
        ('#[arg(long = "x", hide = true)]\nfield: (),', {"--x"}),
        ('#[arg(long = "max-depth")]', {"--max-depth"}),
        ('flags.BoolVarP(&opts.all, "all", "a", false, "")', {"--all"}),
        ("{-q,--quiet}'[be quiet]'", {"--quiet"}),
        ("-" * 5_000 + "a" * 5_000, set()),
    ],
)
def test_options_are_read_from_any_text(text: str, names: set[str]) -> None:
    assert option_names(text) == names


LETTERS = "abcdefghijkl"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("".join(f"    -{x}, --new-{x}=N   Set it\n" for x in LETTERS) + 'case "--debug":\n', "--debug"),
        ("".join(f"    --new-{x}   Set it\n" for x in LETTERS) + "    --same[=N]   Alias for --new-a\n", "--same"),
        (
            "".join(f'add_argument("--new-{x}")\n' for x in LETTERS) + 'add_argument("--debug", help=SUPPRESS)',
            "--debug",
        ),
        ("".join(f'@click.option("--new-{x}")\n' for x in LETTERS) + '@option("--debug", hidden=True)', "--debug"),
        (
            "".join(f'flags.Bool("new-{x}", false, "")\n' for x in LETTERS)
            + 'flags.Bool("debug", false, "")\nMarkHidden("debug")',
            "--debug",
        ),
        (
            "".join(f"#[arg(long)]\npub new_{x}: bool,\n" for x in LETTERS)
            + '/// Overrides --new-a\n#[arg(long, overrides_with = "new_a", hide = true)]\nno_a: (),',
            "--no-a",
        ),
        ("".join(f".TP\n.B \\-\\-new\\-{x}, \\-\\-old\\-{x}\n" for x in LETTERS), "--old-a"),
    ],
)
def test_options_that_a_project_keeps_out_of_its_help_are_not_shown(text: str, hidden: str) -> None:
    assert hidden in option_names(text)
    assert shown_options(text) == {f"--new-{x}" for x in LETTERS}


def test_what_is_hidden_is_not_missing() -> None:
    details = forgotten(["--new-a"], {})
    source = details.listings["src/options.go"]
    assert len(forgotten_names(details)[0].missing) == 5
    shown = replace(source, shown=OLD | {"--new-a", "--new-b"})
    assert forgotten_names(replace(details, listings={**details.listings, "src/options.go": shown})) == ()


def test_any_markup_mentions_an_option() -> None:
    assert {"--tmux", "--a-b"} <= mentioned_names(r"x\fB\-\-tmux\fR, _--a\-b_")


@pytest.mark.parametrize(
    ("path", "listing"),
    [
        ("man/man1/fzf.1", True),
        ("doc/fd.1", True),
        ("contrib/completion/_fd", True),
        ("shell/completion.zsh", True),
        ("src/options.go", False),
        ("docs/manifest.md", False),
        ("src/completionist.py", False),
    ],
)
def test_manual_pages_and_completions_are_told_by_their_paths(path: str, listing: bool) -> None:
    assert is_listing(path) is listing
