"""Where a text stands on purpose although it was changed elsewhere: records of the past, copies, catalogs of languages.

The functions are pure and use the path only.
"""

import re
from pathlib import PurePosixPath

from bot import paths

_RECORD_NAME = re.compile(
    r"^(change|changes|changelog|changelogs|history|news|release|releases|releasenotes|whats[-_]?new\w*|migrat\w*"
    r"|upgrad\w*|deprecat\w*|breaking\w*|authors|contributors|credits|licen[cs]e|copying|notice|todo|roadmap"
    # what removes an installed version of any age
    r"|uninstall)([-_. ].*)?$"
    r"|[-_.](changelog|changes|history|migration|upgrade|release[-_]?notes|deprecations?)\.\w+$",
    re.IGNORECASE,
)
_RECORD_FOLDERS = frozenset(
    """
    changelog changelogs changes .changes .changeset news newsfragments fragments history releases release
    release-notes releasenotes release_notes relnotes whatsnew whats-new migrating upgrade upgrading upgrades versions
    blog blogs posts _posts adr adrs rfc rfcs proposals decisions designs design-docs future old
    """.split()
)
# Code of the past.
_FROZEN_FOLDERS = frozenset("migration migrations alembic archive archived archives legacy deprecated attic".split())
_CATALOG_FOLDERS = frozenset("locale locales i18n l10n translations _locales lc_messages".split())
_TEXT_CATALOG_FOLDERS = frozenset("lang langs po".split())
_CATALOG = re.compile(r"\.(po|pot|mo|xlf|xliff|arb|ftl|strings|resx)$", re.IGNORECASE)
# `versioned_docs/`, `version-1.2/`, `v2/`, `1.x/`: what holds for one version stays with it.
_VERSION_FOLDER = re.compile(r"^(versioned\w*|(v|version[-_]?)?\d+([._-](\d+|x))*)$", re.IGNORECASE)
_DATA = frozenset("api svg csv tsv ipynb lock sum log diff patch map git-blame-ignore-revs mailmap".split())


def is_record(path: str) -> bool:
    """Return whether the file tells of the past: changes, releases, migrations, decisions, frozen versions."""
    pure = PurePosixPath(path)
    folders = {part.lower() for part in pure.parts[:-1]}
    if not folders.isdisjoint(_FROZEN_FOLDERS) or any(map(_VERSION_FOLDER.match, folders)):
        return True
    return not paths.is_code(path) and (bool(_RECORD_NAME.search(pure.name)) or not folders.isdisjoint(_RECORD_FOLDERS))


def is_catalog(path: str) -> bool:
    """Return whether the file holds texts of one language of many."""
    folders = {part.lower() for part in PurePosixPath(path).parts[:-1]}
    names = _CATALOG_FOLDERS if paths.is_code(path) else _CATALOG_FOLDERS | _TEXT_CATALOG_FOLDERS
    return bool(_CATALOG.search(path)) or not folders.isdisjoint(names)


def is_written_here(path: str) -> bool:
    """Return whether people write the file in this repository for the present: no copy, data, catalog or record."""
    suffix = PurePosixPath(path).name.lower().rpartition(".")[2]
    return not (
        paths.is_lock(path)
        or paths.is_vendored(path)
        or paths.is_generated(path)
        or suffix in _DATA
        or is_catalog(path)
        or is_record(path)
    )
