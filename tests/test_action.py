"""The action: bash runs its steps with the variables that a runner sets, in a clone as actions/checkout makes it."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from tests.jobs.samples import HARMLESS, UNSAFE
from tests.repository import Repository

ROOT = Path(__file__).parents[1]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}


@dataclass
class Runner:
    """A runner of GitHub Actions with one job. clone: what actions/checkout made."""

    clone: Repository
    temp: Path
    inputs: dict[str, str] = field(default_factory=dict)
    default_branch: str = "main"
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, name: str) -> "subprocess.CompletedProcess[str]":
        """Run a step of the action as the runner does (docs.github.com, "Workflow syntax", `shell: bash`)."""
        step = STEPS[name]
        assert step["shell"] == "bash"
        script = self.temp / "step.sh"
        script.write_text(step["run"])
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.temp),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(self.temp / "output"),
            "GITHUB_STEP_SUMMARY": str(self.temp / "summary.md"),
            **self.variables,
            **{name: self._value(text) for name, text in step["env"].items()},
        }
        argv = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        return subprocess.run(argv, cwd=self.clone.path, env=env, capture_output=True, text=True, check=False)

    def _value(self, expression: str) -> str:
        inner = expression.removeprefix("${{ ").removesuffix(" }}")
        if inner == "github.event.repository.default_branch":
            return self.default_branch
        name = inner.removeprefix("inputs.")
        return self.inputs.get(name, str(ACTION["inputs"][name]["default"]))


@pytest.fixture
def runner(repository: Repository, tmp_path: Path) -> Runner:
    """A runner with the merge of a pull request into `main`: a detached head, and no origin/HEAD."""
    repository.commit("first", {"app.py": HARMLESS})
    repository.branch("topic")
    repository.commit("run the tool", {"shell.py": UNSAFE})
    repository.checkout("main")
    repository.commit("second", {"other.py": HARMLESS})
    repository.git("merge", "--quiet", "--no-ff", "--no-edit", "topic")
    repository.git("update-ref", "refs/pull/1/merge", "HEAD")
    repository.git("reset", "--quiet", "--hard", "HEAD^1")
    clone = Repository.create(tmp_path / "clone")
    clone.git("remote", "add", "origin", str(repository.path))
    clone.git(
        "fetch",
        "--quiet",
        "origin",
        "+refs/heads/*:refs/remotes/origin/*",
        "+refs/pull/1/merge:refs/remotes/pull/1/merge",
    )
    clone.git("checkout", "--quiet", "--detach", "refs/remotes/pull/1/merge")
    temp = tmp_path / "a runner's temp"
    temp.mkdir()
    (temp / "gitinsight").symlink_to(sys.prefix)
    return Runner(clone, temp, variables={"GITHUB_BASE_REF": "main"})


def test_a_pull_request_gets_a_sarif_file_and_a_summary(runner: Runner) -> None:
    checked = runner.run("Check the clone")
    assert (checked.returncode, checked.stdout) == (0, "")
    assert runner.clone.git("symbolic-ref", "refs/remotes/origin/HEAD") == "refs/remotes/origin/main"
    done = runner.run("Analyze")
    assert done.returncode == 0, done.stdout + done.stderr
    sarif = runner.temp / "gitinsight.sarif"
    assert (runner.temp / "output").read_text() == f"sarif={sarif}\n"
    results = orjson.loads(sarif.read_bytes())["runs"][0]["results"]
    places = {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in results}
    assert places == {"shell.py"}  # the base's own second commit is no part of the change
    assert "`shell.py" in (runner.temp / "summary.md").read_text()


def test_the_gate_fails_the_job_and_the_summary_is_there(runner: Runner) -> None:
    runner.inputs = {"gate": "true", "base": "origin/main"}
    done = runner.run("Analyze")
    assert done.returncode == 1
    assert "::error title=GitInsight::A remark reaches the gate" in done.stdout
    assert "`shell.py" in (runner.temp / "summary.md").read_text()


def test_a_wrong_base_is_an_error_and_no_command(runner: Runner) -> None:
    runner.inputs = {"base": "$(touch stolen); --format=json"}
    done = runner.run("Analyze")
    assert done.returncode != 0
    assert "There is no revision '$(touch stolen); --format=json'" in done.stderr
    assert not (runner.clone.path / "stolen").exists()


def test_a_shallow_clone_is_told_what_to_set(runner: Runner, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    runner.clone.git("clone", "--quiet", "--depth=1", f"file://{tmp_path / 'project'}", str(shallow))
    runner.clone = Repository(shallow)
    done = runner.run("Check the clone")
    assert done.returncode == 1
    assert "fetch-depth: 0" in done.stdout


def test_an_old_python_is_refused(runner: Runner) -> None:
    old = runner.temp / "python3.10"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    runner.inputs = {"python": str(old)}
    done = runner.run("Install GitInsight")
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed" in done.stdout


def test_nothing_of_the_event_is_written_into_a_script() -> None:
    assert [name for name, step in STEPS.items() if "${{" in step["run"]] == []
