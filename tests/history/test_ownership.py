"""Line origins equal `git blame --first-parent` for all kinds of changes to files."""

import random
from pathlib import Path

import pytest

from tests.history.fixtures import blamed, dump, index_of, indexed, origins, rows
from tests.repository import Repository


def test_content_that_looks_like_a_patch(tmp_path: Path) -> None:
    repository = Repository.create(tmp_path / "project")
    content = "-- x\n++ y\n@@ -1,2 +3,4 @@\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n"
    content += "\\ No newline at end of file\n\x1e00\nrename from x\r\n"
    repository.commit("first", {"a": content, "keep.py": "k\n"})
    repository.commit("second", {"a": content.replace("++ y", "++ z").replace("--- a/x\n", "") + "- end"})
    repository.commit("third", {"a": (content + "- end\n@@ -9 +9 @@").replace("-- x\n", "")})
    indexed(repository)
    assert origins(index_of(repository), "a") == blamed(repository, "a")


def test_renames_in_a_circle_are_one_entity(tmp_path: Path) -> None:
    repository = Repository.create(tmp_path / "project")
    body = "".join(f"line {n}\n" for n in range(20))
    repository.commit("first", {"a.py": body, "other.py": "o\n"})
    for old, new in (("a.py", "b.py"), ("b.py", "c.py"), ("c.py", "a.py")):
        body = body.replace("line 3\n", f"line 3 in {new}\n")
        repository.commit(f"to {new}", {old: None, new: body})
        indexed(repository)
    path = index_of(repository)
    assert rows(path, "SELECT count(*) FROM entities") == [(2,)]
    assert rows(path, "SELECT count(*) FROM revisions r JOIN entities e ON e.id = r.entity WHERE e.path = 'a.py'") == [
        (4,)
    ]
    assert origins(path, "a.py") == blamed(repository, "a.py")


def test_files_that_swap_names_with_a_temporary_name(tmp_path: Path) -> None:
    repository = Repository.create(tmp_path / "project")
    one, two = "".join(f"one {n}\n" for n in range(20)), "".join(f"two {n}\n" for n in range(20))
    repository.commit("first", {"a.py": one, "b.py": two})
    repository.commit("swap", {"a.py": two, "b.py": one})
    repository.commit("a away", {"a.py": None, "c.py": two})
    repository.commit("b to a", {"b.py": None, "a.py": one})
    repository.commit("c to b", {"c.py": None, "b.py": two})
    indexed(repository)
    for file in ("a.py", "b.py"):
        assert origins(index_of(repository), file) == blamed(repository, file)


def test_type_changes_binaries_and_unusual_names(tmp_path: Path) -> None:
    repository = Repository.create(tmp_path / "project")
    names = [
        "new\nline.py",
        'quote".py',
        "tab\t.py",
        "späth.py",
        b"\xff.py".decode("utf-8", "surrogateescape"),
        " lead.py",
    ]
    repository.commit("first", dict.fromkeys(names, "a\nb\n") | {"bin": b"\0\1", "text": "t\n", "empty": ""})
    (repository.path / "text").unlink()
    (repository.path / "text").symlink_to("elsewhere")
    repository.commit("second", {"bin": b"now\ntext\n", "empty": "no\n", names[0]: "a\nB\n", "text2": "x"})
    repository.commit("third", {"text2": "x\n"})
    repository.git("update-index", "--chmod=+x", "text2")
    repository.git("commit", "--quiet", "-m", "mode")
    (repository.path / "text").unlink()
    repository.commit("back", {"text": "t\nu\n", "bin": b"now\0"})
    indexed(repository)
    path = index_of(repository)
    for name in (*names[:4], names[5], "text", "text2", "empty"):
        assert origins(path, name) == blamed(repository, name), name
    assert origins(path, "\\xff.py") and origins(path, "bin") == []


