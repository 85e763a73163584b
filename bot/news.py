"""Which files are news fragments and changesets: one file per change, of which a project makes its release notes. Pure.

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
from functools import lru_cache

from bot.domain.kinds import Kind

_TOWNCRIER = re.compile(
    r"(?:^|/)(?:news_?fragments?|changes|news|changelogs?|change_?logs?\.d|changes\.d|topfiles|upcoming_changes"
    r"|next_release|fragments)(?:/[\w.-]+)?/"
    r"[^/]{1,80}?\.([a-z_]{2,20})(?:\.\d{1,3})?(?:\.(?:rst|md|txt))?$",
    re.IGNORECASE,
)
_YAML = re.compile(r"(?:^|/)changelogs?/fragments/[^/]+\.ya?ml$")
_NOTE = re.compile(r"(?:^|/)\.changelog/[^/]+\.txt$")
_CHANGE_FILE = re.compile(r"(?:^|/)\.(?:changeset|changes)/[^/]+\.md$")
KINDS = {
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
    return kind_by_name(path) is not None or has_sections(path) or is_changeset(path)


def kind_by_name(path: str) -> Kind | None:
    """Return the kind that the name of a fragment of towncrier says; None for another file."""
    match = _TOWNCRIER.search(path)
    return KINDS.get(match[1].lower()) if match else None


def has_sections(path: str) -> bool:
    """Return whether a path is that of a fragment whose sections tell its kind."""
    return bool(_YAML.search(path) or _NOTE.search(path))


def is_changeset(path: str) -> bool:
    """Return whether a path is that of a changeset or of a file of covector."""
    return bool(_CHANGE_FILE.search(path))
