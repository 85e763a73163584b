"""The bare repository that the stand-in serves: it has its own refs and uses the objects of the repository at PATH.

No object is copied: `objects/info/alternates` names the object store of the repository at PATH. That repository may
be bare, a checkout, a linked worktree, or a bare copy without a configuration file. See gitrepository-layout(5).
"""

import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.errors import GiveUp
from bot.git.run import GitError, git

_BRANCHES = "refs/heads/"


@dataclass(frozen=True, slots=True)
class Source:
    """The repository at PATH.

    git_dir: its git directory.
    common_dir: the git directory that a linked worktree shares; otherwise the same as git_dir.
    objects: its object store.
    folder: the folder of the checkout, or of the bare repository.
    bare: whether it has no checkout.
    object_format: `sha1` or `sha256`.
    """

    git_dir: Path
    common_dir: Path
    objects: Path
    folder: Path
    bare: bool
    object_format: str


async def find_source(path: Path) -> Source:
    """Find the repository at a path or in a parent folder. Raises GiveUp if there is none."""
    path = path.expanduser().resolve()
    for folder in (path, *path.parents):
        if (folder / ".git").exists():
            return await _describe(folder / ".git", folder, bare=False)
        if (folder / "HEAD").is_file() and (folder / "objects").is_dir():
            parent = folder.parent if folder.name == ".git" else folder
            return await _describe(folder, parent, bare=parent == folder)
    raise GiveUp(f"There is no git repository at {path}.")


async def _describe(git_dir: Path, folder: Path, *, bare: bool) -> Source:
    try:
        paths = await git(git_dir, "rev-parse", "--path-format=absolute", "--git-common-dir", "--git-path", "objects")
        object_format = await git(git_dir, "rev-parse", "--show-object-format")
    except GitError as error:
        raise GiveUp(f"git cannot read the repository at {folder}: {error}") from error
    common, objects = paths.decode().splitlines()
    return Source(git_dir, Path(common), Path(objects), folder, bare, object_format.decode().strip())


async def prepare(served: Path, source: Source) -> None:
    """Create the bare repository at `served`, or update its alternates to the current path of the source."""
    if not (served / "HEAD").is_file():
        served.mkdir(parents=True, exist_ok=True)
        await git(served, "init", "--quiet", "--bare", "--template=", f"--object-format={source.object_format}")
    (served / "objects" / "info").mkdir(parents=True, exist_ok=True)
    (served / "objects" / "info" / "alternates").write_text(f"{source.objects}\n")
    shallow = source.common_dir / "shallow"
    if shallow.is_file():
        shutil.copyfile(shallow, served / "shallow")
    else:
        (served / "shallow").unlink(missing_ok=True)


async def branches(repository: Path) -> dict[str, str]:
    """Return the heads of the local branches by name, newest first.

    Remote-tracking branches are not included. Names that are not UTF-8 are left out, because JSON cannot contain them.
    """
    out = await git(repository, "for-each-ref", "--sort=-committerdate", "--format=%(objectname) %(refname)", _BRANCHES)
    heads = {}
    for line in out.splitlines():
        sha, _, name = line.partition(b" ")
        with suppress(UnicodeDecodeError):
            heads[name.decode().removeprefix(_BRANCHES)] = sha.decode()
    return heads


async def default_branch(source: Source, heads: Mapping[str, str]) -> str:
    """Return the default branch: the base of pull requests.

    In a bare repository, HEAD names it. In a checkout, HEAD only names the branch that is checked out. There the
    default branch of the remote `origin`, `main` and `master` come first, if they exist as local branches.
    """
    head = await _symbolic_ref(source.git_dir, "HEAD", _BRANCHES)
    if source.bare:
        candidates = [head, "main", "master"]
    else:
        origin = "refs/remotes/origin/"
        candidates = [await _symbolic_ref(source.git_dir, f"{origin}HEAD", origin), "main", "master", head]
    for name in candidates:
        if name and name in heads:
            return name
    return min(heads, default=head or "main")


async def _symbolic_ref(repository: Path, name: str, prefix: str) -> str:
    try:
        target = await git(repository, "symbolic-ref", "--quiet", name)
    except GitError:
        return ""
    return target.decode("utf-8", "surrogateescape").strip().removeprefix(prefix)


async def origin_url(source: Source) -> str:
    """Return the URL of the remote `origin`, or an empty string."""
    try:
        return (await git(source.git_dir, "config", "--get", "remote.origin.url")).decode().strip()
    except (GitError, UnicodeDecodeError):
        return ""


async def write_refs(served: Path, refs: Mapping[str, str], default: str) -> None:
    """Replace the refs of the served repository by `refs` (full name to object id), and set HEAD to the default."""
    out = await git(served, "for-each-ref", "--format=%(objectname) %(refname)")
    current = {}
    for line in out.decode("utf-8", "surrogateescape").splitlines():
        sha, _, name = line.partition(" ")
        current[name] = sha
    # Deletions come first, in a transaction of their own: `a/b` cannot be created while `a` exists.
    removed = [f"delete {name}\0\0" for name in current if name not in refs]
    changed = [f"update {name}\0{sha}\0\0" for name, sha in refs.items() if current.get(name) != sha]
    for commands in (removed, changed):
        if commands:
            text = "".join(commands).encode("utf-8", "surrogateescape")
            await git(served, "update-ref", "--stdin", "-z", stdin=text)
    await git(served, "symbolic-ref", "HEAD", _BRANCHES + default)


async def existing(repository: Path, shas: list[str]) -> set[str]:
    """Return the ids that are commits in the repository."""
    if not shas:
        return set()
    query = "".join(f"{sha}\n" for sha in shas).encode()
    out = await git(repository, "cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=query, timeout=120)
    return {line.split()[0] for line in out.decode().splitlines() if line.endswith(" commit")}
