"""Runs one git command in a hardened environment.

Repositories are untrusted. git runs without hooks, without their configuration, without external diff or text
conversion, without lazy fetch, and with the listed protocols only. Names from a repository are never passed where git
accepts options: commands take object ids, full refspecs and `--`.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from bot.errors import ObjectsMissing
from bot.process import MIB, ProcessFailed, run
from bot.text import without_secrets

# Object ids are SHA-1 (40 digits) or, after `git init --object-format=sha256`, SHA-256 (64 digits).
SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_EMPTY_TREE_SHA256 = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
EMPTY_TREES = frozenset({EMPTY_TREE, _EMPTY_TREE_SHA256})
ZERO = "0" * 40
_PATH = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin"
NO_GIT = f"git is not installed in any of {_PATH.replace(':', ', ')}. Install it first."

_CONFIG = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    # A diff treats larger files as binary, so that one file cannot fill the whole output.
    "core.bigFileThreshold": "1m",
    "core.quotePath": "true",
    "core.attributesFile": "/dev/null",
    # Since git 2.43 a bare repository has the attributes of its HEAD.
    "attr.tree": EMPTY_TREE,
    "protocol.allow": "never",
    "protocol.https.allow": "always",
    "protocol.http.allow": "always",
    "protocol.file.allow": "never",
    "http.followRedirects": "initial",
    "safe.directory": "*",
    "gc.auto": "0",
    "fetch.recurseSubmodules": "false",
    "diff.renameLimit": "1000",
    "credential.helper": "",
    "pack.threads": "2",
}


class GitError(Exception):
    """A git command failed. The message is the end of its standard error, without credentials.

    status: the exit status; None after a timeout and too much output.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class MissingObject(GitError, ObjectsMissing):
    """git could not read an object of the repository."""


# git's error messages for a missing object: without a promisor, with a promisor, and for a tree.
_MISSING = ("unable to read", "could not fetch", "missing blob", "unable to find", "bad object", "not get object info")


def git_failure(command: str, stderr: bytes, status: int) -> GitError:
    """Return the error of a git command that ended with a non-zero exit status."""
    message = without_secrets(stderr.decode("utf-8", "replace").strip())[-600:]
    kind = MissingObject if any(known in message for known in _MISSING) else GitError
    return kind(f"git {command}: {message or f'exit status {status}'}", status)


def environment(extra: Mapping[str, str] | None = None, config: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the complete environment of a git process.

    extra: additional variables.
    config: additional git configuration, passed as GIT_CONFIG_*. Unlike arguments, it is not visible in `ps`.
    """
    settings = {**_CONFIG, **(config or {})}
    pairs = {}
    for number, (key, value) in enumerate(settings.items()):
        pairs[f"GIT_CONFIG_KEY_{number}"] = key
        pairs[f"GIT_CONFIG_VALUE_{number}"] = value
    return {
        "PATH": _PATH,
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "/bin/false",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": str(len(settings)),
        **pairs,
        **(extra or {}),
    }


async def git(
    repository: Path,
    *args: str,
    stdin: bytes = b"",
    timeout: float = 60,
    max_output: int = 64 * MIB,
    env: Mapping[str, str] | None = None,
    config: Mapping[str, str] | None = None,
    also_good: tuple[int, ...] = (),
    literal_paths: bool = True,
) -> bytes:
    """Run `git --git-dir=repository …` and return its standard output.

    timeout: seconds.
    max_output: the maximum number of bytes.
    also_good: exit statuses beside 0 that are no failure.
    literal_paths: False only for a command whose paths are all ours.
    Raises GitError on a non-zero exit status, on a timeout, and on too much output.
    """
    repository = repository.absolute()
    argv = ["git", f"--git-dir={repository}", *(("--literal-pathspecs",) if literal_paths else ()), *args]
    # The working directory is the repository, so that git reads no attributes of a checkout.
    folder = repository if repository.is_dir() else None
    try:
        done = await run(
            argv, env=environment(env, config), cwd=folder, stdin=stdin, timeout=timeout, max_output=max_output
        )
    except ProcessFailed as failure:
        raise GitError(f"git {args[0]}: {failure}") from failure
    if done.returncode and done.returncode not in also_good:
        raise git_failure(args[0], done.stderr, done.returncode)
    return done.stdout


def checked_sha(sha: str) -> str:
    """Return the sha. Raises ValueError unless it is an object id, so that no name or option can replace it."""
    if not SHA.fullmatch(sha):
        raise ValueError(f"not an object id: {sha[:60]!r}")
    return sha


def is_null(oid: str) -> bool:
    """Return whether an object id stands for no object: it has zeros only."""
    return not oid.strip("0")


def object_format(sha: str) -> str:
    """Return git's name of the object format of an object id."""
    return "sha1" if len(sha) == len(EMPTY_TREE) else "sha256"


def empty_tree(sha: str) -> str:
    """Return the id of the empty tree in the object format of `sha`."""
    return EMPTY_TREE if len(sha) == len(EMPTY_TREE) else _EMPTY_TREE_SHA256
