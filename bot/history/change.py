"""Taking one commit into the index: its files become entities, its lines origins, its past features, its cure links."""

from dataclasses import dataclass
from typing import Any

from bot.history.features import DAY, Deliveries, Moment, Touched, features_of
from bot.history.idents import Idents, Owners
from bot.history.messages import Kind, Message, read_message
from bot.history.patch import FilePatch, parse_section, splice, unread
from bot.history.records import ChangeRecord, Entry
from bot.history.reverts import Known, note_reverts
from bot.history.sides import Sides
from bot.history.state import Authors, Files, FileState
from bot.history.store import Store
from bot.history.szz import MASS, links_of
from bot.history.traits import traits_of

# A change of more files says nothing about which of them belong together.
MAX_COUPLED = 30


@dataclass(slots=True)
class Touch:
    """One entity in one commit. before: its lines before it; path_before: where it was."""

    state: FileState
    entry: Entry
    patch: FilePatch
    before: int
    path_before: str


@dataclass(frozen=True, slots=True)
class _Who:
    author: int
    merged_by: int | None
    co_authors: tuple[int, ...]


class Taker:
    """The running state of a pass. `take` commits oldest first; `checkpoint` makes them last."""

    def __init__(self, store: Store, idents: Idents, sides: Sides, meta: dict[str, Any], now: int) -> None:
        self.ordinal: int = meta.get("commits", 0)
        self._head: str | None = meta.get("head")
        self._clock: int = meta.get("clock", 0)
        self._cut: int = meta.get("cut", 0)
        self._latest = now + DAY
        self._store = store
        self._idents = idents
        self._sides = sides
        self._files = Files(store, empty=self.ordinal == 0)
        self._authors = Authors(store)
        self._owners = Owners(store, idents)
        self._known = Known(store)

    def take(self, record: ChangeRecord) -> None:
        """Everything about one commit."""
        self.ordinal += 1
        self._head = record.sha
        self._tick(record)
        message = read_message(record.message, merge=len(record.parents) > 1)
        who = self._who(record, message)
        touches = self._touches(record)
        mass = len(touches) > MASS
        bot = self._idents.bot(who.author)
        kind = note_reverts(self._store, self._known, self.ordinal, message)
        blamed = any(traits_of(touch.entry.path).blamed for touch in touches)
        fix = kind is Kind.REVERT or (kind is Kind.FIX and blamed and not mass and not bot)
        if fix and kind is Kind.FIX:
            self._link(touches)
        self._count(touches, who, fix=fix)
        self._write(record, message, kind, who, touches, fix=fix, mass=mass, bot=bot)
        self._apply(touches, who, fix=fix)
        blameless = mass or bot or not record.parents
        self._owners.add(who.author, self._idents.person(who.author), blameless=blameless)

    def checkpoint(self, meta: dict[str, Any]) -> None:
        """Write all that was taken."""
        self._files.gather()
        self._owners.gather()
        state = {"head": self._head, "commits": self.ordinal, "clock": self._clock, "cut": self._cut}
        unsettled = {"mailmap": ""} if self._idents.stale else {}
        self._store.write(meta | unsettled | ({k: v for k, v in state.items() if v is not None}))
        self._files.forget()
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
        side = self._sides.by_merge.get(record.sha)
        others = message.co_authors
        merged_by = None
        if side and side.authors:
            merged_by = number(own)
            own, others = side.authors[0], (*side.authors[1:6], *others)
        author = number(own)
        co_authors = dict.fromkeys(ident for ident in (number(other) for other in others) if ident != author)
        return _Who(author, merged_by, tuple(co_authors))

    def _touches(self, record: ChangeRecord) -> list[Touch]:
        patches = self._patches(record)
        leaving = {entry.path: self._files.leave(entry.old_path) for entry in record.entries if entry.status == "R"}
        touches: dict[int, Touch] = {}
        for entry, patch in zip(record.entries, patches, strict=True):
            if entry.submodule:
                continue
            state = leaving[entry.path] if entry.status == "R" else self._files.at(entry.path)
            if state is None:
                state = self._files.create(entry.path, self.ordinal)
            elif entry.status == "R":
                self._files.move(state, entry.path)
            if state.number not in touches:  # two paths that are one as text
                touches[state.number] = Touch(state, entry, patch, len(state.origins), entry.old_path)
        return list(touches.values())

    def _patches(self, record: ChangeRecord) -> list[FilePatch]:
        """One patch per entry; what was cut off or does not hold is unread."""
        sections = record.sections
        if not record.whole:
            self._cut += 1
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
        return patches

    def _link(self, touches: list[Touch]) -> None:
        for link in links_of([(touch.state, touch.path_before, touch.patch) for touch in touches]):
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
                files.append(Touched(touch.state, traits, patch.added, patch.deleted, touch.before, own))
        moment = Moment(self._authors.of(person), self._clock, fix)
        values = features_of(files, moment, Deliveries(self._idents.persons, person))
        self._store.rows["features"].append((self.ordinal, *values))

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

    def _write(
        self,
        record: ChangeRecord,
        message: Message,
        kind: Kind,
        who: _Who,
        touches: list[Touch],
        *,
        fix: bool,
        mass: bool,
        bot: bool,
    ) -> None:
        rows = self._store.rows
        kept = [touch for touch in touches if not traits_of(touch.entry.path).noise]
        coupled = bool(record.parents) and not bot and 0 < len(kept) <= MAX_COUPLED
        added = sum(touch.patch.added for touch in touches)
        deleted = sum(touch.patch.deleted for touch in touches)
        rows["commits"].append(
            (
                self.ordinal, record.sha, who.author, who.merged_by, record.author_time, record.commit_time,
                self._clock, len(record.parents), kind.value, fix, mass, bot, len(touches), added, deleted,
                coupled, message.subject,
            )
        )  # fmt: skip
        for touch in touches:
            entry, patch = touch.entry, touch.patch
            pair = coupled and not traits_of(entry.path).noise
            row = (self.ordinal, touch.state.number, entry.status, patch.added, patch.deleted, touch.before, pair)
            rows["revisions"].append(row)
            if entry.status == "R":
                rows["renames"].append((self.ordinal, touch.state.number, entry.old_path, entry.path))
        rows["co_authors"] += [(self.ordinal, ident) for ident in who.co_authors]
        rows["issues"] += [(self.ordinal, issue) for issue in message.issues]
        side = self._sides.by_merge.get(record.sha)
        shas = side.shas if side else ()
        rows["sides"] += [(sha, self.ordinal) for sha in shas]
        self._known.add(record.sha, shas, self.ordinal, kind)


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