def test_several_entities_have_a_path_one_after_the_other(tmp_path: Path) -> None:
    repository = Repository.create(tmp_path / "project")
    one, two = "".join(f"one {n}\n" for n in range(20)), "".join(f"two {n}\n" for n in range(20))
    path = index_of(repository)
    steps: tuple[tuple[str, dict[str, str | bytes | None]], ...] = (
        ("first", {"x.py": one, "b.py": two}),
        ("delete x", {"x.py": None}),
        ("rename b to x", {"b.py": None, "x.py": two}),
        ("rename x to y", {"x.py": None, "y.py": two}),
        ("a third x", {"x.py": "three\n"}),
    )
    for message, files in steps:
        repository.commit(message, files)
        indexed(repository)
    fresh = path.with_suffix(".fresh.db")
    indexed(repository, fresh)
    assert dump(path) == dump(fresh)
    assert rows(path, "SELECT count(*) FROM entities") == [(3,)]


def test_similar_blocks(tmp_path: Path) -> None:
    """The beginning of an inserted block is found by indentation, as in git blame."""
    repository = Repository.create(tmp_path / "project")
    one = "@wrapped\ndef one():\n    return 1\n"
    repository.commit("first", {"a.py": f"x = 1\n\n{one}"})
    second = repository.commit("second", {"a.py": f"x = 1\n\n{one.replace('one', 'two')}\n{one}"})
    indexed(repository)
    found = origins(index_of(repository), "a.py")
    assert [line for line, sha in enumerate(found, 1) if sha == second] == [3, 4, 5, 6]
    assert found == blamed(repository, "a.py")


@pytest.mark.parametrize("seed", range(4))
def test_random_histories_equal_git_blame(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    repository = Repository.create(tmp_path / "project")
    files: dict[str, list[str]] = {}
    for step in range(40):
        changes: dict[str, str | bytes | None] = {}
        for _ in range(chance.randint(1, 3)):
            _mutate(chance, files, changes, step)
        if step % 10 == 7:
            _merge(repository, step)
        repository.commit(f"step {step}", changes)
        if step in {15, 30} or seed == 0:
            indexed(repository)
    indexed(repository)
    path = index_of(repository)
    listed = repository.git("ls-tree", "-r", "--name-only", "HEAD").split("\n")
    alive = {name for (name,) in rows(path, "SELECT path FROM entities WHERE alive")}
    assert alive == set(listed)
    for file in listed:
        assert origins(path, file) == blamed(repository, file), file
    fresh = path.with_suffix(".fresh.db")
    indexed(repository, fresh)
    assert dump(path) == dump(fresh)


def _mutate(
    chance: random.Random, files: dict[str, list[str]], changes: dict[str, str | bytes | None], step: int
) -> None:
    name = f"d{chance.randint(0, 1)}/f{chance.randint(0, 5)}.py"
    if name in changes:
        return
    lines = files.get(name)
    if lines is None:
        files[name] = lines = [f"{chance.choice('abcdef')}{chance.randint(0, 9)}" for _ in range(chance.randint(1, 30))]
    elif chance.random() < 0.15:
        del files[name]
        changes[name] = None
        target = f"{name[:-3]}_{step}.py"
        if chance.random() < 0.7:
            files[target] = lines
            changes[target] = "\n".join(lines) + "\n"
        return
    else:
        for _ in range(chance.randint(1, 4)):
            start = chance.randint(0, len(lines))
            lines[start : start + chance.randint(0, 4)] = [f"{chance.choice('abcdef')}{step % 7}"] * chance.randint(
                0, 3
            )
    changes[name] = "\n".join(lines) + chance.choice(["\n", ""]) if lines else ""


def _merge(repository: Repository, step: int) -> None:
    repository.branch(f"topic{step}")
    repository.commit("side one", {f"side{step}.py": "s\n"})
    repository.commit("side two", {f"side{step}.py": "s\nt\n"})
    repository.checkout("main")
    repository.git("merge", "--quiet", "--no-ff", f"topic{step}", "--message", "merged")
