"""What is not committed yet, as a commit that only a temporary repository has.

Nothing of the clone is executed or changed. git runs with the isolated repository (`bot/git/isolated.py`) as its
repository and with a copy of the clone's index, so that the clone's hooks, filters and fsmonitor are not configured.
New objects are written into the isolated repository, which is deleted afterwards. Conversions of line ends and
encodings are done as `git add` does them: git does them itself (gitattributes(5)).
"""

import os
import shutil
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.errors import GiveUp
from bot.git.change import MAX_LOCK_TEXT
from bot.git.read_file import commit_of
from bot.git.run import GitError, checked_sha, git
from bot.process import MIB

MAX_FILES = 20_000
MAX_BYTES = 512 * MIB
# Settings that decide how `git add` reads a file, or who commits it. None of them runs a program.
_SETTINGS = ("core.autocrlf", "core.eol", "core.filemode", "core.ignorecase", "core.symlinks")
_READ = (*_SETTINGS, "core.excludesfile", "user.name", "user.email")
_NOBODY = ("nobody", "nobody@localhost")


@dataclass(frozen=True, slots=True)
class Uncommitted:
    """What is not committed yet.

    commit: its object id in the isolated repository; its parent is the head of the clone.
    left_out: how many files are too large, or too many, to be read.
    """

    commit: str
    left_out: int = 0


async def staged(git_dir: Path, objects: Path, head: str | None) -> Uncommitted:
    """Return what the clone's index holds.

    git_dir: of the clone. objects: the isolated repository. head: of the clone; None without a commit.
    Raises GiveUp if paths are unmerged, and GitError.
    """
    env = await _copied_index(git_dir, objects, _index_of_hook(git_dir))
    return Uncommitted(await _commit(objects, env, await _settings(git_dir), head))


async def in_worktree(git_dir: Path, objects: Path, worktree: Path, head: str | None) -> Uncommitted:
    """Return what the folder holds: tracked files as they are there, and untracked ones that are not ignored.

    Arguments and errors: see `staged`. worktree: the top folder of the checkout.
    """
    settings = await _settings(git_dir)
    env = await _copied_index(git_dir, objects, None) | {"GIT_WORK_TREE": str(worktree)}
    with suppress(OSError):
        (objects / "info").mkdir(exist_ok=True)
        shutil.copyfile(await _path(git_dir, "info/exclude"), objects / "info" / "exclude")
    config = {name: settings[name] for name in _SETTINGS if name in settings}
    # An unknown tree: the attributes are those of the folder, as for `git add`, not those of `run._CONFIG`.
    config |= {"core.excludesFile": _user_excludes(settings), "attr.tree": "refs/heads/-"}
    changed = await git(objects, "diff-files", "-z", "--name-only", "--ignore-submodules=all", env=env, config=config)
    new = await git(objects, "ls-files", "-z", "--others", "--exclude-standard", env=env, config=config)
    found = [path for path in (changed + new).split(b"\0") if path and not path.endswith(b"/")]
    chosen = list(_small(worktree, found))
    listed = b"".join(path + b"\0" for path in chosen)
    words = ("update-index", "-z", "--add", "--remove", "--replace", "--stdin")
    await git(objects, *words, stdin=listed, timeout=300, env=env, config=config)
    return Uncommitted(await _commit(objects, env, settings, head), len(found) - len(chosen))


def _small(worktree: Path, paths: Iterable[bytes]) -> Iterable[bytes]:
    """Yield the paths that are read: deleted ones, links, and readable files that are not too large or too many."""
    number = total = 0
    for path in dict.fromkeys(paths):
        full = worktree / os.fsdecode(path)
        try:
            found = full.lstat()
        except OSError:
            yield path  # deleted
            continue
        number += 1
        if stat.S_ISREG(found.st_mode):
            total += found.st_size
            if found.st_size > MAX_LOCK_TEXT or total > MAX_BYTES or not os.access(full, os.R_OK):
                continue
        if number <= MAX_FILES:
            yield path


def _index_of_hook(git_dir: Path) -> Path | None:
    """Return the index that `git commit` names to its hooks: with paths it is a temporary one (githooks(5))."""
    given = os.environ.get("GIT_INDEX_FILE", "")
    path = Path(given).absolute()
    return path if given and path.is_relative_to(git_dir.absolute()) and path.is_file() else None


async def _copied_index(git_dir: Path, objects: Path, index: Path | None) -> dict[str, str]:
    """Copy the index, with its time: by it git knows which entries may have changed in the same moment.

    Returns the variable that names the copy.
    """
    source = index or await _path(git_dir, "index")
    for shared in source.parent.glob("sharedindex.*"):  # of a split index (git-update-index(1))
        shutil.copy2(shared, objects / shared.name)
    with suppress(FileNotFoundError):
        shutil.copy2(source, objects / "index")
    env = {"GIT_INDEX_FILE": str(objects / "index")}
    if await git(objects, "ls-files", "--unmerged", env=env):
        raise GiveUp("The index has unmerged paths. Resolve the conflicts and `git add` the files first.")
    return env


async def _path(git_dir: Path, name: str) -> Path:
    found = await git(git_dir, "rev-parse", "--path-format=absolute", "--git-path", name)
    return Path(os.fsdecode(found.removesuffix(b"\n")))


async def _settings(git_dir: Path) -> dict[str, str]:
    """Return the listed settings of the clone and of the user's own configuration, by lower-case name."""
    home = os.environ.get("HOME", "/nonexistent")
    candidates = (os.environ.get("GIT_CONFIG_GLOBAL"), f"{home}/.gitconfig", f"{_config_home()}/git/config")
    own = next((path for path in candidates if path and Path(path).is_file()), "/dev/null")
    pattern = f"^({'|'.join(_READ)})$".replace(".", r"\.")
    words = ("config", "--null", "--includes", "--get-regexp", pattern)
    found = await git(git_dir, *words, env={"HOME": home, "GIT_CONFIG_GLOBAL": own}, also_good=(1,))
    pairs = (entry.partition(b"\n") for entry in found.split(b"\0") if entry)
    return {name.decode("utf-8", "replace"): os.fsdecode(value) for name, _, value in pairs}


def _config_home() -> str:
    return os.environ.get("XDG_CONFIG_HOME") or f"{os.environ.get('HOME', '/nonexistent')}/.config"


def _user_excludes(settings: Mapping[str, str]) -> str:
    """Return the path of the user's own ignored files (gitignore(5), core.excludesFile)."""
    path = settings.get("core.excludesfile") or f"{_config_home()}/git/ignore"
    home = os.environ.get("HOME", "/nonexistent")
    return f"{home}{path[1:]}" if path.startswith("~/") else path


async def _commit(objects: Path, env: Mapping[str, str], settings: Mapping[str, str], head: str | None) -> str:
    tree = (await git(objects, "write-tree", "--missing-ok", env=env)).decode().strip()
    name, email = await _person(objects, settings, head)
    people = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in
              (("NAME", name), ("EMAIL", email))}  # fmt: skip
    parent = ("-p", checked_sha(head)) if head else ()
    made = await git(objects, "commit-tree", checked_sha(tree), *parent, env=people)
    return made.decode().strip()


async def _person(objects: Path, settings: Mapping[str, str], head: str | None) -> tuple[str, str]:
    """Return who would commit: as configured, else the author of the head."""
    if settings.get("user.name") and settings.get("user.email"):
        return settings["user.name"], settings["user.email"]
    with suppress(GitError):
        name, email = (await commit_of(objects, head)).author if head else _NOBODY
        return name or _NOBODY[0], email or _NOBODY[1]
    return _NOBODY
