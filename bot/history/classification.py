"""Tells what a commit is: its kind, and whether it counts as a fix, a mass change, an import or a raise of versions."""

from dataclasses import dataclass

from bot.domain.kinds import Kind
from bot.domain.periods import QUARTER
from bot.history.idents import Idents
from bot.history.prepare import PreparedCommit
from bot.history.reversals import redo_key, reversed_origin
from bot.history.reverts import CommitLookup, link_reverts
from bot.history.revisions import Revision
from bot.history.store import Store
from bot.history.szz import MASS_CHANGE
from bot.history.traits import traits_of

# A change that reverses an older one is no revert of it: the code has had its time.
_REVERSED_WITHIN = 2 * QUARTER
# An import adds at least so many files, and lines of code, and so great a share of the tree.
_IMPORTED_FILES, _IMPORTED_LINES, _IMPORTED_SHARE = 20, 5_000, 0.2


@dataclass(frozen=True, slots=True)
class Classification:
    """The kind of a change.

    fix: whether it is a fix or a revert.
    mass: whether it is a mass change.
    bot: whether its author is a bot.
    versions: whether it raises versions and does nothing else.
    imported: whether it brings in code that was written elsewhere.
    """

    kind: Kind
    fix: bool
    mass: bool
    bot: bool
    versions: bool
    imported: bool


class Classifier:
    """Classifies commits, oldest first, before they change the state of the files.

    size: the number of lines of the tree.
    """

    def __init__(self, store: Store, idents: Idents, commits: CommitLookup, size: int) -> None:
        self.size = size
        self._store = store
        self._idents = idents
        self._commits = commits

    def classify(
        self, ordinal: int, clock: int, author: int, prepared: PreparedCommit, revisions: list[Revision]
    ) -> Classification:
        """Classify one commit, and link it to what it reverts. clock: its time in Unix seconds."""
        mass = len(revisions) > MASS_CHANGE
        bot = self._idents.bot(author)
        reversed_change = self._reversed(clock, revisions)
        kind = link_reverts(self._store, self._commits, ordinal, prepared.message, reversed_change)
        blamable = any(
            traits_of(revision.entry.path).blamable and not revision.edit.only_tests for revision in revisions
        )
        fix = kind is Kind.REVERT or (kind is Kind.FIX and blamable and not mass and not bot)
        versions = prepared.versions
        return Classification(kind, fix and not versions, mass, bot, versions, self._is_imported(revisions))

    def _reversed(self, clock: int, revisions: list[Revision]) -> int:
        """Return the change that this one reverses by its patch; 0 if there is none."""
        if not any(revision.edit.couples and traits_of(revision.entry.path).blamable for revision in revisions):
            return 0
        altered = [(revision.state, revision.patch) for revision in revisions]
        origin = reversed_origin(altered)
        if not origin or clock - self._commits.clock(origin) > _REVERSED_WITHIN:
            return 0
        return origin if self._commits.undo_key(origin) == redo_key(altered) else 0

    def _is_imported(self, revisions: list[Revision]) -> bool:
        """Return whether the change brings in a great share of the tree at once. Counts the lines of the tree."""
        added = deleted = own = 0
        for revision in revisions:
            added += revision.patch.added
            deleted += revision.patch.deleted
            if revision.entry.status == "A" and traits_of(revision.entry.path).counted:
                own += revision.patch.added
        self.size = max(0, self.size + added - deleted)
        return len(revisions) >= _IMPORTED_FILES and own >= max(_IMPORTED_LINES, _IMPORTED_SHARE * self.size)
