"""`gitinsight up` without Redis for a while, beside a second `up`, and without room on the disk."""

import contextlib
import errno
import json
import os
import subprocess
import sys
import time
import urllib.error
from pathlib import Path

import psutil
import pytest

from bot.commands.supervisor import PartFailed, Supervisor
from bot.errors import Unavailable
from bot.git.fetch_errors import room_may_come
from tests.jobs.samples import HARMLESS, UNSAFE
from tests.repository import Repository
from tests.test_up import Up, running_up, two_ports, wait_for

AWAY_SECONDS = 12


def test_neither_a_second_up_nor_missing_redis_end_the_first(repository: Repository, tmp_path: Path) -> None:
    repository.commit("first", {"app/core.py": HARMLESS})
    with running_up(repository.path, tmp_path, two_ports()) as up:
        _start_a_second(up, repository)
        repository.branch("topic")
        killed, head, until = 0, "", time.monotonic() + AWAY_SECONDS
        while time.monotonic() < until:
            for part in (*up.parts("valkey"), *up.parts("worker")):
                with contextlib.suppress(psutil.NoSuchProcess):
                    part.kill()
                    killed += 1
            head = head or repository.commit("worse", {"app/shell.py": UNSAFE})
            time.sleep(0.1)
        assert killed >= 8
        assert up.process.poll() is None, (tmp_path / "errors").read_text()[-3000:]
        wait_for(lambda: head in {row[0] for row in up.analyses()}, "the head that came meanwhile")
        up.wait_until_analyzed(1)
        wait_for(lambda: set(json.loads(_ready(up)).values()) == {"ok"}, "all is well again")
        up.stop()


def _start_a_second(up: Up, repository: Repository) -> None:
    """A second `up` in the same DATA_DIR says where the first one runs, and leaves it alone."""
    before = _parts(up)
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(up.data), "PORT": str(two_ports())}
    argv = [sys.executable, "-m", "bot", "up", "--local", str(repository.path)]
    done = subprocess.run(argv, env=env, cwd=up.data.parent, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    where = f"{up.data}, at http://127.0.0.1:{up.port} (process {up.process.pid})"
    words = f"Error: GitInsight is already running in DATA_DIR {where}. Stop it, or set DATA_DIR and PORT\n"
    assert done.stderr == words
    assert _parts(up) == before
    assert set(json.loads(_ready(up)).values()) == {"ok"}


def _parts(up: Up) -> set[int]:
    """The processes that `up` started itself; those of jobs come and go."""
    return {part.pid for part in psutil.Process(up.process.pid).children()}


def _ready(up: Up) -> str:
    try:
        return up.page("/readyz")
    except urllib.error.HTTPError as refused:
        return refused.read().decode()


def test_a_part_that_exits_again_and_again_is_waited_for_once_it_has_run(tmp_path: Path) -> None:
    room = tmp_path / "room"
    lines = f"import pathlib, sys, time; pathlib.Path({str(room)!r}).exists() or sys.exit(1); time.sleep(60)"
    supervisor = Supervisor(restart_seconds=0.001)
    supervisor.start("part", [sys.executable, "-S", "-c", lines], {})
    (part,) = supervisor._parts
    try:
        with pytest.raises(PartFailed):
            _check_for_ever(supervisor)
        exits = len(part.exits)
        while len(part.exits) < exits + 3:
            supervisor.check(patient=True)
        room.touch()
        lasting = time.monotonic() + 5
        while part.process is None or part.process.poll() is not None or time.monotonic() - part.exits[-1] < 1:
            supervisor.check(patient=True)
            assert time.monotonic() < lasting
    finally:
        supervisor.stop()


def _check_for_ever(supervisor: Supervisor) -> None:
    while True:
        supervisor.check()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_costs_no_attempts(number: int) -> None:
    with pytest.raises(Unavailable, match="no room"), room_may_come():
        raise OSError(number, os.strerror(number))


def test_other_errors_of_the_disk_are_not_taken_for_a_full_one() -> None:
    with pytest.raises(PermissionError), room_may_come():
        raise PermissionError(errno.EACCES, "denied")
