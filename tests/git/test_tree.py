"""All files of a commit as added files: which are read, which are left out and why, and the limits."""

from pathlib import Path

from bot.git.run import git
from bot.git.tree import TreeFile, choose, list_tree, read_files
from tests.repository import Repository


async def head_of(path: Path) -> str:
    return (await git(path, "rev-parse", "HEAD")).decode().strip()


async def test_files_come_with_their_texts_or_a_reason(repository: Repository) -> None:
    repository.commit(
        "all kinds",
        {
            "a.py": "x = 1\r\ny = 2",
            "empty.py": "",
            "node_modules/z.js": "var z\n",
            "big.py": "x = 1\n" * 100_000,
            "nul.dat": "a\0b",
            "odd\tname `x`.py": "z = 1\n",
            ":(glob)**": "not a pattern\n",
        },
    )
    (repository.path / "link").symlink_to("a.py")
    repository.commit("a link", {})
    git_dir = repository.path / ".git"
    listed = await list_tree(git_dir, await head_of(git_dir))
    files = {file.path: file for file in await read_files(git_dir, listed)}
    assert files["a.py"].after == "x = 1\ny = 2"
    assert files["a.py"].added_lines() == [(1, "x = 1"), (2, "y = 2")]
    assert (files["empty.py"].after, files["empty.py"].hunks) == ("", ())
    assert files["odd\tname `x`.py"].after == "z = 1\n"
    assert files[":(glob)**"].after == "not a pattern\n"
    reasons = {path: file.left_out for path, file in files.items() if file.left_out}
    expected = {"node_modules/z.js": "vendored", "big.py": "larger than 512 KB", "nul.dat": "binary"}
    assert reasons == expected | ({"link": "symbolic link"} if "link" in files else {})


def test_files_beyond_the_limits_are_counted_and_the_first_are_named() -> None:
    files = [TreeFile(f"{n:02}.py", "0" * 40, 10, None) for n in range(10)]
    files.append(TreeFile("00.bin", "0" * 40, 10, "vendored"))
    by_count = choose(files, lambda file: file.path, most=3, most_bytes=1_000, named=2)
    assert [file.path for file in by_count.files] == ["00.py", "01.py", "02.py"]
    assert by_count.left_out == {"vendored": 1, "beyond the first 3 files": 7}
    assert by_count.named == [("00.bin", "vendored"), ("03.py", "beyond the first 3 files")]
    by_size = choose(files, lambda file: file.path, most=100, most_bytes=25)
    assert [file.path for file in by_size.files] == ["00.py", "01.py"]
