"""The hook for pre-commit, run by pre-commit before a push, as a user has it."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.jobs.samples import HARMLESS, UNSAFE
from tests.repository import Repository

ROOT = Path(__file__).parents[1]


def test_a_push_is_stopped_by_the_gate(repository: Repository, tmp_path: Path) -> None:
    remote = Repository.create(tmp_path / "remote")
    remote.git("checkout", "--quiet", "-b", "elsewhere")
    config = f"repos:\n- repo: {ROOT}\n  rev: {_head()}\n  hooks:\n  - id: gitinsight\n"
    repository.commit("first", {"app.py": HARMLESS, ".pre-commit-config.yaml": config})
    repository.git("remote", "add", "origin", str(remote.path))
    repository.git("push", "--quiet", "origin", "main")
    repository.branch("topic")
    repository.commit("run the tool", {"shell.py": UNSAFE})
    # Nothing is fetched: what builds the package and what it needs are found here.
    env = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
        "PYTHONPATH": sysconfig.get_path("purelib"),
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_COMPILE": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
    }

    def run(*argv: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(argv, cwd=repository.path, env=env, capture_output=True, text=True, check=False)

    installed = run("pre-commit", "install", "--hook-type", "pre-push", "--install-hooks")
    assert installed.returncode == 0, installed.stdout
    (site,) = (tmp_path / "pre-commit").glob("*/py_env-*/lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    for program in ("ruff", "zizmor"):
        (site.parents[2] / "bin" / program).symlink_to(Path(sysconfig.get_path("scripts")) / program)
    refused = run("git", "push", "origin", "topic")
    assert refused.returncode != 0
    assert "shell.py:5" in refused.stdout + refused.stderr
    assert "topic" not in remote.git("branch", "--list")


def _head() -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()
