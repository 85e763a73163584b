"""Odd commits, attributes, shallow and partial clones, SHA-256: what is read, and what is said where it cannot be."""

from pathlib import Path

import pytest

from bot.domain.files import FileStatus, PastFile
from bot.git.change import NOT_HERE, TOO_LONG, read_change
from bot.git.isolated import isolated
from bot.git.log import past_changes
from bot.git.read_file import commit_of, parent_of, read_text
from bot.git.run import MissingObject, empty_tree
from bot.git.shallow import HistoryCut, cut_commits, is_shallow
from bot.git.tree import list_tree, read_files
from bot.history.index import file_histories, opened
from bot.local import git_commits
from tests.history.fixtures import NOW, index_of, indexed
from tests.repository import Repository

ODD = "a\x1eb\x1fc\x1dd\x01e\x02f\tg\"h'i\\j"
ODD_PATHS = (b"\x1e.py", b"\x1f\x1d\n.py", b'tab\t"quote".py', b"\xff\xfe.py", b"\x01" + b"a" * 40, b"a" * 40)


def raw_commit(repository: Repository, author: bytes, committer: bytes, message: bytes, parent: str) -> str:
    """Create a commit of exactly these bytes, with the tree of the current head."""
    lines = [b"tree " + repository.head("HEAD^{tree}").encode(), b"parent " + parent.encode()]
    body = b"\n".join([*lines, b"author " + author, b"committer " + committer, b"", message])
    return repository.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=body)


async def test_only_nul_separates_what_git_prints(repository: Repository) -> None:
    repository.commit("one", {"a.py": "1\n"})
    base = repository.head()
    repository.commit(
        f"{ODD}\n\n{base}\n{ODD}\n", {path.decode("utf-8", "surrogateescape"): "1\n" for path in ODD_PATHS}
    )
    head = repository.commit("three", {"a.py": "2\n"})
    shown = tuple(path.decode("utf-8", "backslashreplace") for path in ODD_PATHS)
    newest, odd, oldest = await past_changes(repository.git_dir, head)
    assert [change.sha for change in (newest, oldest)] == [head, base]
    assert odd.subject.startswith("a\x1eb\x1fc\x1dd\x01e\x02f\tg")
    assert {file.path for file in odd.files} == set(shown)
    assert newest.files == (PastFile("a.py", 1, 1),)
    found = await read_change(repository.git_dir, base, head)
    assert {file.path for file in found.files} == {*shown, "a.py"}
    served = await git_commits.log(repository.git_dir, head, limit=9, files=True)
    assert [commit.sha for commit in served] == [head, odd.sha, base]
    assert set(served[1].added) == {path.decode("utf-8", "replace") for path in ODD_PATHS}
    assert served[1].message.startswith(ODD) and served[0].modified == ("a.py",)
    assert indexed(repository).total == 3


async def test_a_name_and_a_message_that_look_like_the_start_of_a_commit(repository: Repository) -> None:
    base = repository.commit("one", {"a.py": "1\n"})
    author = b"\x01" + base.encode() + b" <" + base.encode() + b"> 1700000000 +0000"
    head = raw_commit(repository, author, author, b"\x01" + base.encode(), base)
    served = await git_commits.log(repository.git_dir, head, limit=9, files=True)
    assert [commit.sha for commit in served] == [head, base]
    assert [change.sha for change in await past_changes(repository.git_dir, head)] == [head, base]


@pytest.mark.parametrize(
    ("date", "known"),
    [
        (b"> 1700000000 +0000", 1_700_000_000), (b"> -5 +0000", None), (b"> 99999999999999999999999 +0000", None),
        (b"> " + b"9" * 5_000 + b" +0000", None), (b"> 4070908800 +0000", None), (b">", None), (b"> never", None),
        (b"> 0 +0000", 0),
    ],
)  # fmt: skip
async def test_a_commit_without_a_date_is_read(repository: Repository, date: bytes, known: int | None) -> None:
    base = repository.commit("one", {"a.py": "1\n"})
    person = b"A\r <a@b<c>" + date
    head = raw_commit(repository, person, person, b"subject", base)
    assert (await commit_of(repository.git_dir, head)).when == known
    assert (await past_changes(repository.git_dir, head))[0].when == known
    (commit,) = await git_commits.log(repository.git_dir, head, limit=1)
    assert commit.subject == "subject" and commit.timestamp[4] == "-"
    repository.git("update-ref", "refs/heads/main", head)
    assert indexed(repository).total == 2


