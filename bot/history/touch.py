"""One commit's files: which entity each of them is, and what its patch says."""

from dataclasses import dataclass

from bot.history.patch import FilePatch, parse_section, unread
from bot.history.records import ChangeRecord, Entry
from bot.history.state import Files, FileState


@dataclass(slots=True)
class Touch:
    """One entity in one commit. before: its lines before it; path_before: where it was."""

    state: FileState
    entry: Entry
    patch: FilePatch
    before: int
    path_before: str


def touched(files: Files, record: ChangeRecord, patches: list[FilePatch], ordinal: int) -> list[Touch]:
    """The entities of a commit, moved and created as it says; submodules are none."""
    leaving = {entry.path: files.leave(entry.old_path) for entry in record.entries if entry.status == "R"}
    touches: dict[int, Touch] = {}
    for entry, patch in zip(record.entries, patches, strict=True):
        if entry.submodule:
            continue
        state = leaving[entry.path] if entry.status == "R" else files.at(entry.path)
        if state is None:
            state = files.create(entry.path, ordinal)
        elif entry.status == "R":
            files.move(state, entry.path)
        if state.number not in touches:  # two paths that are one as text
            touches[state.number] = Touch(state, entry, patch, len(state.origins), entry.old_path)
    return list(touches.values())


def patches_of(record: ChangeRecord, *, lines: bool) -> tuple[list[FilePatch], bool]:
    """One patch per entry, unread where it was cut off or does not hold; and whether any was.

    lines: False where the stream has no patches at all.
    """
    if not lines:
        return [unread() for _ in record.entries], False
    sections = record.sections
    if not record.whole:
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
        patches.append(_joined(parsed) if len(parsed) == entry.sections else unread())
    return patches, not record.whole


def _joined(patches: list[FilePatch]) -> FilePatch:
    """A change of type is a deletion and a creation; everything else has one part."""
    if len(patches) == 1:
        return patches[0]
    return FilePatch(
        [hunk for patch in patches for hunk in patch.hunks],
        [body for patch in patches for body in patch.bodies],
        sum(patch.added for patch in patches),
        sum(patch.deleted for patch in patches),
        readable=all(patch.readable for patch in patches),
    )
