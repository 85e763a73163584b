"""`gitinsight up --local`: the whole app as one command, from its output to the end of its processes."""

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.jobs.samples import HARMLESS, UNSAFE
from tests.repository import Repository

pytestmark = pytest.mark.xdist_group("up")
DEADLINE = 90.0


def two_ports() -> int:
    """Return the first of two free adjacent ports."""
    for port in range(20_000 + os.getpid() % 20_000, 60_000, 2):
        with contextlib.suppress(OSError), socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", port))
            two.bind(("127.0.0.1", port + 1))
            return port
    raise AssertionError("no free ports")


def wait_for(probe: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not probe():
        assert time.monotonic() < deadline, f"not within {DEADLINE:g} s: {what}"
        time.sleep(0.05)


@dataclass
class Up:
    """The running command."""

    process: "subprocess.Popen[bytes]"
    data: Path
    port: int
    output: Path

    @property
    def family(self) -> list[psutil.Process]:
        """The command and all its descendants."""
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]

    def parts(self, name: str) -> list[psutil.Process]:
        """Return the running processes of one kind of part."""
        running = []
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):  # it has just exited
                if name in child.cmdline() and child.status() != psutil.STATUS_ZOMBIE:
                    running.append(child)
        return sorted(running, key=lambda child: int(child.pid))

    def lines(self) -> list[str]:
        """Return the lines of its standard output."""
        return self.output.read_text().splitlines()

    def page(self, path: str, *, stand_in: bool = False) -> str:
        """Return a page of the app or of the stand-in."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port + stand_in}{path}", timeout=10) as answer:
            return str(answer.read().decode())

    def analyses(self) -> list[tuple[str, str, int]]:
        """Return (head, status, attempts) of all analyses, oldest first."""
        with contextlib.closing(sqlite3.connect(self.data / "gitinsight.db")) as connection:
            return list(connection.execute("SELECT head_sha, status, attempt FROM analyses ORDER BY created_at, id"))

    def wait_until_analyzed(self, count: int) -> list[tuple[str, str, int]]:
        """Wait until `count` analyses are completed and none is unfinished. Returns all analyses."""

        def done() -> bool:
            states = [row[1] for row in self.analyses()]
            return states.count("completed") >= count and set(states) <= {"completed", "superseded"}

        wait_for(done, f"{count} analyses")
        return self.analyses()

    def stop(self) -> None:
        """Send Ctrl-C, and check that all processes end."""
        family = self.family
        assert len(family) >= 6
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(30) == 0
        _, alive = psutil.wait_procs(family, timeout=5)
        assert [process.cmdline() for process in alive] == []


@contextlib.contextmanager
def running_up(repository: Path, folder: Path, port: int) -> Iterator[Up]:
    """Start the command and wait for its output. The exit kills it if it still runs."""
    data, output = folder / "data", folder / f"output-{time.monotonic_ns()}"
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(data), "PORT": str(port)}
    with output.open("wb") as out, (folder / "errors").open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "up", "--local", str(repository)],
            cwd=folder,
            env=env,
            stdout=out,
            stderr=errors,
            start_new_session=True,
        )
    up = Up(process, data, port, output)
    try:
        wait_for(lambda: bool(up.lines()) or process.poll() is not None, "the first output")
        assert process.poll() is None, (folder / "errors").read_text()
        yield up
    finally:
        if process.poll() is None:
            for member in up.family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    member.kill()
            process.wait()


def test_from_the_first_start_to_the_second(repository: Repository, tmp_path: Path) -> None:
    repository.commit("first", {"app/core.py": HARMLESS})
    repository.branch("topic")
    head = repository.commit("worse", {"app/shell.py": UNSAFE})
    port = two_ports()
    with running_up(repository.path, tmp_path, port) as up:
        first, second, third = up.lines()
        assert f"http://127.0.0.1:{port + 1}/" in first
        assert f"http://127.0.0.1:{port}/" in first
        assert "Press Ctrl-C to stop" in third
        assert second.endswith(".")
        rows = up.wait_until_analyzed(1)
        assert head in {row[0] for row in rows}
        assert "local/project" in up.page("/")
        assert json.loads(up.page("/readyz")) == dict.fromkeys(("database", "queue", "workers", "disk"), "ok")
        assert "worse" in up.page("/", stand_in=True)
        assert up.data.stat().st_mode & 0o077 == 0
        # The scheduler starts when the stand-in listens.
        assert "could not be reached" not in (tmp_path / "errors").read_text()
        up.stop()
        assert len(up.lines()) == 3
    with running_up(repository.path, tmp_path, port) as up:
        assert len(up.lines()) == 2
        assert up.analyses() == rows
        assert "local/project" in up.page("/")
        newer = repository.commit("more", {"app/more.py": HARMLESS})
        wait_for(lambda: newer in {row[0] for row in up.analyses()}, "the newer head is noticed")
        after = up.wait_until_analyzed(len(rows) + 1)
        assert after[: len(rows)] == rows
        up.stop()


def test_a_killed_part_is_restarted_and_a_port_in_use_is_an_error(repository: Repository, tmp_path: Path) -> None:
    repository.commit("first", {"app/core.py": HARMLESS})
    port = two_ports()
    with running_up(repository.path, tmp_path, port) as up:
        for name in ("worker", "scheduler"):
            before = up.parts(name)
            before[0].kill()
            wait_for(lambda: len(now := up.parts(name)) == len(before) and now != before, f"a new {name}")  # noqa: B023
        repository.branch("topic")
        head = repository.commit("worse", {"app/shell.py": UNSAFE})
        wait_for(lambda: head in {row[0] for row in up.analyses()}, "the head is noticed")
        up.wait_until_analyzed(1)
        env = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path / "other"), "PORT": str(port)}
        argv = [sys.executable, "-m", "bot", "up", "--local", str(repository.path)]
        done = subprocess.run(argv, env=env, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.splitlines() == [
            f"Error: Port {port} on 127.0.0.1 cannot be used (Address already in use). Set PORT to another port"
        ]
        up.stop()


def test_sigterm_stops_all_parts(repository: Repository, tmp_path: Path) -> None:
    repository.commit("first", {"app/core.py": HARMLESS})
    with running_up(repository.path, tmp_path, two_ports()) as up:
        family = up.family
        up.process.terminate()
        up.process.wait(30)
        _, alive = psutil.wait_procs(family, timeout=5)
        assert [process.cmdline() for process in alive] == []


def test_killing_the_supervisor_stops_all_parts(repository: Repository, tmp_path: Path) -> None:
    repository.commit("first", {"app/core.py": HARMLESS})
    with running_up(repository.path, tmp_path, two_ports()) as up:
        family = up.family
        up.process.kill()
        up.process.wait()
        _, alive = psutil.wait_procs(family, timeout=20)
        assert [process.cmdline() for process in alive] == []
