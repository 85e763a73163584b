"""Reads the kind of a change from the news fragment that it adds, where a project writes such files. Pure.

Which files these are, and what their names tell: `bot/news.py`.
"""

import re
from collections.abc import Iterable
from itertools import islice

from bot.domain.kinds import Kind
from bot.news import KINDS, has_sections, is_changeset, kind_by_name

_SECTION = re.compile(rb"^([a-z_]{3,30}):|^`{3}release-note:([a-z-]{3,30})")
_BUMP = re.compile(rb"^[\"']?[@\w./-]{1,100}[\"']?\s*:\s*[\"']?(patch|minor|major)(?::([a-z]{2,20}))?[\"']?\s*$")
_FIXES = re.compile(
    rb"^[-*>\s]{0,5}(?:fix(?:es|ed)?\b|bug ?fix|(?:a )?(?:regression|crash) ?fix|resolves? (?:an?|the) (?:issue|bug)"
    rb"|correct(?:s|ed|ly)\b)",
    re.IGNORECASE,
)
_TAGS = {
    b"bug": Kind.FIX, b"fix": Kind.FIX, b"sec": Kind.FIX, b"feat": Kind.FEATURE, b"enhance": Kind.FEATURE,
    b"perf": Kind.PERFORMANCE, b"deps": Kind.CHORE, b"docs": Kind.DOCS, b"doc": Kind.DOCS, b"changes": Kind.OTHER,
    b"change": Kind.OTHER, b"breaking": Kind.OTHER, b"housekeeping": Kind.CHORE,
}  # fmt: skip
_MOST_LINES = 60


def written_kind(fragments: Iterable[tuple[str, Iterable[bytes]]]) -> Kind | None:
    """Return the kind that the added fragments of a change name: a fix, if one is; None without a known fragment.

    fragments: the paths of the added files, with their lines. The lines are read only where the name tells nothing.
    OTHER: a kind that has no name of ours, such as a removal.
    """
    found: list[Kind] = []
    for path, lines in fragments:
        if (kind := kind_by_name(path)) is not None:
            found.append(kind)
        elif has_sections(path):
            found += _sections(lines)
        elif is_changeset(path) and (kind := _of_change_file(lines)) is not None:
            found.append(kind)
    return Kind.FIX if Kind.FIX in found else next(iter(found), None)


def _sections(lines: Iterable[bytes]) -> Iterable[Kind]:
    for line in lines:
        if match := _SECTION.match(line):
            name = (match[1] or match[2]).decode("ascii")
            if name in KINDS:
                yield KINDS[name]


def _of_change_file(lines: Iterable[bytes]) -> Kind | None:
    """Return the kind that a changeset or a file of covector names."""
    parts: set[bytes] = set()
    tags: list[bytes] = []
    for line in islice(lines, _MOST_LINES):
        if match := _BUMP.match(line):
            parts.add(match[1])
            tags += [match[2]] if match[2] else []
        elif parts and line.strip() not in (b"", b"---"):
            break
    else:
        line = b""
    if tags:
        kinds = [_TAGS.get(tag, Kind.OTHER) for tag in tags]
        return Kind.FIX if Kind.FIX in kinds else kinds[0]
    if not parts:
        return None
    if parts == {b"patch"}:
        return Kind.FIX if _FIXES.match(line) else None
    return Kind.FEATURE if b"minor" in parts else Kind.OTHER