ATTRIBUTES = """*.py -diff -text
*.env binary
*.sql diff=hex eol=crlf
made/** linguist-generated
made/by_hand.py linguist-generated=false
lib/** linguist-vendored=true
vendor/** -linguist-vendored
*.lock linguist-generated
requirements.txt linguist-generated
samples/* linguist-documentation
"""
FILES = (
    "a.py", "a.env", "a.sql", "made/x.py", "made/by_hand.py", "lib/x.js", "vendor/ours.js", "sub/dist/x.js", "uv.lock",
    "samples/x.py", "requirements.txt",
)  # fmt: skip
LEFT_OUT = {"made/x.py": "generated", "lib/x.js": "vendored"}


@pytest.fixture
def attributed(repository: Repository) -> tuple[Repository, str, str]:
    """A repository, its base and a head: every file changes one line, and the head would hide all of them."""
    repository.commit("one", dict.fromkeys(FILES, "x = 1\n") | {".gitattributes": ATTRIBUTES})
    base = repository.commit("two", {"sub/.gitattributes": "dist/** -linguist-generated\n"})
    head = repository.commit(
        "three", dict.fromkeys(FILES, "x = 1\ny = eval(x)\n") | {"sub/.gitattributes": "* linguist-generated\n"}
    )
    return repository, base, head


async def test_attributes_of_the_base_say_what_is_generated_and_no_attribute_hides_text(
    attributed: tuple[Repository, str, str],
) -> None:
    repository, base, head = attributed
    (repository.git_dir / "info").mkdir(exist_ok=True)
    (repository.git_dir / "info" / "attributes").write_text("* -diff linguist-generated\n")
    for key, value in (
        ("diff.noprefix", "true"), ("diff.mnemonicPrefix", "true"), ("color.ui", "always"), ("core.quotePath", "false"),
        ("diff.renames", "copies"), ("diff.hex.textconv", "xxd"), ("diff.external", "false"), ("log.showRoot", "0"),
        ("i18n.logOutputEncoding", "UTF-16"), ("core.abbrev", "4"), ("diff.context", "9"), ("diff.orderFile", "x"),
    ):  # fmt: skip
        repository.git("config", key, value)
    repository.git("replace", base, head)
    async with isolated(repository.git_dir) as objects:
        found = await read_change(objects, base, head)
        past = await past_changes(objects, head)
        listed = {file.path: file.left_out for file in await list_tree(objects, base)}
    files = {file.path: file for file in found.files}
    assert {path: files[path].left_out for path in FILES if files[path].left_out} == LEFT_OUT
    for path in set(FILES) - set(LEFT_OUT):
        assert files[path].added_lines() == [(2, "y = eval(x)")], path
        assert (files[path].added, files[path].deleted) == (1, 0)
        assert files[path].documentation is (path == "samples/x.py")
    assert {path: listed[path] for path in FILES if listed[path]} == LEFT_OUT
    assert [change.subject for change in past] == ["three", "two", "one"]
    assert PastFile("a.env", 1, 0) in past[0].files


async def test_a_shallow_clone_says_that_its_history_is_cut_off(repository: Repository, tmp_path: Path) -> None:
    repository.commit("start", {"old.py": "1\n"})
    repository.branch("topic")
    topic = repository.commit("topic", {"new.py": "1\n"})
    repository.checkout("main")
    main = repository.commit("main", {"old.py": "2\n"})
    clone = tmp_path / "clone"
    url = f"file://{repository.path}"
    repository.git("clone", "--quiet", "--depth=1", "--no-single-branch", "--branch=topic", url, str(clone))
    repository.git("-C", str(clone), "worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"))
    for place in (clone / ".git", clone / ".git" / "worktrees" / "tree"):
        assert is_shallow(place) and cut_commits(place) == {topic, main}
    async with isolated(clone / ".git" / "worktrees" / "tree") as objects:
        with pytest.raises(HistoryCut, match=r"--unshallow.*fetch-depth: 0"):
            await read_change(objects, main, topic)
        with pytest.raises(HistoryCut, match="does not contain the parent"):
            await parent_of(objects, topic)
        assert await past_changes(objects, topic) == ()
    repository.git("-C", str(clone), "fetch", "--quiet", "--unshallow")
    async with isolated(clone / ".git") as objects:
        assert [file.path for file in (await read_change(objects, main, topic)).files] == ["new.py"]
        assert await parent_of(objects, topic) == repository.head("main~1")


