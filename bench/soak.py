"""A soak: the app's processes under a load of pushes, with seeded faults; nothing is lost, doubled or grows.

    python bench/soak.py --minutes 60 --seed 1

The parts are those of `gitinsight up` (web, workers, deliveries, scheduler) on SQLite and an embedded Valkey. The
stand-in for GitHub runs in this process. Pull requests get pushes all the time. In the first 60 % of the run a fault
comes every few seconds (FAULTS). Then the load goes on without faults, and memory, open handles and files are measured.
At the end the load stops, and what is unfinished has twelve minutes: a lost delivery is found by the comparison with
GitHub, which looks at a repository about every ten minutes.

Exit status 1 if one of these does not hold: no last head of a pull request without a concluded check run (lost), no
head with two check runs and no pull request with two comments (doubled), no check run in progress and no analysis
unfinished (hanging), no growth of memory (PSS) or of open handles. Linux only: reads /proc.
"""

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table
from scipy.stats import theilslopes
from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from soak_faults import FAULTS, wait_for
from soak_parts import Parts, Sample

from bot.db.engine import Database
from bot.db.tables import Analysis
from tests.repository import Repository
from tests.standin import StandIn, running_stand_in

_PULLS = 6
_SETTLE_SECONDS = 720.0
_SAMPLE_SECONDS = 5.0
# Of a median that is measured for some minutes: allocators and caches move by less than that.
_MOST_GROWTH = 0.10
_MOST_HANDLES = 8.0


