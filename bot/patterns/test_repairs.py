"""Finds tests that are repaired because they are flaky, and files of the CI that are repaired after each change.

Both are told by the titles of the changes.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from bot import paths
from bot.domain.fix_patterns import FlakyTests, PipelineRepairs, Repaired
from bot.domain.patch_details import CiRun
from bot.domain.periods import DAY, YEAR
from bot.patterns.fixes import Fixes, named

_FLAKY = re.compile(
    r"\bflak(?:e(?:s|y|iness|yness)?|y|iness|yness)\b(?!\.(?:nix|lock)|\s+(?:update|input|lock))", re.IGNORECASE
)
_MENDED = re.compile(
    r"\b(?:fix(?:e[sd]|ing)?|repair(?:s|ed)?|correct(?:s|ed)?|missing|forg[eo]t(?:ten)?|oops|revert(?:s|ed)?|again|broken|wrong"
    r"|unbreak|hotfix|typo)\b",
    re.IGNORECASE,
)
# What runs a workflow of GitHub or another CI; what repeats tests that failed (pytest, Jest, Playwright, Gradle).
_SCHEDULED = re.compile(r"\bschedule[sd]?\b|\bcron\b", re.IGNORECASE)
_REPEATS = re.compile(
    r"--lf\b|--last-failed|\bflak[ey]\w{0,6}|\bre-?runs?\b|\bre-?run-fail\w{0,6}|\bretr(?:y|ies)\b|--count[= ]",
    re.IGNORECASE,
)
_BY_HAND = re.compile(r"\bpull_request(?:_target)?\b|\bworkflow_dispatch\b|\bmerge_requests?\b")
_MOST_BY_PULL = 0.7
_LEAST_FLAKY = 4
_LEAST_REPAIRED = 5
_SOON = 3 * DAY
_MOST = 3
_PIPELINES = (".github/workflows/", ".github/actions/", ".circleci/", ".gitlab/ci/", ".buildkite/", ".azure-pipelines/")
_PIPELINE_FILES = frozenset(
    ".gitlab-ci.yml .travis.yml appveyor.yml azure-pipelines.yml .goreleaser.yml .goreleaser.yaml Jenkinsfile"
    " bitbucket-pipelines.yml .drone.yml .cirrus.yml cloudbuild.yaml".split()
)


def flaky_tests(fixes: Fixes) -> FlakyTests | None:
    """The repairs of flaky tests; None with fewer than four in a year."""
    until, runs = fixes.work.until, fixes.details.runs
    tests = {path: places for path, places in fixes.places.items() if paths.is_test(path) and "conftest" not in path}
    touched: dict[int, list[str]] = defaultdict(list)
    for path, places in tests.items():
        for place in places:
            if _FLAKY.search(fixes.change(place).subject):
                touched[place].append(path)
    recent = [place for place in sorted(touched) if until - fixes.change(place).when < YEAR]
    if len(recent) < _LEAST_FLAKY:
        return None
    files: dict[str, list[int]] = defaultdict(list)
    for place in recent:
        for path in touched[place]:
            files[path].append(place)
    return FlakyTests(
        repairs=len(recent),
        repairs_before=sum(YEAR <= until - fixes.change(place).when < 2 * YEAR for place in touched),
        files=fixes.parts(files, 2),
        commits=fixes.commits(recent),
        unsought=not any(run.is_scheduled or run.repeats for run in runs.values()) if runs else False,
    )


def ci_run(text: str) -> CiRun:
    """When a file of the CI runs, by its words."""
    return CiRun(bool(_SCHEDULED.search(text)), bool(_REPEATS.search(text)), bool(_BY_HAND.search(text)))


def is_pipeline(path: str) -> bool:
    """Whether a file says what the CI or a release runs."""
    return path.startswith(_PIPELINES) or path in _PIPELINE_FILES


def pipeline_repairs(fixes: Fixes) -> tuple[PipelineRepairs, ...]:
    """The files of the CI with at least five repairs in a year, the most repairs first."""
    found = []
    for path, places in fixes.places.items():
        recent = [place for place in places if fixes.work.until - fixes.change(place).when < YEAR]
        if is_pipeline(path) and len(recent) > _LEAST_REPAIRED:
            repaired = [one for before, place in pairwise(recent) if (one := _repaired(before, place, fixes))]
            if len(repaired) >= _LEAST_REPAIRED:
                newest_first = tuple(reversed(repaired))
                untried = _is_untried(path, recent, fixes)
                found.append(PipelineRepairs(path=path, changes=len(recent), repaired=newest_first, untried=untried))
    found.sort(key=lambda one: (-len(one.repaired), one.path))
    return tuple(found[:_MOST])


def _is_untried(path: str, recent: Sequence[int], fixes: Fixes) -> bool:
    by_pull = sum(fixes.change(place).pull is not None for place in recent)
    run = (fixes.details.runs or {}).get(path)
    return run is not None and not run.by_hand and by_pull >= _MOST_BY_PULL * len(recent)


def _repaired(before: int, place: int, fixes: Fixes) -> Repaired | None:
    change, repair = fixes.change(before), fixes.change(place)
    if repair.when - change.when > _SOON or not _MENDED.search(repair.subject):
        return None
    return Repaired(change=named(change), repair=named(repair), days=round((repair.when - change.when) / DAY, 1))
