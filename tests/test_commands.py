"""The command line: each command runs as a process with its own environment."""

import contextlib
import os
import re
import socket
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import orjson
import pytest

from bot.web.auth import ALGORITHM, AUDIENCE, ISSUER
from tests.jobs.risky import risky_history
from tests.jobs.samples import HARMLESS, TANGLED, UNSAFE
from tests.repository import Repository
from tests.servers import free_port
from tests.standin import key_pair

COMMANDS = (
    "up web worker scheduler preview backfill explain migrate token deliveries replay doctor admin config".split()
)
SECRET_KEY = "a key of the tests, long enough to be one"


@dataclass
class Shell:
    """Runs commands in an empty folder without any settings."""

    folder: Path

    def __call__(self, *arguments: str, status: int = 0, **env: Any) -> "subprocess.CompletedProcess[str]":
        """Run a command. Fails on another exit status than `status`, and on a traceback."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "COLUMNS": "200"} | env,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == status, (done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done

    def error(self, *arguments: str, status: int = 1, **env: Any) -> str:
        """Run a command that fails. Returns its error message, which is one line."""
        done = self(*arguments, status=status, **env)
        assert done.stdout == ""
        lines = [line for line in done.stderr.splitlines() if line and not line.startswith(("Usage:", "Try "))]
        assert len(lines) == 1, lines
        assert lines[0].startswith("Error: ")
        return lines[0].removeprefix("Error: ")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return Shell(folder)


@pytest.fixture
def configured(tmp_path: Path) -> dict[str, Any]:
    """All settings, with a database and a queue that are not running."""
    return {
        "GITHUB_APP_ID": "1",
        "GITHUB_PRIVATE_KEY": key_pair()[0],
        "GITHUB_WEBHOOK_SECRET": "w" * 32,
        "GITHUB_API_URL": f"http://127.0.0.1:{free_port()}",
        "SECRET_KEY": SECRET_KEY,
        "DATA_DIR": str(tmp_path / "data"),
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}",
    }


def test_help_lists_every_command(shell: Shell) -> None:
    shown = shell("--help").stdout
    for command in COMMANDS:
        assert re.search(rf"^  {command} ", shown, re.MULTILINE), command
    assert "stand-in" not in shown
    assert re.fullmatch(r"gitinsight, version \d+\.\d+\.\d+\S*\n", shell("--version").stdout)


@pytest.mark.parametrize("command", [*COMMANDS, "token create", "config check"])
def test_every_command_has_help_with_an_example(shell: Shell, command: str) -> None:
    shown = shell(*command.split(), "--help").stdout
    assert f"gitinsight {command}" in shown
    assert re.search(rf"Example:  .*gitinsight {command}", shown)


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["preview", "nowhere"], 2, "'nowhere' does not exist"),
        (["preview", "."], 2, "not a git repository"),
        (["preview", ".", "--staged", "--worktree"], 2, "exclude one another"),
        (["web"], 1, "GITHUB_WEBHOOK_SECRET is not set"),
        (["worker"], 1, "GITHUB_WEBHOOK_SECRET is not set"),
        (["scheduler"], 1, "GITHUB_WEBHOOK_SECRET is not set"),
        (["deliveries"], 1, "GITHUB_WEBHOOK_SECRET is not set"),
        (["up", "--local", "nowhere"], 1, "nowhere is not a git repository"),
        (["token", "create", "--user", "a", "--role", "viewer"], 1, "No instance has run in DATA_DIR"),
        (["token", "list"], 1, "No instance has run in DATA_DIR"),
        (["admin", "octocat"], 1, "No instance has run in DATA_DIR"),
        (["frobnicate"], 2, "No such command 'frobnicate'"),
    ],
)
def test_errors_are_one_line(shell: Shell, arguments: list[str], status: int, message: str) -> None:
    assert message in shell.error(*arguments, status=status)


def test_errors_of_settings_are_one_line(shell: Shell, repository: Repository, configured: dict[str, Any]) -> None:
    assert "PORT must be a whole number" in shell.error("up", "--local", str(repository.path), PORT="http")
    assert "65534" in shell.error("up", "--local", str(repository.path), PORT="65535")
    assert "DATA_DIR /proc/1/x cannot be written" in shell.error(
        "up", "--local", str(repository.path), DATA_DIR="/proc/1/x"
    )
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        up = ("up", "--local", str(repository.path))
        busy = shell.error(*up, PORT=str(free_port()), STAND_IN_PORT=str(port))
        assert (
            busy
            == f"Port {port} on 127.0.0.1 cannot be used (Address already in use). Set STAND_IN_PORT to another port"
        )
        assert "STAND_IN_PORT must differ" in shell.error(*up, PORT=str(port), STAND_IN_PORT=str(port))
        assert "Set HOST to an address" in shell.error(*up, HOST="192.0.2.1")
    assert "cannot be written: No such file" in shell.error("migrate", DATA_DIR="/proc/1/x")
    assert "DATABASE_URL must begin" in shell.error("migrate", DATABASE_URL="mysql://x")
    assert "DATABASE_URL" in shell.error("migrate", DATABASE_URL=f"postgres://u:p@127.0.0.1:{free_port()}/d")
    assert "The queue is not available. Check REDIS_URL." in shell.error("worker", **configured)


def test_an_old_schema_is_an_error_with_the_command_that_fixes_it(shell: Shell, configured: dict[str, Any]) -> None:
    for command in ("web", "scheduler"):
        env = configured | {
            "LOG_LEVEL": "INFO",
            "DATABASE_URL": f"sqlite:///{shell.folder / 'empty.db'}",
            "PORT": str(free_port()),
        }
        assert "run `gitinsight migrate`" in shell.error(command, **env)


def test_migrate_creates_a_database_and_can_be_repeated(shell: Shell) -> None:
    for _ in range(2):
        assert shell("migrate").stdout == "The schema is up to date.\n"
    assert (shell.folder / ".gitinsight" / "gitinsight.db").stat().st_size > 0
    assert (shell.folder / ".gitinsight").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("role", ["admin", "maintainer", "viewer"])
def test_a_token_is_the_last_line(shell: Shell, role: str) -> None:
    done = shell("token", "create", "--user", "alice", "--role", role, "--expires", "12h", SECRET_KEY=SECRET_KEY)
    token = done.stdout.splitlines()[-1]
    claims = jwt.decode(token, SECRET_KEY, algorithms=[ALGORITHM], audience=AUDIENCE, issuer=ISSUER)
    assert (claims["sub"], claims["role"], claims["exp"] - claims["iat"]) == ("alice", role, 12 * 3600)
    assert len(done.stdout.splitlines()) == 1


def test_tokens_are_listed_and_revoked(shell: Shell) -> None:
    assert "No tokens have been created yet." in shell("token", "list", SECRET_KEY=SECRET_KEY).stdout
    tokens = [
        shell("token", "create", "--user", "alice", "--role", "admin", SECRET_KEY=SECRET_KEY).stdout.strip()
        for _ in range(2)
    ]
    ids = [jwt.decode(token, options={"verify_signature": False})["jti"] for token in tokens]
    shell("token", "revoke", ids[0], SECRET_KEY=SECRET_KEY)
    shell("token", "revoke", tokens[1], SECRET_KEY=SECRET_KEY)
    listed = shell("token", "list", SECRET_KEY=SECRET_KEY).stdout
    for identifier, token in zip(ids, tokens, strict=True):
        assert identifier in listed
        assert token not in listed
    assert listed.count("revoked") == 2
    for given in (ids[0], tokens[1], "nonsense"):
        assert "There is no such token" in shell.error("token", "revoke", given, SECRET_KEY=SECRET_KEY)
    assert "--user must be a name" in shell.error(
        "token", "create", "--user", "a\nb", "--role", "viewer", SECRET_KEY=SECRET_KEY
    )


def test_who_has_signed_in_is_made_an_admin(shell: Shell, tmp_path: Path) -> None:
    env: dict[str, Any] = {"SECRET_KEY": SECRET_KEY, "DATA_DIR": str(tmp_path / "data")}
    shell("token", "create", "--user", "octocat", "--role", "viewer", **env)
    told = shell.error("admin", "octocat", **env)  # a user of the command line has no login of GitHub
    assert told.startswith("Nobody has signed in as 'octocat'.")
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "gitinsight.db")) as database, database:
        database.execute("UPDATE users SET github_id = 1")
    assert "octocat is an admin" in shell("admin", "@OctoCat", **env).stdout.replace("@OctoCat", "octocat")
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "gitinsight.db")) as database:
        assert database.execute("SELECT role FROM users").fetchall() == [("admin",)]
        assert database.execute("SELECT count(*) FROM audit_log WHERE action = 'user.role'").fetchone() == (1,)


@pytest.mark.parametrize("duration", ["", "0d", "-1d", "1", "d", "1y", "٣d", "1.5h", "99999d", "1 d"])
def test_an_invalid_duration_is_an_error(shell: Shell, duration: str) -> None:
    arguments = ("token", "create", "--user", "a", "--role", "viewer", "--expires", duration)
    assert "is not a duration such as 12h or 30d" in shell.error(*arguments, status=2, SECRET_KEY=SECRET_KEY)


def test_deliveries_and_replay(shell: Shell, configured: dict[str, Any]) -> None:
    shell("migrate", **configured)
    assert "received" in shell("deliveries", **configured).stdout
    assert "There is no delivery nothing" in shell.error("replay", "nothing", **configured)


def test_doctor_says_how_to_fix_each_problem(shell: Shell, configured: dict[str, Any]) -> None:
    done = shell("doctor", status=1)
    assert "✗ settings: GITHUB_WEBHOOK_SECRET is not set" in done.stdout
    done = shell("doctor", status=1, **(configured | {"LOG_FORMAT": "[/red]"}))
    assert "not '[/red]'" in done.stdout
    shell("migrate", **configured)
    shown = shell("doctor", status=1, **configured).stdout
    for line in ("✓ settings", "✓ database", "✗ queue: not available", "✗ GitHub: not available", "✓ disk"):
        assert line in shown
    assert "mail is off: SMTP_URL is not set" in shown
    away = configured | {"SMTP_URL": f"smtp://127.0.0.1:{free_port()}", "MAIL_FROM": "gitinsight@example.org"}
    shown = shell("doctor", status=1, **away).stdout
    assert "✗ mail: the mail server cannot be used" in shown
    shown = shell("doctor", status=1, **(configured | {"GITHUB_PRIVATE_KEY": "-----BEGIN PRIVATE KEY-----"})).stdout
    assert "✗ settings: The GitHub private key cannot be read" in shown.replace("\n", " ")


@pytest.fixture
def project(repository: Repository) -> Repository:
    """A repository on a branch with two problems."""
    repository.commit("first", {"app/core.py": HARMLESS, "README.md": "# Project\n"})
    repository.commit("second", {"app/other.py": HARMLESS})
    repository.branch("topic")
    repository.commit("worse", {"app/core.py": TANGLED, "app/shell.py": UNSAFE})
    return repository


def previewed(shell: Shell, path: Path, *arguments: str) -> "dict[str, object]":
    found: dict[str, object] = orjson.loads(shell("preview", str(path), "--format", "json", *arguments).stdout)
    return found


def test_preview_in_all_formats(shell: Shell, project: Repository) -> None:
    shown = shell("preview", str(project.path)).stdout
    heads = [project.head(name)[:10] for name in ("topic", "main")]
    assert shown.splitlines()[0] == f"Compared: topic ({heads[0]}), 1 commit, 2 files, with main ({heads[1]})."
    assert "app/shell.py:5" in shown
    assert "settle" in shown
    markdown = shell("preview", str(project.path), "--format", "markdown").stdout
    assert markdown.startswith("**")
    assert "`app/shell.py`:5" in markdown
    document = previewed(shell, project.path)
    assert (document["conclusion"], document["repository"]) == ("neutral", "project")
    (run,) = orjson.loads(shell("preview", str(project.path), "--format", "sarif").stdout)["runs"]
    assert {result["ruleId"] for result in run["results"]} >= {"security/S602", "complexity/new-function"}


def test_the_gate_sets_the_exit_status(shell: Shell, project: Repository) -> None:
    shell("preview", str(project.path), "--gate", status=1)
    shell("preview", str(project.path), "--gate", "--head", "main", status=0)
    project.checkout("main")
    project.commit("configure", {".github/gitinsight.yml": "gate: critical\n"})
    shell("preview", str(project.path), "--gate", "--head", "topic", "--base", "main", status=0)


def test_what_is_not_committed_is_previewed(shell: Shell, project: Repository) -> None:
    empty = Repository.create(project.path.parent / "new")
    (empty.path / "shell.py").write_text(UNSAFE)
    (empty.path / ".github").mkdir()
    (empty.path / ".github" / "gitinsight.yml").write_text("comment: true\nGate: high\n")
    done = shell("preview", str(empty.path), "--worktree", "--gate", "--format", "markdown", status=1)
    assert done.stderr.startswith("Compared: the files of the folder (2 files), with nothing")
    assert "In this change, `.github/gitinsight.yml`, line 2: unknown key; did you mean `gate`?" in done.stdout
    assert "`shell.py`:5" in done.stdout
    (project.path / "app" / "other.py").write_text(TANGLED)
    project.git("add", "app/other.py")
    (project.path / "app" / "other.py").write_text(HARMLESS)
    shown = shell("preview", str(project.path), "--staged").stdout.splitlines()
    assert shown[0] == f"Compared: what is staged (1 file), with topic ({project.head('topic')[:10]})."
    assert "app/other.py" in "".join(shown)
    assert "app/shell.py" not in "".join(shown)
    assert "exclude one another" in shell.error("preview", str(project.path), "--staged", "--head=main", status=2)
    bare = project.path.parent / "bare.git"
    project.git("clone", "--quiet", "--bare", str(project.path), str(bare))
    assert "not in a checkout" in shell.error("preview", str(bare), "--worktree", status=2)


def test_preview_of_a_worktree_a_bare_repository_and_subfolders(
    shell: Shell, project: Repository, tmp_path: Path
) -> None:
    verdict = previewed(shell, project.path)["verdict"]
    assert "remark" in str(verdict)
    project.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "worktree"), "topic")
    project.git("clone", "--quiet", "--bare", str(project.path), str(tmp_path / "bare.git"))
    for place in (tmp_path / "worktree", tmp_path / "bare.git", project.path / "app", project.path / ".git"):
        assert previewed(shell, place)["verdict"] == verdict


def test_preview_of_an_empty_repository_a_first_commit_and_a_shallow_clone(
    shell: Shell, tmp_path: Path, project: Repository
) -> None:
    empty = Repository.create(tmp_path / "empty")
    assert "has no commits yet" in shell.error("preview", str(empty.path), status=2)
    empty.commit("the very first", {"shell.py": UNSAFE})
    assert previewed(shell, empty.path)["files_analyzed"] == 1
    shallow = tmp_path / "shallow"
    project.git("clone", "--quiet", "--depth=1", "--branch=topic", f"file://{project.path}", str(shallow))
    for arguments in ((), ("--base=HEAD~1",)):
        told = shell.error("preview", str(shallow), *arguments, status=2)
        assert "--unshallow" in told and "shallow clone" in told
    project.git("-C", str(shallow), "fetch", "--quiet", "origin", "main:refs/remotes/origin/main", "--depth=1")
    assert "fetch-depth: 0" in shell.error("preview", str(shallow), "--base=origin/main", status=2)
    project.git("-C", str(shallow), "fetch", "--quiet", "--unshallow")
    assert previewed(shell, shallow)["head_sha"] == project.head("topic")


@pytest.mark.parametrize("revision", ["nowhere", "--upload-pack=x", "", "HEAD~99", "\n", "HEAD:README.md"])
def test_an_unknown_revision_is_an_error(shell: Shell, project: Repository, revision: str) -> None:
    assert "There is no revision" in shell.error("preview", str(project.path), f"--base={revision}", status=2)
    assert "There is no revision" in shell.error("preview", str(project.path), f"--head={revision}", status=2)


def test_backfill_prints_the_results_of_a_local_history(shell: Shell, repository: Repository, tmp_path: Path) -> None:
    risky_history(repository)
    cache = str(tmp_path / "cache")
    shown = shell("backfill", str(repository.path), XDG_CACHE_HOME=cache).stdout
    assert "project: 420 changes" in shown
    assert "app/part1.py" in shown and "Bus factor" in shown
    assert "lines changed alone" in shown and "the model (not used)" in shown
    assert "Of the last 30 merged changes" in shown


def test_backfill_of_an_invalid_path_is_an_error(shell: Shell, repository: Repository, tmp_path: Path) -> None:
    assert shell.error("backfill", str(shell.folder)) == f"{shell.folder} is not a git repository."
    assert "no commits yet" in shell.error("backfill", str(repository.path))
    assert "octocat/hello-world" in shell.error("backfill", "./nowhere")
    assert "octocat/hello-world" in shell.error("backfill", "nowhere")


def test_backfill_of_an_unknown_name_is_an_error(shell: Shell, configured: dict[str, Any]) -> None:
    shell("migrate", **configured)
    assert "neither a repository that the app is installed on" in shell.error("backfill", "octo/cat", **configured)
