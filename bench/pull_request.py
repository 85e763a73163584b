"""A warm pull request of 20 files on a repository of 15,000 commits: from the webhook to the concluded check run.

The whole app over HTTP: the stand-in of GitHub sends a signed webhook to the web process, a worker process
analyzes, the stand-in notes when the check run concludes. Prints each run and its profile by step.
"""

import argparse
import asyncio
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.repository import Repository
from tests.servers import running_valkey
from tests.stack import Stack, running_stack

FILES = 400
FUNCTION = """
def task_{name}(rows, limit, flags):
    total = 0
    for row in rows:
        if row.value > limit and not flags.get("skip"):
            total += row.value * {number}
        elif row.value < 0:
            total -= 1
    return total
"""


def source(seed: int, functions: int = 25) -> str:
    """A Python file of about 250 lines."""
    return "import os\n" + "".join(FUNCTION.format(name=n, number=seed * 31 + n) for n in range(functions))


def build(path: Path, commits: int) -> Repository:
    """A repository with so many commits on main, by `git fast-import`."""
    repository = Repository.create(path)
    chance = random.Random(7)
    stream = []
    for number in range(commits):
        name = f"src/package{number % 20}/module{number % FILES}.py"
        text = source(number, 25 if number < FILES else chance.randint(20, 30)).encode()
        message = f"change {number}".encode()
        stream.append(
            b"commit refs/heads/main\ncommitter A <a@example.org> %d +0000\ndata %d\n%s\n"
            b"M 100644 inline %s\ndata %d\n%s\n"
            % (1_500_000_000 + number * 600, len(message), message, name.encode(), len(text), text)
        )
    subprocess.run(["git", "-C", str(path), "fast-import", "--quiet"], input=b"".join(stream), check=True)
    repository.checkout("main")
    return repository


def pull_request(repository: Repository, number: int, files: int) -> str:
    """A branch that changes so many files; its head."""
    repository.branch(f"topic-{number}")
    changed = {
        f"src/package{index % 20}/module{index}.py": source(number * 1000 + index, 26 + number % 3)
        for index in range(files)
    }
    head = repository.commit(f"topic {number}", changed)
    repository.checkout("main")
    return head


async def one(stack: Stack, repository: Repository, number: int, files: int) -> tuple[float, dict[str, float]]:
    """(seconds from the webhook to the concluded check run, seconds by step)."""
    head = pull_request(repository, number, files)
    begin = time.perf_counter()
    await stack.github.hub.open_pull_request(head, f"Topic {number}", head_ref=f"topic-{number}")
    await stack.check_run(head)
    seconds = time.perf_counter() - begin
    return seconds, (await stack.finished(head)).seconds


async def run(arguments: argparse.Namespace) -> None:
    """Build, warm up, measure."""
    with tempfile.TemporaryDirectory() as folder, running_valkey(Path(folder, "valkey")) as valkey:
        repository = build(Path(folder, "project"), arguments.commits)
        async with running_stack(repository.path, Path(folder), valkey, newest=1) as stack:
            await stack.finished(repository.head())
            await one(stack, repository, 0, arguments.files)  # the mirror is there from now on
            runs = [await one(stack, repository, number, arguments.files) for number in range(1, arguments.runs + 1)]
    print(f"{arguments.commits} commits, {arguments.files} files, {arguments.runs} runs, seconds")
    steps = list(runs[0][1])
    print(f"{'total':>8}" + "".join(f"{step:>9}" for step in steps) + f"{'queue':>9}")
    for total, by_step in runs:
        queue = total - sum(by_step.values())
        print(f"{total:8.2f}" + "".join(f"{by_step.get(step, 0):9.2f}" for step in steps) + f"{queue:9.2f}")
    print(f"median {statistics.median(total for total, _ in runs):.2f} s (target: at most 2)")


def main() -> None:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commits", type=int, default=15_000)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--runs", type=int, default=5)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
