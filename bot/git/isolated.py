"""A bare repository with the objects of a clone, and with nothing else of it.

The configuration of a clone, its `info/attributes`, grafts, promisor remotes and checked-out files change what git
prints. A check run reads a mirror, which has none of them. So `preview` reads the objects through an empty repository
that names them in `objects/info/alternates` (gitrepository-layout(5)).
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.git.run import git
from bot.git.shallow import shallow_file


@asynccontextmanager
async def isolated(git_dir: Path) -> AsyncIterator[Path]:
    """Yield the git directory of a temporary repository with the objects of `git_dir`. It has no refs.

    Raises GitError.
    """
    described = await git(
        git_dir, "rev-parse", "--show-object-format", "--path-format=absolute", "--git-path", "objects"
    )
    object_format, _, objects = described.removesuffix(b"\n").partition(b"\n")
    with TemporaryDirectory(prefix="gitinsight-clone-") as folder:
        bare = Path(folder, f"{git_dir.parent.name or 'clone'}.git")
        bare.mkdir()
        await git(bare, "init", "--quiet", "--bare", "--template=", f"--object-format={object_format.decode()}")
        (bare / "objects" / "info").mkdir(parents=True, exist_ok=True)
        (bare / "objects" / "info" / "alternates").write_bytes(_quoted(objects) + b"\n")
        with suppress(FileNotFoundError):
            shutil.copyfile(shallow_file(git_dir), bare / "shallow")
        yield bare


def _quoted(path: bytes) -> bytes:
    """Return a path as git reads it from `alternates`: a path with special characters is quoted as in C."""
    if not any(byte < 0x20 or byte in b'"#\\' for byte in path):
        return path
    quoted = path.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'"' + b"".join(b"\\%03o" % byte if byte < 0x20 else bytes([byte]) for byte in quoted) + b'"'