@dataclass(slots=True)
class Soak:
    """What happened.

    heads: all that were pushed. pushed: the last one of each branch. failed: what was found wrong at the end.
    """

    pushes: int = 0
    heads: set[str] = field(default_factory=set)
    pushed: dict[str, str] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def main() -> None:
    """Run the soak and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0, help="of load, without the end (default 60)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--pause", type=float, default=2.0, help="mean seconds between two pushes (default 2)")
    parser.add_argument("--folder", type=Path, help="where the data lie during the run (default: a temporary folder)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder, prefix="soak-") as folder:
        sys.exit(asyncio.run(run(arguments, Path(folder))))


async def run(arguments: argparse.Namespace, folder: Path) -> int:
    """Load, faults, measurement, settling, verdict. Returns the exit status."""
    choose, soak = random.Random(arguments.seed), Soak()
    repository = Repository.create(folder / "project")
    repository.commit("first", {f"app/part{number}.py": _code(choose) for number in range(20)})
    parts = await asyncio.to_thread(Parts, folder, arguments.workers)  # it migrates, which needs a loop of its own
    parts.valkey.start()
    async with running_stand_in(
        repository.path, folder, parts.webhook_url, port=parts.github_port, poll_seconds=1.0, newest=0
    ) as github:
        parts.start()
        try:
            length = arguments.minutes * 60
            load = asyncio.create_task(_push(repository, soak, choose, arguments.pause))
            sampling = asyncio.create_task(_sample(parts, soak))
            await _faults(parts, github, soak, random.Random(arguments.seed + 1), length * 0.6)
            calm = len(soak.samples)
            await asyncio.sleep(length * 0.4)
            for task in (load, sampling):
                task.cancel()
            await asyncio.gather(load, sampling, return_exceptions=True)
            await github.watch.look()
            started = time.monotonic()
            db = Database(parts.env["DATABASE_URL"])
            await _settle(db, github, soak)
            await db.close()
            _judge_growth(soak, soak.samples[calm:])
            github.violations.clear()
            return _report(soak, time.monotonic() - started, parts)
        finally:
            await asyncio.to_thread(parts.stop)


def _code(choose: random.Random) -> str:
    name = f"f{choose.randint(0, 999)}"
    body = "".join(f"    if value == {choose.randint(0, 99)}:\n        return {line}\n" for line in range(12))
    return f"def {name}(value):\n{body}    return None\n"


async def _push(repository: Repository, soak: Soak, choose: random.Random, pause: float) -> None:
    """Push to one pull request after the other; one in five pushes amends the one before."""
    for number in range(_PULLS):
        await asyncio.to_thread(repository.branch, f"topic{number}")
    while True:
        branch = f"topic{choose.randrange(_PULLS)}"
        await asyncio.to_thread(repository.checkout, branch)
        if branch in soak.pushed and choose.random() < 0.2:
            await asyncio.to_thread(repository.git, "reset", "--quiet", "--hard", "HEAD~1")
        files = {f"app/part{choose.randrange(20)}.py": _code(choose)}
        soak.pushed[branch] = await asyncio.to_thread(repository.commit, f"change {soak.pushes}", files)
        soak.pushes += 1
        soak.heads.add(soak.pushed[branch])
        await asyncio.sleep(choose.expovariate(1 / pause))


async def _faults(parts: Parts, github: StandIn, soak: Soak, choose: random.Random, seconds: float) -> None:
    until = time.monotonic() + seconds
    await wait_for(parts.is_ready)
    while time.monotonic() < until:
        name, inject = choose.choice(FAULTS)
        soak.faults[name] += 1
        await inject(parts, github, choose)
        await asyncio.sleep(choose.uniform(2, 12))


async def _sample(parts: Parts, soak: Soak) -> None:
    while True:
        await asyncio.to_thread(parts.start)  # as the supervisor of `up` does
        soak.samples.append(await asyncio.to_thread(parts.sample))
        await asyncio.sleep(_SAMPLE_SECONDS)


async def _settle(db: Database, github: StandIn, soak: Soak) -> None:
    """Wait until nothing is wrong any more, or until the time is over."""
    until = time.monotonic() + _SETTLE_SECONDS
    while True:
        before, soak.failed = soak.failed, await _wrong(db, github, soak)
        if soak.failed != before:
            print(f"unfinished: {len(soak.failed)}, for example {(soak.failed or [''])[-1]}", flush=True)
        if not soak.failed or time.monotonic() > until:
            return
        await asyncio.sleep(2)


async def _wrong(db: Database, github: StandIn, soak: Soak) -> list[str]:
    state = github.state
    runs = list(state.check_runs)
    found = [f"lost: {branch} has no verdict on {sha[:10]}" for branch, sha in soak.pushed.items()
             if not any(run.head_sha == sha and run.status == "completed" for run in runs)]  # fmt: skip
    found += [f"hanging: check run {run.id} on {run.head_sha[:10]}" for run in runs if run.status != "completed"]
    heads = Counter(run.head_sha for run in runs if run.conclusion != "cancelled" and run.head_sha in soak.heads)
    found += [f"doubled: {count} check runs on {sha[:10]}" for sha, count in heads.items() if count > 1]
    for pull in state.pulls:
        if (count := len(state.comments_on(pull.number))) > 1:
            found.append(f"doubled: {count} comments on #{pull.number}")
    with contextlib.suppress(OSError):
        async with db.reading() as session:
            query = select(Analysis.status).where(Analysis.status.in_(("queued", "in_progress")))
            if open_now := len(list(await session.scalars(query))):
                found.append(f"hanging: {open_now} analyses")
    return found


def _judge_growth(soak: Soak, samples: Sequence[Sample]) -> None:
    """Theil-Sen slopes over the calm part, after a fifth of it as warm-up."""
    kept = samples[len(samples) // 5 :]
    if len(kept) < 10:
        return
    seconds = [one.at for one in kept]
    for name in kept[-1].parts:
        memory = [one.parts[name].memory for one in kept if name in one.parts]
        handles = [one.parts[name].handles for one in kept if name in one.parts]
        if len(memory) < len(kept):
            continue
        grown = theilslopes(memory, seconds).slope * (seconds[-1] - seconds[0])
        if grown > _MOST_GROWTH * sorted(memory)[len(memory) // 2]:
            soak.failed.append(f"growth: {name} by {grown / 2**20:.1f} MB")
        opened = theilslopes(handles, seconds).slope * (seconds[-1] - seconds[0])
        if opened > _MOST_HANDLES:
            soak.failed.append(f"growth: {name} by {opened:.0f} open handles")


def _report(soak: Soak, settled: float, parts: Parts) -> int:
    console = Console()
    console.print(f"{soak.pushes} pushes, settled after {settled:.0f} s; faults: {dict(soak.faults)}")
    table = Table("part", "PSS, MB: first", "last", "open handles: first", "last")
    calm = soak.samples[int(len(soak.samples) * 0.68)]
    for name, at_last in soak.samples[-1].parts.items():
        at_first = calm.parts.get(name, at_last)
        numbers = (at_first.memory / 2**20, at_last.memory / 2**20, at_first.handles, at_last.handles)
        table.add_row(name, *(f"{number:.0f}" for number in numbers))
    console.print(table)
    first, last = soak.samples[0], soak.samples[-1]
    console.print(
        f"data: {first.data_bytes / 2**20:.1f} MB in {first.data_files} files at first, "
        f"{last.data_bytes / 2**20:.1f} MB in {last.data_files} files at last; "
        f"temporary files left: {parts.temporary_files()}"
    )
    for line in soak.failed:
        console.print(line, style="red")
    console.print("lost 0, doubled 0, hanging 0, no growth" if not soak.failed else "the soak failed")
    return int(bool(soak.failed))


if __name__ == "__main__":
    main()
