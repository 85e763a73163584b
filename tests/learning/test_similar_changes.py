"""Past changes that are like a proposed one, on real repositories: what is found, as of when, and what became of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.files import FileChange, FileStatus
from bot.domain.similar import SimilarChange
from bot.git.change import ChangeFiles, read_change
from bot.history.index import opened
from bot.history.proposal import ProposedChange, as_of
from bot.learning.similar_changes import similar_changes
from bot.learning.titles import texts_path, update_texts
from bot.ml.text import load
from bot.pipeline.similar import changed_since, read_similar
from tests.history.fixtures import index_of, indexed
from tests.repository import Repository

CACHE = "".join(f"def get_{number}(key):\n    return store[key] + {number}\n\n\n" for number in range(9))
OTHERS = [
    "Speed up the parser",
    "Write a guide for plugins",
    "Drop an old protocol",
    "Colours in the terminal",
]


def cache(line: int, text: str) -> str:
    lines = CACHE.split("\n")
    lines[line] = text
    return "\n".join(lines)


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    """A cache that was made to expire, which was reverted; and unrelated changes."""
    repository = Repository.create(tmp_path / "project")
    repository.commit("Initial commit", {"app/cache.py": CACHE, "app/other.py": "a = 0\n"})
    expiring = cache(9, "    return store.expire(key, 60)")
    sha = repository.commit("Expire entries of the cache after a minute (#7)", {"app/cache.py": expiring})
    for number, subject in enumerate(OTHERS):
        repository.commit(f"{subject} (#{20 + number})", {"app/other.py": f"a = {number + 1}\n"})
    repository.git("revert", "--no-edit", sha)
    commits = []
    for number in range(150):
        text = f"Change number {number} of something else"
        start = f"from {repository.head()}\n" if number == 0 else ""
        commits.append(f"commit refs/heads/main\ncommitter Bo <bo@example.org> {repository.clock + number} +0000\n")
        commits.append(f"data {len(text)}\n{text}\n{start}M 100644 inline app/part.py\ndata 4\n{number:04d}\n")
    repository.git("fast-import", "--quiet", stdin="".join(commits).encode())
    repository.git("reset", "--hard", "--quiet")
    return repository


async def asked(
    repository: Repository, title: str, text: str, base: str = "main", later: str = ""
) -> tuple[SimilarChange, ...]:
    """What is similar to a change of the cache on a branch. later: the text of the cache at the head of main."""
    start = repository.head(base)
    repository.branch("topic", start)
    head = repository.commit(title, {"app/cache.py": text})
    repository.checkout("main")
    if later:
        repository.commit("Later", {"app/cache.py": later})
    indexed(repository)
    found = await read_change(repository.git_dir, start, head)
    since = await changed_since(repository.git_dir, index_of(repository), found)
    author = ("Bo", "bo@example.org")
    change = ProposedChange(found.merge_base, found.files, author, title, repository.clock, since=since)
    return read_similar(index_of(repository), change).changes


async def test_the_same_change_is_found_with_its_revert(project: Repository) -> None:
    [found] = await asked(
        project, "Let entries of the cache expire (#30)", cache(9, "    return store.expire(key, 90)")
    )
    assert found.subject == "Expire entries of the cache after a minute (#7)"
    assert (found.number, found.files) == (7, ("app/cache.py",))
    assert found.reverted is not None
    assert found.reverted.subject.startswith('Revert "Expire')
    assert found.fixes == ()
    assert 0.3 < found.text < 1


async def test_the_same_words_in_another_file_are_found_first(project: Repository) -> None:
    """A series of one repair in sibling modules shares no file."""
    subject = "fix(brew): a skipped entry stops the ones after it (#41)"
    project.commit(subject, {"app/brew.py": "a = 1\n"})
    project.commit("fix(cask): emit other names (#42)", {"app/cache.py": CACHE + "# end\n"})
    title = "fix(cask): a skipped entry stops the ones after it"
    [found] = await asked(project, title, cache(0, "def get_zero(key):"))
    assert (found.subject, found.files, found.lines) == (subject, (), 0)
    assert found.text > 0.9


async def test_of_a_series_in_other_files_the_most_alike_is_kept(project: Repository) -> None:
    project.commit("fix(brew): a skipped entry stops the ones after it (#41)", {"app/brew.py": "a = 1\n"})
    project.commit("fix(krew): a skipped manifest stops the ones after it (#42)", {"app/krew.py": "a = 1\n"})
    title = "fix(cask): a skipped entry stops the ones after it"
    assert [one.number for one in await asked(project, title, cache(0, "def get_zero(key):"))] == [41]


async def test_a_large_change_made_the_file_and_is_not_like_this_one(project: Repository) -> None:
    text = cache(9, "    return store.expire(key, 90)")
    large = text + "".join(f"a_{number} = {number}\n" for number in range(200))
    project.commit("Expire entries of the cache after ninety seconds (#44)", {"app/cache.py": large})
    found = await asked(project, "Expire entries of the cache after ninety minutes", large.replace("90", "5400"))
    assert 44 not in [one.number for one in found]


async def test_a_repair_is_told_with_what_it_repaired(project: Repository) -> None:
    """It is told on its own only where this change replaces its lines."""
    text = cache(9, "    return store.x(key, 90)").replace("+ 3", "+ expiry(90)")
    old = project.commit("Expire entries after ninety seconds", {"app/cache.py": text})
    fixed = f'Fix the expiry of entries after ninety seconds\n\nFixes: {old[:12]} ("Expire entries")'
    project.commit(fixed, {"app/cache.py": (text := text.replace("(key, 90)", "(key, 91)"))})
    found = await asked(project, "Expire entries after ninety minutes", text.replace("expiry(90)", "expiry(5400)"))
    told = {one.sha: [fix.subject for fix in one.fixes] for one in found}
    assert told[old] == ["Fix the expiry of entries after ninety seconds"]
    assert not any(one.subject.startswith("Fix the expiry") for one in found)
    project.git("branch", "-D", "topic")
    found = await asked(project, "Expire entries after ninety minutes", text.replace("(key, 91)", "(key, 5400)"))
    assert any(one.subject.startswith("Fix the expiry") for one in found)


async def test_lines_are_those_of_the_base_where_the_branch_has_moved_on(project: Repository) -> None:
    """Later lines above the place must not shift it; who wrote the replaced line is still found."""
    text = cache(9, "    return store.x(key, 90)")
    wrote = project.commit("Expire entries after ninety seconds", {"app/cache.py": text})
    title = "Let entries expire after ninety minutes"
    above = "".join(f"# {number}\n" for number in range(40))
    found = await asked(project, title, cache(9, "    return store.x(key, 5400)"), later=above + text)
    assert [one.replaced for one in found if one.sha == wrote] == [1]


async def test_lines_that_changed_after_the_base_have_no_known_author_there(project: Repository) -> None:
    text = cache(9, "    return store.x(key, 90)")
    wrote = project.commit("Expire entries after ninety seconds", {"app/cache.py": text})
    later = cache(9, "    return store.y(key, 90)")
    title = "Let entries expire after ninety minutes"
    found = await asked(project, title, cache(9, "    return store.x(key, 5400)"), later=later)
    assert [one.replaced for one in found if one.sha == wrote] in ([], [0])


async def test_a_file_and_a_scope_in_common_are_not_enough(project: Repository) -> None:
    project.commit("fix(cache): log the size of an entry (#42)", {"app/cache.py": CACHE + "# end\n"})
    assert await asked(project, "fix(cache): refuse keys of other types", cache(0, "def get_zero(key):")) == ()


async def test_what_has_nothing_in_common_is_not_said(project: Repository) -> None:
    assert await asked(project, "Translate messages into Welsh", CACHE + "# end\n") == ()


async def test_what_the_title_names_and_what_is_reverted_is_known(project: Repository) -> None:
    text = cache(9, "    return store.expire(key, 90)")
    assert await asked(project, "Expire entries of the cache after a minute, as in #7", text) == ()
    project.git("branch", "-D", "topic")
    assert await asked(project, 'Revert "Expire entries of the cache after a minute (#7)"', text) == ()


async def test_later_changes_are_not_known_at_the_base(project: Repository) -> None:
    root = project.git("rev-list", "--max-parents=0", "HEAD")
    text = cache(9, "    return store.expire(key, 90)")
    assert await asked(project, "Let entries of the cache expire", text, root) == ()


async def test_the_titles_grow_with_the_history_and_are_indexed_anew_after_a_rewrite(project: Repository) -> None:
    indexed(project)
    path = index_of(project)
    with opened(path) as index:
        first = update_texts(index, texts_path(path))
        assert len(first) == index.changes
    project.commit("Add a new title", {"app/new.py": "c = 1\n"})
    indexed(project)
    with opened(path) as index:
        assert len(update_texts(index, texts_path(path))) == len(first) + 1
        assert load(texts_path(path)).query("new title", 1)[0][0] == len(first)
    replace(load(texts_path(path)), label="f" * 40).save(texts_path(path))
    with opened(path) as index:
        assert update_texts(index, texts_path(path)).label.endswith(project.head())
    texts_path(path).write_bytes(b"damaged")
    with opened(path) as index:
        assert len(update_texts(index, texts_path(path))) == index.changes


async def test_more_names_than_a_command_line_holds(project: Repository) -> None:
    """A pull request of strangers: a thousand files, each with a path of 4,000 characters."""
    base = project.head()
    project.commit("Later", {"app/later.py": "x = 1\n"})
    indexed(project)
    long = tuple(
        FileChange(path=f"{'d' * 200}/" * 19 + f"{number}.py", status=FileStatus.ADDED) for number in range(1_000)
    )
    assert await changed_since(project.git_dir, index_of(project), ChangeFiles(base, long, ())) == {}


async def test_the_newest_titles_are_compared_before_they_are_indexed(project: Repository) -> None:
    """A series of repairs is merged within hours, and the index of titles may lag by one of a thousand."""
    indexed(project)
    with opened(index_of(project)) as index:
        texts = update_texts(index, texts_path(index_of(project)))
    subject = "fix(brew): a skipped entry stops the ones after it (#41)"
    project.commit(subject, {"app/brew.py": "a = 1\n"})
    indexed(project)
    title = "fix(cask): a skipped entry stops the ones after it"
    change = ProposedChange(project.head(), (), None, title, project.clock)
    with opened(index_of(project)) as index:
        assert len(texts) == index.changes - 1
        [found] = similar_changes(index, texts, change)
    assert found.subject == subject


async def test_bad_titles_are_titles(project: Repository) -> None:
    indexed(project)
    with opened(index_of(project)) as index:
        texts = update_texts(index, texts_path(index_of(project)))
        for title in ("", "x" * 60_000, "\x00\ud800<b>@all</b>", "日本語 " * 300, "#1 #2 #3"):
            change = ProposedChange(project.head(), (), None, title, project.clock)
            assert similar_changes(as_of(index, project.head()), texts, change) == ()


def test_without_an_index_nothing_is_similar(tmp_path: Path) -> None:
    change = ProposedChange("0" * 40, (), None, "title", 0)
    assert read_similar(tmp_path / "none.db", change).changes == ()
