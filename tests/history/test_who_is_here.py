"""Who is active, who wrote the lines, and who made a proposed change, in real repositories."""

from pathlib import Path

from bot.history.index import HistoryIndex, file_histories, opened
from bot.history.people import Ident
from bot.history.proposal import ProposedChange, history_facts
from bot.pipeline.authorship import read_authorship
from tests.history.fixtures import NOW, commit_as, dump, index_of, indexed, rows
from tests.repository import Repository

ADA, BOB = ("Ada Lovelace", "ada@home.net"), ("Bob Bell", "bob@home.net")
CODE = "".join(f"x{number} = {number}\n" for number in range(40))


def contributors(index: HistoryIndex, path: str) -> dict[str, tuple[int, int]]:
    """(lines, last active) of the contributors of a file by name."""
    found = file_histories(index, [path], NOW)[path].contributors
    return {one.name: (one.lines, one.last_active) for one in found}


def test_co_authoring_under_another_address_is_activity(repository: Repository) -> None:
    commit_as(repository, *BOB, "add b", {"b.py": CODE})
    repository.commit("more\n\nCo-authored-by: Bob Bell <bob@work.com>", {"c.py": CODE})
    shared = repository.clock
    repository.commit("again", {"d.py": CODE})
    indexed(repository)
    with opened(index_of(repository)) as index:
        assert shared - 120 < contributors(index, "b.py")["Bob Bell"][1] <= shared


def test_merging_is_activity(repository: Repository) -> None:
    commit_as(repository, *ADA, "add a", {"a.py": CODE})
    repository.branch("side")
    commit_as(repository, *BOB, "add b", {"b.py": CODE})
    repository.checkout("main")
    repository.git("merge", "--no-ff", "--quiet", "-m", "Merge pull request #1 from bob/side", "side")
    commit_as(repository, *BOB, "later", {"c.py": CODE})
    indexed(repository)
    who = "SELECT i.name, a.ordinal FROM activity a JOIN idents i ON i.id = a.ident WHERE a.ordinal = 2"
    assert rows(index_of(repository), who) == [("Ada Lovelace", 2)]  # the author of change 2 is Bob


def test_a_committer_is_active(repository: Repository) -> None:
    repository.commit("add a", {"a.py": CODE})  # by Ada, ada@example.org
    first = repository.clock
    commit_as(repository, *BOB, "patch of Bob, committed by Ada", {"b.py": CODE})
    indexed(repository)
    with opened(index_of(repository)) as index:
        assert contributors(index, "a.py")["Ada Lovelace"][1] > first


def test_persons_that_turn_out_to_be_one_are_joined_as_if_known_from_the_start(
    repository: Repository, tmp_path: Path
) -> None:
    commit_as(repository, "Ada Lovelace", "ada@home.net", "add a", {"src/a.py": CODE})
    commit_as(repository, "ada", "al@work.com", "add b", {"src/b.py": CODE, "lib/c.py": CODE})
    indexed(repository)
    assert rows(index_of(repository), "SELECT count(*) FROM persons WHERE email <> 'ada@example.org'") == [(2,)]
    commit_as(repository, "Ada Lovelace", "al@work.com", "change a", {"src/a.py": CODE + "y = 1\n"})
    commit_as(repository, "Ada Lovelace", "ada@home.net", "change b", {"src/b.py": CODE + "y = 1\n"})
    indexed(repository)
    indexed(repository, tmp_path / "whole.db")
    in_steps, at_once = dump(index_of(repository)), dump(tmp_path / "whole.db")
    for table in ("persons", "idents", "features", "links", "activity", "subsystems"):
        assert in_steps[table] == at_once[table], table
    [(own_share,)] = rows(index_of(repository), "SELECT own_share FROM features WHERE ordinal = 4")
    assert own_share == 1.0  # the lines of "ada" are her own


def test_who_imports_a_tree_did_not_write_it(repository: Repository) -> None:
    tree: dict[str, str | bytes | None] = {f"lib/m{number}.py": CODE * 8 for number in range(20)}
    commit_as(repository, *ADA, "Import the library", tree)
    commit_as(repository, *BOB, "change", {"lib/m1.py": CODE * 8 + CODE})
    indexed(repository)
    with opened(index_of(repository)) as index:
        assert contributors(index, "lib/m1.py")["Bob Bell"][0] == 40
        assert contributors(index, "lib/m1.py").get("Ada Lovelace", (0, 0))[0] == 0


async def test_the_author_of_a_merge_is_who_wrote_its_commits(repository: Repository) -> None:
    base = repository.commit("first", {"a.py": CODE})
    repository.branch("fix/broken-names")
    commit_as(repository, *BOB, "Show names in the list", {"b.py": CODE})
    commit_as(repository, *BOB, "Sort them", {"b.py": CODE * 2})
    commit_as(repository, "Cy Young", "cy@x.net", "Fix lint", {"b.py": CODE * 3})
    repository.checkout("main")
    repository.commit("second", {"c.py": CODE})
    message = "Merge pull request #7 from bob/fix/broken-names\n\nShow names"
    repository.git("merge", "--no-ff", "--quiet", "-m", message, "fix/broken-names")
    made = await read_authorship(repository.git_dir, repository.head("HEAD^1"), repository.head())
    assert made.author == BOB and made.title == "Show names"
    assert ("Cy Young", "cy@x.net") in made.others and ("Ada Lovelace", "ada@example.org") in made.others
    repository.git("commit", "--amend", "--quiet", "-m", "Merge branch 'fix/broken-names'")
    made = await read_authorship(repository.git_dir, repository.head("HEAD^1"), repository.head())
    assert made.title == "Show names in the list"
    root = await read_authorship(repository.git_dir, base, base)
    assert root.title == "first" and root.author == ("Ada Lovelace", "ada@example.org")


def test_the_author_and_who_takes_part_are_found_under_other_addresses(repository: Repository) -> None:
    commit_as(repository, *ADA, "add a", {"a.py": CODE})
    commit_as(repository, *BOB, "add b", {"b.py": CODE})
    indexed(repository)
    author: Ident = ("Bob Bell", "12+bob@users.noreply.github.com")
    proposed = ProposedChange(repository.head(), (), author, "x", NOW, others=(("Ada Lovelace", "al@work.com"),))
    with opened(index_of(repository)) as index:
        facts = history_facts(index, proposed)
        people = dict(index.connection.execute("SELECT name, person FROM idents"))
    assert facts.author == people["Bob Bell"] and facts.present == {people["Ada Lovelace"]}
