"""How long the trends of a project take, and how often noise is said to be a trend.

    python bench/trends.py                      seconds: ten years, 10,000 changes, 5,000 issues and pull requests
    python bench/trends.py --index project.db   seconds of reading a history index and computing its trends
    python bench/trends.py --tests 400          false trends and power of the test, and of the published corrections

The published corrections come from pymannkendall, if it is installed (`pip install pymannkendall`).
"""

import argparse
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from bot.domain.items import Account, Item, ItemKind, PullFacts, Release, Response, ResponseKind
from bot.domain.project import Project, ProjectChange
from bot.domain.trends import Trends
from bot.history.index import opened
from bot.history.project_changes import file_changes, project_changes
from bot.learning.snapshots import hotspot_paths
from bot.trends.decide import SIGNIFICANT
from bot.trends.mann_kendall import adjusted, tested
from bot.trends.project import trends_of
from tests.trends.simulation import FAMILY, NOISES, Array, Noise, any_autoregressive, autoregressive, growing, months

NOW = datetime(2026, 1, 15, tzinfo=UTC)
YEARS = 10
Test = Callable[[Array], float]


def made_project(changes: int, items: int, rng: np.random.Generator) -> Project:
    """Ten years with so many changes and items, two responses to each item, and a release a month."""
    days = np.sort(rng.uniform(0, 365.25 * YEARS, size=changes))[::-1]
    past = [
        ProjectChange(
            sha=f"{number:040x}",
            when=int((NOW - timedelta(days=float(day))).timestamp()),
            person=int(rng.zipf(1.7)),
            is_bot=number % 7 == 0,
            kind="fix" if number % 5 == 0 else "other",
            is_fix=number % 5 == 0,
            is_mass=False,
            files=3,
            added=int(rng.lognormal(3, 1.5)),
            deleted=9,
            subject=f"change {number}",
            fixed_by=f"{number + 40:040x}" if number % 6 == 0 else None,
            fixed_after=int(rng.exponential(40) * 86_400) if number % 6 == 0 else None,
        )
        for number, day in enumerate(days)
    ]
    opened_at = [NOW - timedelta(days=float(day)) for day in np.sort(rng.uniform(0, 365 * YEARS, size=items))[::-1]]
    made = [_item(number, at, rng) for number, at in enumerate(opened_at, start=1)]
    responses = [
        Response(
            github_id=2 * item.number + turn,
            number=item.number,
            kind=ResponseKind.REVIEW if item.pull else ResponseKind.COMMENT,
            author=Account(2, "bea"),
            at=item.created_at + timedelta(days=float(rng.lognormal(0, 1.5))),
            state="approved" if item.pull else None,
        )
        for item in made
        for turn in range(2)
    ]
    releases = [
        Release(
            github_id=number,
            tag="v1",
            name="",
            author=None,
            draft=False,
            prerelease=False,
            created_at=NOW - timedelta(days=30 * number),
            published_at=NOW - timedelta(days=30 * number),
        )
        for number in range(12 * YEARS, 0, -1)
    ]
    return Project(
        now=NOW,
        changes=tuple(past),
        items=tuple(made),
        responses=tuple(sorted(responses, key=lambda one: one.at)),
        releases=tuple(releases),
        synced=frozenset(ItemKind),
        releases_synced=True,
    )


def _item(number: int, at: datetime, rng: np.random.Generator) -> Item:
    closed = at + timedelta(days=float(rng.lognormal(2, 1.5)))
    ended = closed if closed < NOW else None
    facts = PullFacts(draft=False, base_ref="main", head_sha="", merged_at=ended, merged_by=Account(2, "bea"))
    return Item(
        github_id=number,
        number=number,
        kind=ItemKind.PULL_REQUEST if number % 2 else ItemKind.ISSUE,
        title="",
        body="",
        author=Account(1, "ann"),
        state="closed" if ended else "open",
        created_at=at,
        updated_at=at,
        closed_at=ended,
        pull=facts if number % 2 else None,
    )


def seconds(turns: int, compute: Callable[[], Trends]) -> float:
    """The median of some turns, in seconds of the processor: other processes do not count."""
    taken = []
    for _ in range(turns):
        begin = time.process_time()
        compute()
        taken.append(time.process_time() - begin)
    return statistics.median(taken)


