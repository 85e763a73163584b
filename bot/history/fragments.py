"""Reads the kind of a change from the news fragment that it adds, where a project writes such files. Pure.

- towncrier: `newsfragments/123.bugfix.rst`; the folder is configured, and these are the usual names of it
  (towncrier.readthedocs.io, "Configuration Reference").
- Ansible and OpenStack's collections: `changelogs/fragments/123-words.yml`, with sections as keys
  (github.com/ansible-community/antsibull-changelog, "docs/changelogs.md").
- HashiCorp: `.changelog/123.txt` with a block "release-note:bug" (github.com/hashicorp/go-changelog).

- covector, as Tauri uses it: `.changes/words.md` with `"package": patch:bug` (github.com/jbolda/covector).
- Changesets: `.changeset/words.md` (github.com/changesets/changesets). They name a part of the version, not a kind: a
  minor or major one is no fix, and a patch is one if its text says so ("Fixes …", "fix: …").
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice

from bot.domain.kinds import Kind

_TOWNCRIER = re.compile(
    r"(?:^|/)(?:news_?fragments?|changes|news|changelogs?|change_?logs?\.d|changes\.d|topfiles|upcoming_changes"
    r"|next_release|fragments)(?:/[\w.-]+)?/"
    r"[^/]{1,80}?\.([a-z_]{2,20})(?:\.\d{1,3})?(?:\.(?:rst|md|txt))?$",
    re.IGNORECASE,
)
_YAML = re.compile(r"(?:^|/)changelogs?/fragments/[^/]+\.ya?ml$")
_NOTE = re.compile(r"(?:^|/)\.changelog/[^/]+\.txt$")
_SECTION = re.compile(rb"^([a-z_]{3,30}):|^`{3}release-note:([a-z-]{3,30})")
_CHANGE_FILE = re.compile(r"(?:^|/)\.(?:changeset|changes)/[^/]+\.md$")
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
_KINDS = {
    "bugfix": Kind.FIX, "bugfixes": Kind.FIX, "fix": Kind.FIX, "fixed": Kind.FIX, "bug": Kind.FIX,
    "security": Kind.FIX, "security_fixes": Kind.FIX, "feature": Kind.FEATURE, "features": Kind.FEATURE,
    "enhancement": Kind.FEATURE, "improvement": Kind.FEATURE, "improvements": Kind.FEATURE, "change": Kind.FEATURE,
    "added": Kind.FEATURE, "major_changes": Kind.FEATURE, "minor_changes": Kind.FEATURE, "doc": Kind.DOCS,
    "docs": Kind.DOCS, "misc": Kind.OTHER, "trivial": Kind.OTHER, "removal": Kind.OTHER, "removed": Kind.OTHER,
    "deprecation": Kind.OTHER, "deprecated": Kind.OTHER, "deprecated_features": Kind.OTHER,
    "deprecations": Kind.OTHER, "removed_features": Kind.OTHER, "breaking": Kind.OTHER, "breaking-change": Kind.OTHER,
    "breaking_changes": Kind.OTHER, "packaging": Kind.CHORE, "contrib": Kind.OTHER, "process": Kind.OTHER,
    "vendor": Kind.CHORE, "docker": Kind.CHORE, "build": Kind.CHORE, "core": Kind.OTHER, "hooks": Kind.OTHER,
    "bootloader": Kind.OTHER, "headline": Kind.FEATURE, "changed": Kind.OTHER, "internal": Kind.OTHER,
}  # fmt: skip


@lru_cache(maxsize=65_536)
def is_fragment(path: str) -> bool:
    """Return whether a path is that of a news fragment or of a changeset."""
    return _by_name(path) is not None or _has_sections(path) or bool(_CHANGE_FILE.search(path))


def written_kind(fragments: Iterable[tuple[str, Iterable[bytes]]]) -> Kind | None:
    """Return the kind that the added fragments of a change name: a fix, if one is; None without a known fragment.

    fragments: the paths of the added files, with their lines. The lines are read only where the name tells nothing.
    OTHER: a kind that has no name of ours, such as a removal.
    """
    found: list[Kind] = []
    for path, lines in fragments:
        if (kind := _by_name(path)) is not None:
            found.append(kind)
        elif _has_sections(path):
            found += _sections(lines)
        elif _CHANGE_FILE.search(path) and (kind := _of_change_file(lines)) is not None:
            found.append(kind)
    return Kind.FIX if Kind.FIX in found else next(iter(found), None)


def _by_name(path: str) -> Kind | None:
    match = _TOWNCRIER.search(path)
    return _KINDS.get(match[1].lower()) if match else None


def _has_sections(path: str) -> bool:
    return bool(_YAML.search(path) or _NOTE.search(path))


def _sections(lines: Iterable[bytes]) -> Iterable[Kind]:
    for line in lines:
        if match := _SECTION.match(line):
            name = (match[1] or match[2]).decode("ascii")
            if name in _KINDS:
                yield _KINDS[name]


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
