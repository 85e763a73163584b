"""Tells edits that change no behaviour of the program itself: versions, imports, and inline tests. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot import inline_tests
from bot.code_lines import import_line, version_line
from bot.history.patch import FilePatch, added_lines
from bot.history.traits import traits_of
from bot.news import is_fragment
from bot.paths import is_changelog

# What a raised version changes: versions, hashes, checksums, times, and the tag of a Maven release.
_VERSION = re.compile(
    rb"\bsha(?:1|256|384|512)[-:][\w+/=-]{10,}|\bv?\d+(?:\.(?:\d+|x|\*)){1,4}[\w.+-]{0,40}|\b[0-9a-f]{7,64}\b"
    rb"|\b\d{4}-\d\d-\d\d(?:T[\d:.]{5,15}Z?)?\b|(?<=<tag>)[^<]{1,100}(?=</tag>)"
    rb"|(?<=[\"'@=~^ ])v?\d{1,4}(?=[\"']|\s*$)"
)
_MAX_LINE = 1_000
_MOST_LINES = 4_000


@dataclass(frozen=True, slots=True)
class Edit:
    """What is known of the changed lines of one file.

    versions: they differ in versions only.
    imports: they are imports only.
    tests: how many of the added lines belong to inline tests.
    only_tests: whether all changed lines belong to inline tests.
    """

    versions: bool = False
    imports: bool = False
    tests: int = 0
    only_tests: bool = False

    @property
    def couples(self) -> bool:
        """Whether the edit counts for temporal coupling."""
        return not (self.versions or self.imports)


PLAIN = Edit()
_RAISED = Edit(versions=True)


def edit_of(path: str, patch: FilePatch) -> Edit:
    """Return what is known of the edit of one file."""
    if not patch.bodies:
        return PLAIN
    traits = traits_of(path)
    if traits.lock:
        return _RAISED
    if traits.versioned:
        return _RAISED if _only_versions(patch) else PLAIN
    if not traits.code:
        return PLAIN
    first = patch.bodies[0].split(b"\n", 2)[1][1:]
    if import_line(first) and _only(patch, import_line):
        return Edit(imports=True)
    if version_line(first) and _only(patch, version_line):
        return Edit(versions=True)
    if not traits.inline or not any(inline_tests.mentions_tests(path, body) for body in patch.bodies):
        return PLAIN
    return _tests(path, patch)


def only_versions(edits: Iterable[tuple[str, str, Edit]]) -> bool:
    """Return whether a change raises versions and does nothing else. edits: path, git's status letter, and the edit."""
    raised = False
    for path, status, edit in edits:
        if edit.versions:
            raised = raised or not traits_of(path).docs
        elif not (
            is_changelog(path) or is_fragment(path) or edit.imports or (status != "A" and traits_of(path).vendored)
        ):
            return False
    return raised


def _changed(patch: FilePatch) -> Iterator[bytes]:
    for body in patch.bodies:
        for line in body.split(b"\n")[1:]:
            if line[:1] in (b"+", b"-") and not line[1:].isspace() and len(line) > 1:
                yield line


def _only(patch: FilePatch, matches: Callable[[bytes], bool]) -> bool:
    return all(matches(line[1:]) for line in _changed(patch))


def _only_versions(patch: FilePatch) -> bool:
    """Return whether the added lines are the deleted ones but for their versions. Hashes may be more or fewer."""
    if not patch.added or not patch.deleted or patch.added + patch.deleted > _MOST_LINES:
        return False
    first = patch.bodies[0].split(b"\n", 2)[1]
    if first[:1] == b"-" and not _VERSION.search(first[1 : _MAX_LINE + 1]):
        return False
    masked: dict[bytes, set[bytes]] = {b"+": set(), b"-": set()}
    for line in _changed(patch):
        masked[line[:1]].add(_VERSION.sub(b"#", line[1 : _MAX_LINE + 1]).strip())
    return masked[b"+"] == masked[b"-"]


def _tests(path: str, patch: FilePatch) -> Edit:
    tests = 0
    everything = True
    for (_, deleted, added, _), body in zip(patch.hunks, patch.bodies, strict=True):
        heading = body.partition(b"\n")[0].rpartition(b"@@ ")[2].decode("utf-8", "replace")
        if inline_tests.opens(path, heading):
            tests += added
            continue
        lines = [line.decode("utf-8", "replace") for line in added_lines(body)] if added else []
        own = len(inline_tests.test_lines(path, lines))
        tests += own
        everything = everything and not deleted and own == added
    return Edit(tests=tests, only_tests=everything and patch.added + patch.deleted > 0)


def in_tests(path: str, patch: FilePatch) -> Sequence[bool]:
    """Return for each hunk whether it stands in an inline test by its heading."""
    if not traits_of(path).inline:
        return (False,) * len(patch.bodies)
    return [
        inline_tests.opens(path, body.partition(b"\n")[0].rpartition(b"@@ ")[2].decode("utf-8", "replace"))
        for body in patch.bodies
    ]