async def test_a_root_commit_has_no_parent_and_unrelated_histories_stay_unrelated(
    repository: Repository, tmp_path: Path
) -> None:
    root = repository.commit("one", {"a.py": "1\n"})
    assert await parent_of(repository.git_dir, root) is None
    repository.git("checkout", "--quiet", "--orphan", "other")
    other = repository.commit("two", {"b.py": "2\n"})
    repository.git(
        "clone", "--quiet", "--no-single-branch", "--depth=5", f"file://{repository.path}", str(tmp_path / "c")
    )
    assert (await read_change(tmp_path / "c" / ".git", root, other)).merge_base == root


async def test_a_partial_clone_loses_only_the_files_that_it_lacks(repository: Repository, tmp_path: Path) -> None:
    config = ".github/gitinsight.yml"
    base = repository.commit("one", {"a.py": "x = 1\n", "b.py": "y = 1\n", ".github/gitinsight.yml": "gate: low\n"})
    repository.commit("two", {"a.py": "x = 2\n"})
    head = repository.commit(
        "three", {"b.py": "y = 1\nz = 2\n", "c.py": "1\n", ".github/gitinsight.yml": "gate: high\n"}
    )
    repository.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    repository.git("clone", "--quiet", "--filter=blob:none", "--no-checkout", f"file://{repository.path}", str(clone))
    git = ("-C", str(clone), "cat-file", "-p")
    for blob in (f"{base}:b.py", f"{head}:b.py", f"{head}:c.py", f"{head}:a.py"):
        repository.git(*git, blob)
    async with isolated(clone / ".git") as objects:
        found = await read_change(objects, base, head)
        assert await past_changes(objects, head) == ()
        with pytest.raises(MissingObject):
            await read_text(objects, base, config, 1_000)
        whole = {file.path: file for file in await read_files(objects, await list_tree(objects, head))}
    assert (whole["c.py"].after, whole[config].left_out) == ("1\n", NOT_HERE)
    files = {file.path: file for file in found.files}
    assert files["a.py"].left_out == NOT_HERE
    assert files["b.py"].added_lines() == [(2, "z = 2")] and files["b.py"].added == 1
    assert files["c.py"].status is FileStatus.ADDED and files["c.py"].added_lines() == [(1, "1")]


async def test_a_sha256_repository_is_read_like_any_other(tmp_path: Path) -> None:
    repository = Repository.create(tmp_path / "project", "sha256")
    root = repository.commit("one", {"a.py": "x = 1\n", ".gitattributes": "*.js linguist-generated\n"})
    head = repository.commit("two", {"a.py": "x = 1\ny = 2\n", "b.js": "1\n"})
    async with isolated(repository.git_dir) as objects:
        files = {file.path: file for file in (await read_change(objects, root, head)).files}
        first = await read_change(objects, empty_tree(root), root)
        past = await past_changes(objects, head)
    assert (len(head), files["a.py"].added_lines(), files["b.js"].left_out) == (64, [(2, "y = 2")], "generated")
    assert [file.path for file in first.files] == [".gitattributes", "a.py"]
    assert [change.sha for change in past] == [head, root]
    assert indexed(repository).total == 2
    with opened(index_of(repository)) as index:
        assert file_histories(index, ["a.py"], NOW)["a.py"].revisions == 2


async def test_a_path_that_no_system_can_check_out_is_left_out(repository: Repository) -> None:
    base = repository.commit("one", {"a.py": "x = 1\n"})
    blob = repository.git("rev-parse", f"{base}:a.py")
    entry = f"100644 blob {blob}\tdeep.py"
    for _ in range(25):
        tree = repository.git("mktree", stdin=entry.encode())
        entry = f"040000 tree {tree}\t{'d' * 200}"
    tree = repository.git("mktree", stdin=f"{entry}\n100644 blob {blob}\tb.py".encode())
    head = repository.git("commit-tree", tree, "-p", base, "-m", "two")
    async with isolated(repository.git_dir) as objects:
        found = await read_change(objects, base, head)
        listed = await list_tree(objects, head)
    assert [file.path for file in found.files] == ["b.py"]
    assert [(one.path, one.reason) for one in found.left_out] == [("d" * 100, TOO_LONG)]
    assert [file.path for file in listed] == ["b.py"]
