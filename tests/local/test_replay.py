"""Which merged commits become pull requests, and their numbers, branches and titles."""

from bot.local.config import identify
from bot.local.git_commits import Commit
from bot.local.replay import login_of, numbered, replayed, title_of_branch


def commit(name: str, *parents: str, message: str = "") -> Commit:
    return Commit(name, "t", parents, "", "Ada", "", "Ada", "", message or f"Change {name}")


def line(*commits: Commit) -> list[Commit]:
    return list(reversed(commits))


def test_merge_commits_are_pull_requests_if_the_project_merges() -> None:
    past = line(
        commit("a"),
        commit("m", "a", "x", message="Merge pull request #12 from ada/topic\n\nExplain it"),
        commit("d", "m"),
        commit("n", "d", "y", message="Merge branch 'other'"),
    )
    found = replayed(past, 10)
    assert [(one.base_sha, one.head_sha, one.head_ref, one.title, one.number) for one in found] == [
        ("a", "x", "topic", "Explain it", 12),
        ("d", "y", "other", "Merge branch 'other'", None),
    ]


def test_every_commit_is_a_pull_request_if_the_project_squashes() -> None:
    past = line(
        commit("a"),
        commit("b", "a", message="One (#5)"),
        commit("m", "b", "x"),
        *[commit(f"c{number}", "b") for number in range(8)],
    )
    found = replayed(past, 20)
    assert (found[0].title, found[0].number, found[0].base_sha, found[0].head_sha) == ("One", 5, "a", "b")
    assert found[1].head_sha == "x"
    assert len(found) == 10


def test_only_the_newest_are_returned_oldest_first() -> None:
    past = line(commit("a"), commit("b", "a"), commit("c", "b"), commit("d", "c"))
    assert [one.head_sha for one in replayed(past, 2)] == ["c", "d"]


def test_duplicate_and_missing_numbers_are_replaced() -> None:
    past = line(
        commit("a"),
        commit("b", "a", message="Twice (#5)"),
        commit("c", "b", message="Twice (#5)"),
        commit("d", "c", message="Once (#8)"),
        commit("e", "d", message="Never"),
    )
    assert [number for number, _ in numbered(replayed(past, 9))] == [9, 10, 8, 11]


def test_titles_and_logins() -> None:
    assert title_of_branch("fix-it", [commit("a", message="Mend it\n\nbody")]) == "Mend it"
    assert title_of_branch("fix-it_now", [commit("a"), commit("b")]) == "Fix it now"
    assert login_of("Ada Lovelace") == "ada-lovelace"
    assert login_of("…") == "ghost"


def test_the_full_name_comes_from_an_origin_on_github() -> None:
    from pathlib import Path

    for url in (
        "https://github.com/ada/engine.git",
        "git@github.com:ada/engine.git",
        "ssh://git@github.com/ada/engine",
        "https://token@github.com/ada/engine/",
    ):
        assert identify(Path("/x/folder"), url).full_name == "ada/engine"
    assert identify(Path("/x/my folder.git"), "https://example.org/ada/engine").full_name == "local/my-folder"
    one, other = identify(Path("/x/a"), ""), identify(Path("/y/a"), "")
    assert one.full_name == other.full_name
    assert one.repository_id != other.repository_id
    assert one == identify(Path("/x/a"), "")
