"""Resident memory of the idle parts, after one analysis has passed through them. Linux only: reads /proc."""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.repository import Repository
from tests.servers import free_port

TARGETS = {"web": 120, "worker": 150}


def resident_mb(pid: int) -> float:
    """The process's resident set."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def parts(parent: int) -> dict[str, int]:
    """pid by name of the processes that `up` started."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"\nPPid:\t{parent}\n" in (place / "status").read_text():
                words = (place / "cmdline").read_bytes().decode().split("\0")
                name = words[words.index("bot") + 1] if "bot" in words else Path(words[0]).name
                found[name] = int(place.name)
    return found


def main() -> None:
    """Start the app on a small repository, wait until it has been analyzed, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        repository = Repository.create(Path(folder, "project"))
        repository.commit("first", {"a.py": "x = 1\n"})
        repository.commit("second", {"a.py": "x = 2\n"})
        env = dict(os.environ) | {"PORT": str(free_port()), "DATA_DIR": folder + "/data", "LOG_LEVEL": "ERROR"}
        up = subprocess.Popen(
            [sys.executable, "-m", "bot", "up", "--local", str(repository.path)], env=env, stdout=subprocess.DEVNULL
        )
        try:
            wait_until_analyzed(int(env["PORT"]))
            print(f"{'part':12} {'MB':>6} {'target':>7}")
            for name, pid in sorted(parts(up.pid).items()):
                print(f"{name:12} {resident_mb(pid):6.0f} {TARGETS.get(name, ''):>7}")
        finally:
            up.terminate()
            up.wait()


def wait_until_analyzed(port: int) -> None:
    """Until the index page shows a completed analysis."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            if b"state completed" in answer.read():
                return
        time.sleep(0.2)
    raise SystemExit("nothing was analyzed within a minute")


if __name__ == "__main__":
    main()
