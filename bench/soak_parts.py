"""The parts of the app as processes for `bench/soak.py`: started, killed, frozen and measured."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.commands.supervisor import die_with_parent
from tests.databases import migrated_sqlite
from tests.servers import Valkey, free_port
from tests.standin import APP_ID, WEBHOOK_SECRET, key_pair

Process = subprocess.Popen[bytes]


@dataclass(frozen=True, slots=True)
class Measured:
    """A part and its children. memory: proportional set size in bytes. handles: open file descriptors."""

    memory: int
    handles: int


@dataclass(frozen=True, slots=True)
class Sample:
    """All parts at a moment. at: seconds."""

    at: float
    parts: dict[str, Measured]
    data_bytes: int
    data_files: int


class Parts:
    """Web, workers, deliveries and scheduler. folder: for their data, their temporary files and their logs.

    own: what the environment of a part has instead, by its name.
    """

    def __init__(self, folder: Path, workers: int, database_url: str | None = None) -> None:
        self.own: dict[str, dict[str, str]] = {}
        # Faults start and kill parts from several threads: a part must not be started twice.
        self._lock = threading.RLock()
        self.folder, self.port, self.github_port = folder, free_port(), free_port()
        self.valkey = Valkey(folder / "valkey", free_port())
        self._names = {"web": ("web",), "scheduler": ("scheduler",), "deliveries": ("worker", "--deliveries")}
        self._names |= {f"worker {number}": ("worker",) for number in range(1, workers + 1)}
        self.running: dict[str, Process] = {}
        (folder / "temporary").mkdir()
        self._log = (folder / "parts.log").open("ab")
        github = f"http://127.0.0.1:{self.github_port}"
        self.env = {
            "PATH": os.environ["PATH"],
            "TMPDIR": str(folder / "temporary"),
            "GITHUB_APP_ID": str(APP_ID),
            "GITHUB_PRIVATE_KEY": key_pair()[0],
            "GITHUB_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "GITHUB_API_URL": github,
            "GITHUB_URL": github,
            "GITHUB_WRITE_PAUSE_MS": "0",
            "SECRET_KEY": "a key of the bench, long enough to be one",
            "DATABASE_URL": database_url or migrated_sqlite(folder / "gitinsight.db"),
            "REDIS_URL": self.valkey.url,
            "DATA_DIR": str(folder / "data"),
            "PORT": str(self.port),
        }

    @property
    def webhook_url(self) -> str:
        """Where the stand-in sends its webhooks."""
        return f"http://127.0.0.1:{self.port}/webhook"

    @property
    def workers(self) -> list[str]:
        """The names of the workers."""
        return [name for name in self._names if name.startswith("worker")]

    def start(self) -> None:
        """Start every part that does not run."""
        with self._lock:
            for name, words in self._names.items():
                if name not in self.running or self.running[name].poll() is not None:
                    self.running[name] = subprocess.Popen(
                        [sys.executable, "-m", "bot", *words],
                        env=self.env | self.own.get(name, {}),
                        start_new_session=True,
                        stdout=self._log,
                        stderr=self._log,
                        preexec_fn=die_with_parent,
                    )

    def also(self, name: str, *words: str, **env: str) -> None:
        """One more part, with settings of its own."""
        self._names[name], self.own[name] = words, env

    def is_ready(self) -> bool:
        """Whether web says that the database and the queue answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def kill(self, name: str) -> None:
        """Kill a part and its children with SIGKILL, and start it again."""
        with self._lock:
            for process in self._tree(name):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            self.running[name].wait()
            self.start()

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a part and its children."""
        for process in self._tree(name):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def stop(self) -> None:
        """End all parts and the Valkey server."""
        for name in self.running:
            self.signal(name, signal.SIGKILL)
            self.running[name].wait()
        self.valkey.stop()
        self._log.close()

    def sample(self) -> Sample:
        """Measure all parts now."""
        parts = {name: self._measured(name) for name in self.running}
        sizes = [size for path in (self.folder / "data").rglob("*") if (size := _size(path)) is not None]
        database = sum(_size(path) or 0 for path in self.folder.glob("gitinsight.db*"))
        return Sample(time.monotonic(), parts, sum(sizes) + database, len(sizes))

    def processor_seconds(self, name: str) -> float:
        """The processor time of a part and of its children that have ended."""
        times = psutil.Process(self.running[name].pid).cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)

    def memory(self, name: str) -> int:
        """The memory (PSS) of a part with its children now, in bytes."""
        return self._measured(name).memory

    def temporary_files(self) -> int:
        """How many files lie in the folder for temporary files."""
        return sum(path.is_file() for path in (self.folder / "temporary").rglob("*"))

    def _measured(self, name: str) -> Measured:
        memory = handles = 0
        for process in self._tree(name):
            with contextlib.suppress(psutil.Error, OSError):
                memory += process.memory_full_info().pss
                handles += process.num_fds()
        return Measured(memory, handles)

    def _tree(self, name: str) -> list[psutil.Process]:
        try:
            parent = psutil.Process(self.running[name].pid)
            return [*parent.children(recursive=True), parent]
        except psutil.NoSuchProcess:
            return []


def _size(path: Path) -> int | None:
    """The bytes of a file; None for what is none, or is gone."""
    with contextlib.suppress(OSError):
        return path.stat().st_size if path.is_file() else None
    return None
