"""Adds one commit to the index: entities, line origins, features, and links from a fix to what introduced its fault."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.domain.periods import DAY
from bot.history.features import Authorship, TouchedFile, features_of
from bot.history.idents import Idents, Owners
from bot.history.messages import Kind, Message, read_message
from bot.history.moves import Changed, Moves
from bot.history.patch import splice
from bot.history.records import ChangeRecord
from bot.history.reverts import Known, note_reverts
from bot.history.sides import Side, Sides
from bot.history.state import Authors, Files
from bot.history.store import Store
from bot.history.szz import MASS, links_of
from bot.history.touch import Touch, patches_of, touched
from bot.history.traits import traits_of

# A change of more files says nothing about which of them belong together, nor does a release.
MAX_COUPLED = 30


@dataclass(frozen=True, slots=True)
class _Who:
    author: int
    merged_by: int | None
    co_authors: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What kind of change it is. fix: it mends something. mass: too many files to tell anything of each."""

    kind: Kind
    fix: bool
    mass: bool
    bot: bool


class CommitIndexer:
    """Adds commits to the index, oldest first: `add` each of them; `checkpoint` writes them to disk.

    ordinal: of the newest commit.
    lines: False where the stream has no patches; nothing that rests on lines is written then.
    """

    def __init__(
        self,
        store: Store,
        idents: Idents,
        sides: Callable[[], Sides],
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
        self._sides = sides
        self._files = Files(store, empty=self.ordinal == 0)
        self._moves = Moves(store, empty=self.ordinal == 0)
        self._authors = Authors(store)
        self._owners = Owners(store, idents)
        self._known = Known(store)

    def add(self, record: ChangeRecord) -> None:
        """Add everything about one commit."""
        self.ordinal += 1
        self._head = record.sha
        self._tick(record)
        message = read_message(record.message, merge=len(record.parents) > 1)
        who = self._who(record, message)
        touches = self._touches(record)
        verdict = self._judge(message, who, touches)
        changed = [(touch.state, touch.path_before, touch.patch) for touch in touches]
        if verdict.kind is Kind.FIX and verdict.fix:
            self._link(changed)
        self._moves.note(self.ordinal, changed)
        if self._lines:
            self._count(touches, who, fix=verdict.fix)
        self._write_commit(record, message, who, touches, verdict)
        self._write_around(record, message, who, verdict.kind)
        self._apply(touches, who, fix=verdict.fix)
        blameless = verdict.mass or verdict.bot or not record.parents
        self._owners.add(who.author, self._idents.person(who.author), blameless=blameless)

    def _judge(self, message: Message, who: _Who, touches: list[Touch]) -> _Verdict:
        mass = len(touches) > MASS
        bot = self._idents.bot(who.author)
        kind = note_reverts(self._store, self._known, self.ordinal, message)
        blamed = any(traits_of(touch.entry.path).blamed for touch in touches)
        fix = kind is Kind.REVERT or (kind is Kind.FIX and blamed and not mass and not bot)
        return _Verdict(kind, fix, mass, bot)

    def checkpoint(self, meta: dict[str, Any]) -> None:
        """Write all commits that were added, in one transaction."""
        self._files.gather()
        self._owners.gather()
        state = {"head": self._head, "commits": self.ordinal, "clock": self._clock, "cut": self._cut}
        unsettled = {"mailmap": ""} if self._idents.stale else {}
        self._store.write(meta | unsettled | ({k: v for k, v in state.items() if v is not None}))
        self._files.forget()
        self._moves.forget()
        self._known.forget()

    def _tick(self, record: ChangeRecord) -> None:
        """The clock never runs backwards, and a time before 1970 or after tomorrow does not move it."""
        for moment in (record.commit_time, record.author_time):
            if 0 <= moment <= self._latest:
                self._clock = max(self._clock, moment)
                return

    def _who(self, record: ChangeRecord, message: Message) -> _Who:
        number = self._idents.number
        own = (record.name, record.email)
        side = self._side(record)
        others = message.co_authors
        merged_by = None
        if side and side.authors:
            merged_by = number(own)
            own, others = side.authors[0], (*side.authors[1:6], *others)
        author = number(own)
        co_authors = dict.fromkeys(ident for ident in (number(other) for other in others) if ident != author)
        return _Who(author, merged_by, tuple(co_authors))

    def _side(self, record: ChangeRecord) -> Side | None:
        """What a merge brought; without a merge the sides are never read."""
        return self._sides().by_merge.get(record.sha) if len(record.parents) > 1 else None

    def _touches(self, record: ChangeRecord) -> list[Touch]:
        patches, cut = patches_of(record, lines=self._lines)
        self._cut += cut
        return touched(self._files, record, patches, self.ordinal)

    def _link(self, changed: Changed) -> None:
        for link in links_of(changed, self._moves.origin):
            if self._owners.blamable(link.brought):
                row = (self.ordinal, link.brought, "lines", link.path, link.lines, link.first_line, None)
                self._store.rows["links"].append(row)

    def _count(self, touches: list[Touch], who: _Who, *, fix: bool) -> None:
        person = self._idents.person(who.author)
        files = []
        for touch in touches:
            traits = traits_of(touch.entry.path)
            if traits.counted:
                own = self._owners.lines_of(person, touch.state.origins)
                patch = touch.patch
                files.append(TouchedFile(touch.state, traits, patch.added, patch.deleted, touch.before, own))
        made = Authorship(self._authors.of(person), person, self._idents.persons, self._clock, fix)
        self._store.rows["features"].append((self.ordinal, *features_of(files, made)))

    def _apply(self, touches: list[Touch], who: _Who, *, fix: bool) -> None:
        for touch in touches:
            state = touch.state
            if touch.entry.status == "D":
                state.alive = False
                del state.origins[:]
            elif touch.patch.readable:
                state.alive = True
                splice(state.origins, touch.patch, self.ordinal)
            else:
                state.alive = True
                del state.origins[:]  # not known any more
            state.touch(self.ordinal, who.author, self._clock, fix)
            self._files.changed(state)
        subsystems = {traits.subsystem for touch in touches if (traits := traits_of(touch.entry.path)).counted}
        self._authors.touch(self._idents.person(who.author), who.author, self._clock, self.ordinal, subsystems)

    def _write_commit(
        self, record: ChangeRecord, message: Message, who: _Who, touches: list[Touch], verdict: _Verdict
    ) -> None:
        rows = self._store.rows
        kept = sum(not traits_of(touch.entry.path).noise for touch in touches)
        telling = bool(record.parents) and not verdict.bot and verdict.kind is not Kind.RELEASE
        coupled = telling and 0 < kept <= MAX_COUPLED
        added = sum(touch.patch.added for touch in touches) if self._lines else None
        deleted = sum(touch.patch.deleted for touch in touches) if self._lines else None
        rows["commits"].append(
            (
                self.ordinal, record.sha, who.author, who.merged_by, record.author_time, record.commit_time,
                self._clock, len(record.parents), verdict.kind.value, verdict.fix, verdict.mass, verdict.bot,
                len(touches), added, deleted, coupled, message.subject,
            )
        )  # fmt: skip
        for touch in touches:
            entry, patch = touch.entry, touch.patch
            pair = coupled and not traits_of(entry.path).noise
            counts = (patch.added, patch.deleted, touch.before) if self._lines else (None, None, None)
            rows["revisions"].append((self.ordinal, touch.state.number, entry.status, *counts, pair))
            if entry.status == "R":
                rows["renames"].append((self.ordinal, touch.state.number, entry.old_path, entry.path))

    def _write_around(self, record: ChangeRecord, message: Message, who: _Who, kind: Kind) -> None:
        """Who else made it, the issues it names, and the commits that a merge brought."""
        rows = self._store.rows
        rows["co_authors"] += [(self.ordinal, ident) for ident in who.co_authors]
        rows["issues"] += [(self.ordinal, issue) for issue in message.issues]
        side = self._side(record)
        shas = side.shas if side else ()
        rows["sides"] += [(sha, self.ordinal) for sha in shas]
        self._known.add(record.sha, shas, self.ordinal, kind)
