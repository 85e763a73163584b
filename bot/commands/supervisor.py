"""The supervisor of `gitinsight up`: starts the parts as processes, restarts them, and stops them."""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_PR_SET_PDEATHSIG = 1
_STOP_TIMEOUT = 5.0
_RESTART_SECONDS = 1.0
_LONGEST_PAUSE = 10.0
_MAX_EXITS = 5
_POLL_SECONDS = 0.2
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Part:
    """A process that is restarted when it exits.

    exits: the times of its exits in the last minute.
    restart_at: when it is started again; None while it runs.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    exits: list[float] = field(default_factory=list)
    restart_at: float | None = None


class PartFailed(Exception):
    """A part exits repeatedly. The message contains its name."""


def die_with_parent() -> None:
    """Request a SIGTERM when the supervisor dies (prctl(2), Linux). The child calls it between fork and exec."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """Starts parts in order, restarts those that exit, and stops them in reverse order."""

    def __init__(self, *, restart_seconds: float = _RESTART_SECONDS) -> None:
        self._restart_seconds = restart_seconds
        self._parts: list[Part] = []
        self._stopping = False

    def start(self, name: str, argv: Sequence[str], env: Mapping[str, str]) -> None:
        """Start a part. `watch` restarts it when it exits."""
        part = Part(name, argv, env)
        self._parts.append(part)
        self._launch(part)

    def watch(self) -> None:
        """Restart exited parts until a signal arrives, however often they exit.

        What a part lacks (Redis, room on the disk) may come back. Deliveries are received meanwhile.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        while not self._stopping:
            self.check(patient=True)
            time.sleep(_POLL_SECONDS)

    def check(self, *, patient: bool = False) -> None:
        """Restart the parts that have exited: the first time after a second, then less and less often.

        patient: however often one exits. Otherwise PartFailed is raised, because a part that never ran will not run.
        """
        for part in self._parts:
            if part.process is None or part.process.poll() is None or self._stopping:
                continue
            now = time.monotonic()
            if part.restart_at is None:
                part.exits = [moment for moment in part.exits if now - moment < 60] + [now]
                if len(part.exits) >= _MAX_EXITS and not patient:
                    raise PartFailed(f"{part.name} exited {_MAX_EXITS} times within a minute. See its messages above.")
                pause = min(self._restart_seconds * 2 ** (len(part.exits) - 1), _LONGEST_PAUSE)
                log.warning("%s exited (%s); it is started again in %d s", part.name, part.process.returncode, pause)
                part.restart_at = now + pause
            elif now >= part.restart_at:
                part.restart_at = None
                self._launch(part)

    def stop(self) -> None:
        """Stop every part and its children: with two SIGTERMs, then with SIGKILL."""
        self._stopping = True
        for part in reversed(self._parts):
            self._end(part)

    def _launch(self, part: Part) -> None:
        part.process = subprocess.Popen(
            part.argv,
            env=dict(part.env),
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # so that only the supervisor receives Ctrl-C and stops the parts in order
            preexec_fn=die_with_parent,
        )

    @staticmethod
    def _end(part: Part) -> None:
        process = part.process
        if process is None:
            return
        # A worker finishes its job after the first SIGTERM and aborts it after the second.
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
            if process.poll() is not None:
                break
            process.send_signal(number)
            try:
                process.wait(_STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                continue
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass  # the process group no longer exists

    def _stop(self, number: int, frame: object) -> None:
        self._stopping = True
