"""`gitinsight up`: starts the parts as processes, watches over them, and stops all of them."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_PR_SET_PDEATHSIG = 1
_GRACE_SECONDS = 5.0
_RESTART_SECONDS = 1.0
_QUICK_DEATHS = 5
_POLL_SECONDS = 0.2


@dataclass(slots=True)
class Part:
    """One process to keep alive. deaths: when it died lately."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    deaths: list[float] = field(default_factory=list)


class PartFailed(Exception):
    """A part dies again and again; the message names it."""


def die_with_parent() -> None:
    """For the child between fork and exec: be told to end when the supervisor is gone (prctl(2), Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """Starts parts in order, restarts those that die, and ends them in reverse order."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._stopping = False

    def start(self, name: str, argv: Sequence[str], env: Mapping[str, str]) -> None:
        """Start a part and keep it alive from now on."""
        part = Part(name, argv, env)
        self._parts.append(part)
        self._launch(part)

    def watch(self) -> None:
        """Until a signal says stop. Raises PartFailed when a part cannot be kept alive."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        while not self._stopping:
            self.check()
            time.sleep(_POLL_SECONDS)

    def check(self) -> None:
        """Restart what died. Raises PartFailed."""
        for part in self._parts:
            if part.process is not None and part.process.poll() is not None and not self._stopping:
                now = time.monotonic()
                part.deaths = [moment for moment in part.deaths if now - moment < 60] + [now]
                if len(part.deaths) >= _QUICK_DEATHS:
                    raise PartFailed(f"{part.name} ended {_QUICK_DEATHS} times within a minute; see what it said above")
                time.sleep(_RESTART_SECONDS)
                self._launch(part)

    def stop(self) -> None:
        """End every part with its children: asked once, asked again, then killed."""
        self._stopping = True
        for part in reversed(self._parts):
            self._end(part)

    def _launch(self, part: Part) -> None:
        part.process = subprocess.Popen(
            part.argv,
            env=dict(part.env),
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops the parts in order
            preexec_fn=die_with_parent,
        )

    @staticmethod
    def _end(part: Part) -> None:
        process = part.process
        if process is None:
            return
        # A worker finishes its job at the first SIGTERM and drops it at the second.
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
            if process.poll() is not None:
                break
            process.send_signal(number)
            try:
                process.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                continue
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass  # nothing of it is left

    def _stop(self, number: int, frame: object) -> None:
        self._stopping = True
