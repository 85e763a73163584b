"""The history index against git alone, PyDriller and git blame, on one repository, in one run.

    python bench/history.py path/to/mirror.git
    python bench/history.py path/to/mirror.git --sample 400 --blame 100

The floor is `git log --raw --numstat -M -z` to /dev/null. Floor and index take turns; the median of each
counts. Nothing is written but a temporary folder.
"""

import argparse
import multiprocessing
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from history_peers import Row, against_blame, against_pydriller, git

from bot.git.history_stream import HistorySource, mailmap_bytes, tip
from bot.git.run import environment
from bot.history.build import update
from bot.history.index import file_histories, opened
from bot.history.labels import labelled_table
from bot.history.repository import repository_history


def build(repository: Path, index: Path, head: str) -> tuple[float, int]:
    """(seconds, peak resident MB of Python) of bringing the index up to a head; for a process of its own."""
    source = HistorySource(repository, head)
    begin = time.perf_counter()
    update(index, source, mailmap=mailmap_bytes(repository, head))
    return time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def apart(repository: Path, index: Path, head: str) -> tuple[float, int]:
    """`build` in a fresh process, so that its memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(build, (repository, index, head))


def against_git(repository: Path, folder: Path, head: str, turns: int) -> list[Row]:
    """Floor and index in turns; the last index stays at `folder/full.db`."""
    floors, builds, peaks = [], [], []
    for turn in range(turns):
        begin = time.perf_counter()
        argv = ["git", f"--git-dir={repository}", "log", "--raw", "--numstat", "-M", "-z", head, "--"]
        subprocess.run(argv, env=environment(), stdout=subprocess.DEVNULL, check=True)
        floors.append(time.perf_counter() - begin)
        index = folder / ("full.db" if turn == turns - 1 else f"{turn}.db")
        seconds, peak = apart(repository, index, head)
        builds.append(seconds)
        peaks.append(peak)
    floor, ours = statistics.median(floors), statistics.median(builds)
    size = (folder / "full.db").stat().st_size / 2**20
    return [
        Row("git log alone, s", f"{floor:.2f}", ""),
        Row("whole index, s", f"{ours:.2f}", ""),
        Row("index / git log alone", f"{ours / floor:.2f}", "<= 1.4"),
        Row("peak memory of Python, MB", f"{max(peaks)}", "<= 300"),
        Row("index file, MB", f"{size:.1f}", ""),
    ]


def updates(repository: Path, folder: Path, head: str) -> list[Row]:
    """Ten commits more, in this process, five times on a copy of the same index."""
    chain = git(repository, "rev-list", "--first-parent", "--max-count=11", head).decode().split()
    old = folder / "old.db"
    apart(repository, old, chain[-1])
    times = []
    for turn in range(5):
        copy = folder / f"copy{turn}.db"
        copy.write_bytes(old.read_bytes())
        times.append(build(repository, copy, head)[0])
    with opened(copy) as updated, opened(folder / "full.db") as full:
        count = "SELECT count(*), sum(added), sum(deleted) FROM revisions"
        same = updated.connection.execute(count).fetchone() == full.connection.execute(count).fetchone()
    return [
        Row("update by 10 commits, ms, median", f"{statistics.median(times) * 1000:.0f}", "<= 50"),
        Row("equal to a fresh index", str(same), "True"),
    ]


def questions(index: Path) -> list[Row]:
    """Facts for the 20 files that changed most, for 20 others, and everything about the repository."""
    by_changes = (
        "SELECT e.path FROM entities e JOIN revisions r ON r.entity = e.id WHERE e.alive"
        " GROUP BY e.id ORDER BY count(*) DESC"
    )
    with opened(index) as history:
        now = history.meta["clock"]
        paths = [path for (path,) in history.connection.execute(by_changes)]
        chosen = {"hottest": paths[:20], "random": random.Random(1).sample(paths, min(20, len(paths)))}
        rows = []
        for name, some in chosen.items():
            times = [timed(partial(file_histories, history, some, now)) for _ in range(5)]
            rows.append(Row(f"facts for the 20 {name} files, ms", f"{statistics.median(times):.0f}", "<= 50"))
        rows.append(Row("repository-wide facts, ms", f"{timed(partial(repository_history, history, now)):.0f}", ""))
        rows.append(Row("labelled changes, ms", f"{timed(partial(labelled_table, history)):.0f}", ""))
        bugs = labelled_table(history).faulty
        share = f"{len(bugs)}, {bugs.sum() / max(1, len(bugs)):.1%}"
        rows.append(Row("labelled changes, bugs within 90 days", share, ""))
    return rows


def timed(ask: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    begin = time.perf_counter()
    ask()
    return (time.perf_counter() - begin) * 1000


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", type=Path, help="a bare repository")
    parser.add_argument("--sample", type=int, default=300, help="commits for PyDriller")
    parser.add_argument("--blame", type=int, default=60, help="files for git blame")
    parser.add_argument("--turns", type=int, default=3, help="runs of floor and index")
    options = parser.parse_args()
    head = tip(options.repository)
    if head is None:
        raise SystemExit("an empty repository")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = against_git(options.repository, folder, head, options.turns)
        index = folder / "full.db"
        rows += against_pydriller(options.repository, index, options.sample, float(rows[1].measured))
        rows += updates(options.repository, folder, head)
        rows += questions(index)
        rows += against_blame(options.repository, index, head, options.blame)
    for row in rows:
        print(f"{row.what:42} {row.measured:>28} {row.target:>8}")


if __name__ == "__main__":
    main()
