"""The `dependency` analyzer: from the facts of manifests and lock files to remarks and notes."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from bot.analysis.analyzer import Analyzer
from bot.analysis.dependency.compare import Kind
from bot.analysis.dependency.facts import FileFacts, measure
from bot.analysis.dependency.judgement import (
    Row,
    is_for_users,
    is_intentional,
    is_locked,
    lowered,
    merge_differences,
    new_majors,
    of_the_same_owner,
    off_registry,
    opened,
    similar_names,
    updates_versions,
)
from bot.analysis.dependency.lock_mismatch import lock_mismatches
from bot.analysis.dependency.notes import (
    added_file_note,
    deleted_file_note,
    existing_file_note,
    kind_note,
    look_alike_note,
    unreadable_note,
)
from bot.analysis.dependency.wording import (
    insecure_remark,
    lock_mismatch_remark,
    lowered_remark,
    majors_remark,
    opened_remark,
    source_remark,
    unhashed_remark,
)
from bot.domain.change import Change
from bot.domain.files import FileStatus
from bot.domain.insights import Insight, Standing


def analyze(change: Change, facts: Mapping[str, FileFacts]) -> list[Insight]:
    """Remarks on what makes the installed software worse or the build unreproducible; notes on everything else."""
    rows = merge_differences(facts)
    return [
        *_on_rows(change, rows, facts),
        *_on_files(facts),
        *_notes(change, rows, facts),
    ]


def _on_rows(change: Change, rows: list[Row], facts: Mapping[str, FileFacts]) -> Iterator[Insight]:
    meant = Standing.NOTE if is_intentional(change) else Standing.REMARK
    for group in _by_file(lowered(rows, facts)):
        yield lowered_remark(group, meant)
    for group in _by_file(opened(rows, facts)):
        yield opened_remark(group, meant)
    for row in off_registry(rows):
        # From one's own organization, at a commit that the lock names, it is a step on the way to a release.
        new_or_locked = row.difference.before is None or is_locked(row, facts)
        at_home = new_or_locked and of_the_same_owner(change, row)
        yield source_remark(row, Standing.NOTE if at_home else Standing.REMARK)
    if majors := new_majors(rows):
        yield majors_remark(majors, Standing.NOTE if updates_versions(change, majors) else Standing.REMARK)


def _by_file(rows: list[Row]) -> Iterator[list[Row]]:
    ordered = sorted(rows, key=lambda row: row.path)
    for _, group in groupby(ordered, key=lambda row: row.path):
        yield list(group)


def _on_files(facts: Mapping[str, FileFacts]) -> Iterator[Insight]:
    for path, one in facts.items():
        standing = Standing.REMARK if is_for_users(path) else Standing.NOTE
        for url, line in one.insecure:
            yield insecure_remark(path, url, line, standing)
        if one.unhashed:
            yield unhashed_remark(path, one, standing)
    for _, group in groupby(lock_mismatches(facts), key=lambda one: (one.manifest, one.lock)):
        found = list(group)
        yield lock_mismatch_remark(found, Standing.REMARK if is_for_users(found[0].manifest) else Standing.NOTE)


def _notes(change: Change, rows: list[Row], facts: Mapping[str, FileFacts]) -> Iterator[Insight]:
    for kind in Kind:
        if same := [row for row in rows if row.difference.kind is kind]:
            yield kind_note(kind.value, same)
    status = {file.path: file.status for file in change.files}
    for path, one in facts.items():
        if one.problem:
            yield unreadable_note(path, one.problem)
        elif change.whole_repository:
            yield existing_file_note(path, one.declared)
        elif status.get(path) is FileStatus.ADDED:
            yield added_file_note(path, one.declared)
        elif status.get(path) is FileStatus.DELETED:
            yield deleted_file_note(path, one.declared)
        for new, old in similar_names(path, one):
            yield look_alike_note(path, new, old)


ANALYZER = Analyzer(name="dependency", measure=measure, analyze=analyze)
