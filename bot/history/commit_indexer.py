"""Adds one commit to the index: entities, line origins, features, and links from fixes to introducing changes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.domain.kinds import Kind
from bot.domain.periods import DAY
from bot.history.classification import Classification, Classifier
from bot.history.features import Authorship, ChangedFile, features_of
from bot.history.idents import Idents, Owners
from bot.history.messages import Message
from bot.history.moves import ChangedFiles, Moves
from bot.history.patch import splice
from bot.history.people import Ident
from bot.history.prepare import PreparedCommit
from bot.history.records import ChangeRecord
from bot.history.reversals import undo_key
from bot.history.reverts import CommitLookup, causes_of
from bot.history.revisions import Revision, read_revisions
from bot.history.side_branches import MergedCommits, SideBranches
from bot.history.state import Authors, Files
from bot.history.store import Store
from bot.history.szz import fix_links
from bot.history.traits import traits_of

# A change with more files does not count for temporal coupling. Neither does a release.
MAX_COUPLED = 30
_MAX_AUTHORS = 50  # of one merge


@dataclass(frozen=True, slots=True)
class _Attribution:
    """The idents of a commit.

    merged_by: who merged it, if the author is that of the side branch.
    """

    author: int
    merged_by: int | None
    co_authors: tuple[int, ...]
    committer: int


class CommitIndexer:
    """Adds commits to the index, oldest first: `add` each of them; `checkpoint` writes them to disk.

    side_branches: returns the merged side branches. It is called for the first merge only.
    ordinal: of the newest commit.
    lines: False if the stream contains no patches; then nothing that depends on lines is written.
    """

    def __init__(
        self,
        store: Store,
        idents: Idents,
        side_branches: Callable[[], SideBranches],
        meta: dict[str, Any],
        now: int,
        *,
        lines: bool = True,
    ) -> None:
        self.ordinal: int = meta.get("commits", 0)
        self._head: str | None = meta.get("head")
        self._clock: int = meta.get("clock", 0)
        self._cut: int = meta.get("cut", 0)
        self._latest = now + DAY
        self._lines = lines
        self._store = store
        self._idents = idents
        self._side_branches = side_branches
        self._files = Files(store, empty=self.ordinal == 0)
        self._moves = Moves(store, empty=self.ordinal == 0)
        self._authors = Authors(store)
        self._owners = Owners(store, idents)
        self._commits = CommitLookup(store)
        self._classifier = Classifier(store, idents, self._commits, meta.get("size", 0))

    def add(self, prepared: PreparedCommit) -> None:
        """Add one commit."""
        record, message = prepared.record, prepared.message
        self.ordinal += 1
        self._cut += prepared.cut
        self._head = record.sha
        self._advance_clock(record)
        attribution = self._attribute(record, message)
        author = attribution.author
        self._join_persons()
        revisions = read_revisions(self._files, record, prepared.patches, prepared.edits, self.ordinal)
        classification = self._classifier.classify(self.ordinal, self._clock, author, prepared, revisions)
        changed = [(revision.state, revision.entry.old_path, revision.patch) for revision in revisions]
        if classification.kind is Kind.FIX and classification.fix:
            self._add_links(message, changed)
        self._moves.record(self.ordinal, changed)
        if self._lines:
            self._add_features(revisions, author, fix=classification.fix)
        self._add_commit(record, message, attribution, revisions, classification)
        self._add_details(record, message, attribution, classification.kind)
        self._update_state(revisions, author, fix=classification.fix)
        blamable = not (classification.mass or classification.bot or classification.versions) and bool(record.parents)
        self._owners.add(author, self._idents.person(author), blamable=blamable)

    def checkpoint(self, meta: dict[str, Any]) -> None:
        """Write all commits that were added since the last checkpoint, in one transaction."""
        self._files.collect_rows()
        self._owners.collect_rows()
        state = {
            "head": self._head,
            "commits": self.ordinal,
            "clock": self._clock,
            "cut": self._cut,
            "size": self._classifier.size,
        }
        # Without a digest of the mailmap, the next update writes the persons.
        unwritten = {"mailmap": ""} if self._idents.stale else {}
        self._store.write(meta | unwritten | ({k: v for k, v in state.items() if v is not None}))
        self._files.trim()
        self._moves.trim()
        self._commits.clear()

    def _join_persons(self) -> None:
        """Give what is known of persons who turned out to be others to these."""
        for person, into in self._idents.take_absorbed():
            self._authors.join(person, into)
            self._owners.join(person, into)

    def _advance_clock(self, record: ChangeRecord) -> None:
        """Set the clock to the time of the commit. Times before 1970 and after tomorrow are ignored."""
        for moment in (record.commit_time, record.author_time):
            if 0 <= moment <= self._latest:
                self._clock = max(self._clock, moment)
                return

    def _attribute(self, record: ChangeRecord, message: Message) -> _Attribution:
        number = self._idents.number
        author_ident: Ident = (record.name, record.email)
        merged = self._merged_commits(record)
        others = message.co_authors
        merged_by = None
        if merged and merged.authors:
            merged_by = number(author_ident)
            author_ident, others = merged.authors[0], (*merged.authors[1:_MAX_AUTHORS], *others)
        author = number(author_ident)
        co_authors = dict.fromkeys(ident for ident in (number(other) for other in others) if ident != author)
        return _Attribution(author, merged_by, tuple(co_authors), number(record.committer))

    def _merged_commits(self, record: ChangeRecord) -> MergedCommits | None:
        """Return the commits that a merge introduced. The side branches are read only if there is a merge."""
        return self._side_branches().by_merge.get(record.sha) if len(record.parents) > 1 else None

    def _add_links(self, message: Message, changed: ChangedFiles) -> None:
        """Link a fix to the changes that it names as the cause, else to those that introduced the lines it deletes."""
        rows = self._store.rows["links"]
        if causes := causes_of(self._commits, message):
            rows += [(self.ordinal, cause, "named", None, 0, None, None) for cause in causes]
            return
        for link in fix_links(changed, self._moves.introduced_by, self._owners.blamable):
            rows.append((self.ordinal, link.introduced_by, link.how, link.path, link.lines, link.first_line, None))

    def _add_features(self, revisions: list[Revision], author: int, *, fix: bool) -> None:
        person = self._idents.person(author)
        files = []
        for revision in revisions:
            traits = traits_of(revision.entry.path)
            if traits.counted:
                own = self._owners.count_lines(person, revision.state.origins)
                patch = revision.patch
                files.append(
                    ChangedFile(revision.state, traits, patch.added, patch.deleted, revision.lines_before, own)
                )
        authorship = Authorship(self._authors.get(person), person, self._idents.persons, self._clock, fix)
        self._store.rows["features"].append((self.ordinal, *features_of(files, authorship)))

    def _update_state(self, revisions: list[Revision], author: int, *, fix: bool) -> None:
        for revision in revisions:
            state = revision.state
            if revision.entry.status == "D":
                state.alive = False
                del state.origins[:]
            elif revision.patch.readable:
                state.alive = True
                splice(state.origins, revision.patch, self.ordinal)
            else:
                state.alive = True
                del state.origins[:]  # they are unknown now
            churn = revision.patch.added + revision.patch.deleted
            state.add_change(self.ordinal, author, self._clock, fix, churn)
            self._files.mark_changed(state)
        subsystems = {traits.subsystem for revision in revisions if (traits := traits_of(revision.entry.path)).counted}
        self._authors.add_change(self._idents.person(author), author, self._clock, self.ordinal, subsystems)

    def _add_commit(
        self,
        record: ChangeRecord,
        message: Message,
        attribution: _Attribution,
        revisions: list[Revision],
        classification: Classification,
    ) -> None:
        rows = self._store.rows
        files = sum(not traits_of(revision.entry.path).noise for revision in revisions)
        eligible = bool(record.parents) and not classification.bot and classification.kind is not Kind.RELEASE
        coupled = eligible and not classification.versions and 0 < files <= MAX_COUPLED
        added = sum(revision.patch.added for revision in revisions) if self._lines else None
        deleted = sum(revision.patch.deleted for revision in revisions) if self._lines else None
        key = undo_key([(revision.state, revision.patch) for revision in revisions]) if self._lines else None
        rows["commits"].append(
            (
                self.ordinal, record.sha, attribution.author, attribution.merged_by, record.author_time,
                record.commit_time, self._clock, len(record.parents), classification.kind.value, classification.fix,
                classification.mass, classification.bot, len(revisions), added, deleted, coupled, message.subject,
                message.pull, classification.versions, classification.imported, key,
            )
        )  # fmt: skip
        self._commits.add_key(self.ordinal, self._clock, key)
        for revision in revisions:
            entry, patch = revision.entry, revision.patch
            file_coupled = coupled and revision.edit.couples and not traits_of(entry.path).noise
            counts = (patch.added, patch.deleted, revision.lines_before) if self._lines else (None, None, None)
            tests = revision.edit.tests
            rows["revisions"].append((self.ordinal, revision.state.number, entry.status, *counts, file_coupled, tests))
            if entry.status == "R":
                rows["renames"].append((self.ordinal, revision.state.number, entry.old_path, entry.path))

    def _add_details(self, record: ChangeRecord, message: Message, attribution: _Attribution, kind: Kind) -> None:
        """Add who took part, the issues that the message names, and the commits that a merge introduced."""
        rows = self._store.rows
        rows["co_authors"] += [(self.ordinal, ident) for ident in attribution.co_authors]
        others = {*attribution.co_authors, attribution.committer, attribution.merged_by or 0} - {attribution.author, 0}
        rows["activity"] += [(ident, self.ordinal) for ident in sorted(others)]
        rows["issues"] += [(self.ordinal, issue) for issue in message.issues]
        merged = self._merged_commits(record)
        shas = merged.shas if merged else ()
        rows["side_commits"] += [(sha, self.ordinal) for sha in shas]
        self._commits.add(record.sha, shas, self.ordinal, kind, message)
