"""Reads what patterns need of the patches of a project: functions that fixes change, and when options came to files.

Both are additions: if git cannot read them, for example in a partial clone, the patterns go without.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot import paths
from bot.domain.changed_files import ChangedFiles
from bot.domain.history import PastCommit
from bot.domain.patch_details import CiRun, Listing, PatchDetails
from bot.domain.project import Project, ProjectChange
from bot.git.change import MAX_TEXT
from bot.git.patches import patched_files
from bot.git.read_file import read_text
from bot.git.run import GitError
from bot.patterns.fixes import fixes_of, named
from bot.patterns.forgotten_names import is_listing, may_list
from bot.patterns.headings import function_name
from bot.patterns.option_names import mentioned_names, option_names, shown_options
from bot.patterns.selection import Work, work_of
from bot.patterns.test_repairs import ci_run, is_pipeline

log = logging.getLogger(__name__)
_MOST_FILES = 80
_LEAST_FIXES = 3
_MOST_FIXES = 1_500
# A listing that is never changed has no history, and of a file that changes once a year nothing can be said.
_LEAST_CHANGES = 3
_MOST_LISTINGS = 60
_LEAST_NAMES = 10
_MOST_RUNS = 40
_TEST_RUNS = frozenset("Makefile noxfile.py package.json pyproject.toml pytest.ini setup.cfg tox.ini".split())


async def patch_details(
    repository: Path, head: str, project: Project, changed: ChangedFiles, known: PatchDetails
) -> PatchDetails:
    """The details of the patches of the period of the patterns.

    known: what the index knows of them.
    """
    work = await asyncio.to_thread(work_of, project, changed)
    try:
        functions = await asyncio.to_thread(_functions, repository, work, changed)
        listings = await _listings(repository, head, work, changed)
        runs = await _runs(repository, head, changed)
    except (GitError, OSError) as problem:
        log.warning("the patches of %s could not be read: %s", repository.name, problem)
        return known
    return replace(known, functions=functions, listings=listings, runs=runs)


def _functions(repository: Path, work: Work, changed: ChangedFiles) -> dict[tuple[str, str], tuple[str, ...]]:
    """The functions that fixes change in the files with most fixes, and those that repairs of tests change in tests."""
    fixes: dict[str, set[str]] = defaultdict(set)
    for change, numbers in zip(work.changes, work.files, strict=True):
        for path in (changed.files[number].path for number in numbers):
            if (paths.is_production(path) and change.is_fix) or (
                paths.is_test(path) and "flak" in change.subject.lower()
            ):
                fixes[path].add(change.sha)
    most = sorted(fixes, key=lambda path: (-len(fixes[path]), path))[:_MOST_FILES]
    chosen = [path for path in most if paths.is_test(path) or len(fixes[path]) >= _LEAST_FIXES]
    wanted = {sha for path in chosen for sha in fixes[path]}
    shas = [change.sha for change in reversed(work.changes) if change.sha in wanted][:_MOST_FIXES]
    found = {}
    for file in patched_files(repository, shas, chosen):
        names = {name for heading in file.headings if (name := function_name(heading)) is not None}
        if names:
            found[file.sha, file.path] = tuple(sorted(names))
    return found


async def _listings(repository: Path, head: str, work: Work, changed: ChangedFiles) -> dict[str, Listing]:
    """The files that define or list options, if some file lists those of another one."""
    places = {path: found for path, found in fixes_of(work, changed, PatchDetails()).places.items() if may_list(path)}
    often = sorted(
        (path for path in places if len(places[path]) >= _LEAST_CHANGES), key=lambda path: -len(places[path])
    )
    names, shown, mentioned = {}, {}, {}
    for path in often[:_MOST_LISTINGS]:
        text = await read_text(repository, head, path, MAX_TEXT) or ""
        found = option_names(text)
        if len(found) >= _LEAST_NAMES:
            names[path], shown[path], mentioned[path] = found, shown_options(text), mentioned_names(text)
    if len(names) < 2:
        return {}
    # What stands in a manual page or a completion in any markup is not missing there.
    known = frozenset().union(*names.values())
    names |= {path: names[path] | (mentioned[path] & known) for path in names if is_listing(path)}
    begin = work.changes[0].sha
    before = {path: option_names(await read_text(repository, begin, path, MAX_TEXT) or "") for path in names}
    chosen = sorted({place for path in names for place in places[path]})
    brought = await asyncio.to_thread(_brought, repository, [work.changes[place] for place in chosen], list(names))
    return {path: Listing(names[path], before[path], brought[path], shown[path]) for path in names if before[path]}


async def _runs(repository: Path, head: str, changed: ChangedFiles) -> dict[str, CiRun]:
    """When the files of the CI run. What starts the tests may repeat them, too."""
    named_so = (file.path for file in changed.files.values() if is_pipeline(file.path) or file.path in _TEST_RUNS)
    found = sorted(named_so, key=lambda path: (not is_pipeline(path), path))[:_MOST_RUNS]
    texts = {path: await read_text(repository, head, path, MAX_TEXT) for path in found}
    return {path: ci_run(text) for path, text in texts.items() if text is not None}


def _brought(
    repository: Path, changes: Sequence[ProjectChange], files: Sequence[str]
) -> dict[str, dict[str, PastCommit]]:
    """The change that first added each option to each file. A moved line adds nothing."""
    by_sha = {change.sha: change for change in changes}
    found: dict[str, dict[str, PastCommit]] = {path: {} for path in files}
    for file in patched_files(repository, [change.sha for change in changes], files):
        added, removed = option_names("\n".join(file.added)), option_names("\n".join(file.removed))
        for name in added - removed:
            if file.path in found and file.sha in by_sha:
                found[file.path].setdefault(name, named(by_sha[file.sha]))
    return found