def speed(changes: int, items: int, turns: int) -> None:
    """Print how long the trends of a made project take."""
    rng = np.random.default_rng(1)
    project = made_project(changes, items, rng)
    begin = int((NOW - timedelta(days=365 * YEARS)).timestamp())
    files = {
        f"file{number}.py": sorted(rng.integers(begin, int(NOW.timestamp()), size=400).tolist()) for number in range(60)
    }
    taken = seconds(turns, lambda: trends_of(project, files))
    print(f"{changes:,} changes, {items:,} items, 60 hotspots, {YEARS} years: {taken:.2f} s")


def of_index(path: Path, turns: int) -> None:
    """Print how long reading an index and computing its trends take, and what is claimed."""
    with opened(path) as index:
        now = datetime.fromtimestamp(index.clock, UTC)
        reading = time.process_time()
        changes = project_changes(index)
        reading = time.process_time() - reading
        changed = file_changes(index, hotspot_paths(index))
    project = Project(now=now, changes=changes)
    taken = seconds(turns, lambda: trends_of(project, changed))
    print(f"{len(changes):,} changes: read in {reading:.2f} s, trends in {taken:.2f} s")
    found = trends_of(project, changed)
    for metric in found.metrics:
        if metric.claimed and metric.test:
            test = metric.test
            print(
                f"  {metric.key}: {metric.claimed}, {test.begin:.3g} to {test.end:.3g} since {test.since}, {test.n:,}"
            )
    for file in found.files:
        print(f"  {file.path}: {file.claimed}, {file.changes_year_before} to {file.changes} changes a year")


def published() -> dict[str, Test]:
    """The corrections that pymannkendall has; none if it is not installed."""
    try:
        import pymannkendall
    except ImportError:
        return {}
    names = {
        "Mann-Kendall, uncorrected": pymannkendall.original_test,
        "Hamed & Rao 1998": pymannkendall.hamed_rao_modification_test,
        "Yue & Wang 2004": pymannkendall.yue_wang_modification_test,
        "trend-free prewhitening": pymannkendall.trend_free_pre_whitening_modification_test,
        "seasonal Kendall": pymannkendall.seasonal_test,
    }
    return {name: partial(_p_of, test) for name, test in names.items()}


def _p_of(test: Callable[[Array], Any], values: Array) -> float:
    return float(test(values).p)


def claims(test: Test, series: Sequence[Array]) -> list[bool]:
    """Which series of one repository have a trend, corrected for their number. The smallest change is not looked at."""
    return [value < SIGNIFICANT for value in adjusted([test(values) for values in series])]


def tests(repositories: int, lengths: Sequence[int]) -> None:
    """Print a table: the share of repositories with a false trend, and how often a real one is found."""
    kinds: dict[str, Sequence[Noise]] = {
        "all kinds": NOISES,
        "AR(1), 0 to .8": (any_autoregressive,),
        "AR(1), .8": (autoregressive(0.8),),
    }
    ours: dict[str, Test] = {"ours": lambda values: tested(range(len(values)), values.tolist()).p}
    print("| test | months | " + " | ".join(f"false: {kind}" for kind in kinds) + " | found: doubles in two years |")
    for name, test in (ours | published()).items():
        for length in lengths:
            rng, periods = np.random.default_rng(1), months(length)
            shares = []
            for noises in kinds.values():
                families = (
                    [noises[(number + place) % len(noises)](rng, periods) for place in range(FAMILY)]
                    for number in range(repositories)
                )
                shares.append(statistics.mean(any(claims(test, family)) for family in families))
            found = []
            for number in range(repositories):
                others = [NOISES[(number + place) % len(NOISES)](rng, periods) for place in range(FAMILY - 1)]
                found.append(claims(test, [growing(rng, periods), *others])[0])
            cells = " | ".join(f"{share:.1%}" for share in [*shares, statistics.mean(found)])
            print(f"| {name} | {length} | {cells} |", flush=True)


def main() -> None:
    """Read the arguments, and run what they ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=10_000)
    parser.add_argument("--items", type=int, default=5_000)
    parser.add_argument("--turns", type=int, default=5, help="the median of so many turns counts")
    parser.add_argument("--index", type=Path, help="a history index: a file with the end `.history.db`")
    parser.add_argument("--tests", type=int, metavar="REPOSITORIES", help="judge the tests on so many repositories")
    parser.add_argument("--months", type=int, nargs="+", default=[24, 36, 60])
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    if arguments.tests:
        tests(arguments.tests, arguments.months)
    elif arguments.index:
        of_index(arguments.index, arguments.turns)
    else:
        speed(arguments.changes, arguments.items, arguments.turns)


if __name__ == "__main__":
    main()
