"""Finds the entities that one commit changes, and reads the patch of each."""

from dataclasses import dataclass

from bot.history.edits import Edit
from bot.history.patch import FilePatch, parse_section, unreadable_patch
from bot.history.records import ChangeRecord, Entry
from bot.history.state import Files, FileState


@dataclass(slots=True)
class Revision:
    """One entity in one commit.

    edit: what is known of its changed lines.
    lines_before: the number of its lines before the commit.
    """

    state: FileState
    entry: Entry
    patch: FilePatch
    edit: Edit
    lines_before: int


def read_revisions(
    files: Files, record: ChangeRecord, patches: list[FilePatch], edits: list[Edit], ordinal: int
) -> list[Revision]:
    """Return the revisions of a commit. Creates and moves entities as the commit does; ignores submodules."""
    renamed = {entry.path: files.detach(entry.old_path) for entry in record.entries if entry.status == "R"}
    revisions: dict[int, Revision] = {}
    for entry, patch, edit in zip(record.entries, patches, edits, strict=True):
        if entry.submodule:
            continue
        state = renamed[entry.path] if entry.status == "R" else files.get(entry.path)
        if state is None:
            state = files.create(entry.path, ordinal)
        elif entry.status == "R":
            files.attach(state, entry.path)
        if state.number not in revisions:  # two paths of different bytes can be equal as text
            revisions[state.number] = Revision(state, entry, patch, edit, len(state.origins))
    return list(revisions.values())


def read_patches(record: ChangeRecord, *, lines: bool) -> tuple[list[FilePatch], bool]:
    """Return one patch per entry, and whether the record was cut. A missing or invalid patch is unreadable.

    lines: False if the stream contains no patches.
    """
    if not lines:
        return [unreadable_patch() for _ in record.entries], False
    sections = record.sections
    if not record.complete:
        expected = sum(entry.sections for entry in record.entries)
        sections = sections[:-1] if len(sections) <= expected else []
    patches = []
    position = 0
    for entry in record.entries:
        own = sections[position : position + entry.sections]
        position += entry.sections
        try:
            parsed = [parse_section(section) for section in own]
        except ValueError:
            parsed = []
        patches.append(_merged(parsed) if len(parsed) == entry.sections else unreadable_patch())
    return patches, not record.complete


def _merged(patches: list[FilePatch]) -> FilePatch:
    """Merge the sections of one file. A change of type has two, a deletion and a creation; all others have one."""
    if len(patches) == 1:
        return patches[0]
    return FilePatch(
        [hunk for patch in patches for hunk in patch.hunks],
        [body for patch in patches for body in patch.bodies],
        sum(patch.added for patch in patches),
        sum(patch.deleted for patch in patches),
        readable=all(patch.readable for patch in patches),
    )
