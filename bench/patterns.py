"""How fast the patterns of a large project are found, and in how much memory. Nothing is downloaded.

    python bench/patterns.py                        # 10 years, 10,000 changes, 5,000 issues and pull requests
    python bench/patterns.py --changes 1000 --items 500 --runs 5

The project is made up (`tests/patterns/projects.py`): changes of 300 files, issues and pull requests of 90 words.
Printed are the seconds of all patterns and of each kind, and the largest resident memory of this process before and
after. Times are CPU seconds on one thread, as in the job, so that a busy machine does not blur them.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.domain.changed_files import ChangedFiles
from bot.domain.items import ItemKind
from bot.domain.patch_details import NO_DETAILS
from bot.domain.patterns import Patterns
from bot.domain.project import Project
from bot.ml.threads import one_thread
from bot.patterns.alike import duplicates, overlaps
from bot.patterns.clusters import clusters
from bot.patterns.fix_areas import fix_areas
from bot.patterns.fix_causes import fix_causes
from bot.patterns.fixes import fixes_of
from bot.patterns.follow_ups import follow_ups
from bot.patterns.patterns import patterns
from bot.patterns.selection import work_of
from bot.patterns.slow_reviews import slow_reviews
from bot.patterns.topics import topics
from bot.patterns.untested_fixes import untested_fixes
from tests.patterns.projects import UNTIL, noise

_YEARS = 10


def main() -> None:
    arguments = _arguments()
    project, changed = _made(arguments.changes, arguments.items, arguments.recent)
    before = _mebibytes()
    print(f"{len(project.changes):,} changes, {len(project.items):,} issues and pull requests, {_YEARS} years")
    patterns(project, changed)  # loads what is loaded on first use
    seconds = [_timed(lambda: patterns(project, changed)) for _ in range(arguments.runs)]
    print(f"all patterns: {min(seconds):.2f} s (best of {arguments.runs}), {max(seconds):.2f} s (worst)")
    for name, took in _by_kind(project, changed):
        print(f"  {name}: {took:.2f} s")
    print(f"memory: {before:.0f} MiB with the project, {_mebibytes():.0f} MiB at most")
    _show(patterns(project, changed))
    if arguments.most and min(seconds) > arguments.most:
        raise SystemExit(f"More than {arguments.most} s.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=10_000, help="of the default branch")
    parser.add_argument("--items", type=int, default=5_000, help="issues and pull requests, half of each")
    parser.add_argument("--recent", action="store_true", help="put all of them into the three years looked at")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--most", type=float, default=0.0, help="fail if the best run takes more seconds")
    return parser.parse_args()


def _made(changes: int, items: int, recent: bool) -> tuple[Project, ChangedFiles]:
    made = noise(1, changes=changes, files=300, items=items, years=3 if recent else _YEARS)
    made.changes = [replace(change, subject=made.text(7)) for change in made.changes]
    return made.project, made.changed


def _by_kind(project: Project, changed: ChangedFiles) -> Sequence[tuple[str, float]]:
    work = work_of(project, changed)
    fixes = fixes_of(work, changed, NO_DETAILS)
    issues = [item for item in project.items if item.kind is ItemKind.ISSUE]
    kinds: dict[str, Callable[[], object]] = {
        "clusters": lambda: clusters(work, changed),
        "fix areas": lambda: fix_areas(work, changed),
        "follow-ups": lambda: follow_ups(work, changed),
        "causes of fixes": lambda: fix_causes(fixes, changed),
        "fixes without a test": lambda: untested_fixes(fixes, changed),
        "topics, of all issues": lambda: topics(issues, UNTIL),
        "slow reviews": lambda: slow_reviews(project, work, changed),
        "duplicates": lambda: duplicates(project.items),
        "overlaps": lambda: overlaps(project.items, UNTIL),
        "without issues and pull requests": lambda: patterns(replace(project, synced=frozenset()), changed),
    }
    with one_thread():
        return [(name, _timed(find)) for name, find in kinds.items()]


def _timed(find: Callable[[], object]) -> float:
    begin = time.process_time()
    find()
    return time.process_time() - begin


def _mebibytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _show(found: Patterns) -> None:
    kinds = ("clusters", "fix_areas", "topics", "follow_ups", "slow_reviews", "duplicates", "overlaps")
    print("found: " + ", ".join(f"{len(getattr(found, kind))} {kind.replace('_', ' ')}" for kind in kinds))


if __name__ == "__main__":
    main()
