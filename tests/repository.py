"""Git repositories that tests create without the settings of this machine."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_ENV = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
}


@dataclass
class Repository:
    """A checkout with a branch `main`. Each commit is one minute newer than the previous one."""

    path: Path
    clock: int = 1_700_000_000

    @classmethod
    def create(cls, path: Path, object_format: str = "sha1") -> "Repository":
        """Create an empty repository."""
        path.mkdir(parents=True)
        repository = cls(path)
        repository.git("init", "--quiet", "--initial-branch=main", f"--object-format={object_format}")
        return repository

    def git(self, *args: str, stdin: bytes | None = None) -> str:
        """Run git in the repository. Returns its output without the last line end."""
        self.clock += 60
        person = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in _PERSON.items()}
        dates = {"GIT_AUTHOR_DATE": f"{self.clock} +0000", "GIT_COMMITTER_DATE": f"{self.clock} +0000"}
        done = subprocess.run(
            ["git", *args], cwd=self.path, env=_ENV | person | dates, input=stdin, capture_output=True, check=False
        )
        if done.returncode:
            raise AssertionError(f"git {args}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode("utf-8", "backslashreplace").removesuffix("\n")

    def commit(self, message: str, files: Mapping[str, str | bytes | None] | None = None) -> str:
        """Write files (None deletes a file) and commit everything. Returns the sha."""
        for name, content in (files or {}).items():
            target = os.path.join(os.fsencode(self.path), os.fsencode(name))
            if content is None:
                os.unlink(target)
                continue
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.head()

    def head(self, revision: str = "HEAD") -> str:
        """Return the sha of a revision."""
        return self.git("rev-parse", "--verify", revision)

    def branch(self, name: str, start: str = "main") -> None:
        """Create a branch and check it out."""
        self.git("checkout", "--quiet", "-b", name, start)

    def checkout(self, name: str) -> None:
        """Check out a branch."""
        self.git("checkout", "--quiet", name)

    @property
    def git_dir(self) -> Path:
        """The git directory."""
        return self.path / ".git"


_PERSON = {"NAME": "Ada Lovelace", "EMAIL": "ada@example.org"}
