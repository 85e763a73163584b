"""A git process whose output is read while it runs. It has the same environment as in `run.py`."""

import fcntl
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import IO

from bot.git.run import GitError, environment, git_failure

_CHUNK = 1024 * 1024
# These settings of a user's clone, which `preview` reads, would change the format of the output.
_CONFIG: Mapping[str, str] = {
    "core.commitGraph": "true",
    "log.showSignature": "false",
}


class Stream:
    """Iterates over the standard output of a git process in chunks. The process starts immediately.

    The process ends with the iteration, with `close`, and with an error. Raises GitError on failure and on timeout.
    attributes: the path of an attributes file of ours.
    """

    def __init__(
        self,
        argv: Sequence[str],
        repository: Path,
        timeout: float,
        env: Mapping[str, str] | None = None,
        *,
        attributes: str = os.devnull,
    ) -> None:
        self._command = argv[3]
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        # The working directory is the repository, so that git reads no attributes of a checkout.
        self._process = subprocess.Popen(
            argv,
            cwd=repository,
            env=environment(env, {**_CONFIG, "core.attributesFile": attributes}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            bufsize=0,
            start_new_session=True,
        )
        assert self._process.stdout  # noqa: S101 - stdout is PIPE
        _widen(self._process.stdout)
        self._chunks = _chunks(self._process.stdout, timeout)

    def __iter__(self) -> "Stream":
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except StopIteration:
            self._finish()
            raise
        except BaseException:
            self.close()
            raise

    def _finish(self) -> None:
        if self._stderr.closed:
            return
        try:
            if self._process.wait():
                self._stderr.seek(0)
                raise git_failure(self._command, self._stderr.read(64 * 1024), self._process.returncode)
        finally:
            self.close()

    def close(self) -> None:
        """Kill the process and close the pipes."""
        self._chunks.close()
        _end(self._process)
        self._stderr.close()


def _widen(pipe: IO[bytes]) -> None:
    """Increase the pipe buffer to 1 MB, so that git can run ahead of the reader. The kernel may refuse."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        try:
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _CHUNK)
        except OSError:
            pass


def _chunks(pipe: IO[bytes], timeout: float) -> Generator[bytes]:
    deadline = time.monotonic() + timeout
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            raise GitError(f"git took longer than {timeout:g} s")
        chunk = os.read(pipe.fileno(), _CHUNK)
        if not chunk:
            return
        yield chunk


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.stdout:
        process.stdout.close()
    if process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
