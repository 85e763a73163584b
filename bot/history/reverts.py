"""Links reverts to the changes that they revert, and marks the link of a revert that is reverted itself.

What is reverted is found by what the message names (`bot.history.undone`), else by the reversed patch.
"""

from collections.abc import Iterable

from bot.domain.kinds import Kind
from bot.history.messages import Message
from bot.history.store import Store

# Among so many newest changes, one is found by its subject.
_LAST_SUBJECTS = 5_000


class CommitLookup:
    """Finds a change by its sha, an abbreviated sha, its pull request or its subject.

    A commit of a side branch is found as its merge.

    Commits since the last checkpoint are in memory; older ones are in the index.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._recent: dict[str, int] = {}
        self._kinds: dict[int, Kind] = {}
        self._pulls: dict[int, int] = {}
        self._subjects: dict[str, int] = {}
        self._keys: dict[int, tuple[int, int | None]] = {}

    def add(self, sha: str, side_shas: Iterable[str], ordinal: int, kind: Kind, message: Message) -> None:
        """Add a commit. side_shas: the commits that it introduced, if it is a merge."""
        self._recent[sha] = ordinal
        self._recent.update(dict.fromkeys(side_shas, ordinal))
        self._kinds[ordinal] = kind
        self._subjects[message.subject] = ordinal
        if message.pull is not None:
            self._pulls[message.pull] = ordinal

    def add_key(self, ordinal: int, clock: int, key: int | None) -> None:
        """Add the time of a commit, and the key by which its reversal is found."""
        self._keys[ordinal] = (clock, key)

    def clear(self) -> None:
        """Remove the commits from memory after a checkpoint. They are in the index now."""
        self._recent.clear()
        self._kinds.clear()
        self._pulls.clear()
        self._subjects.clear()
        self._keys.clear()

    def find(self, sha: str) -> int | None:
        """Return the ordinal, or None if the sha is unknown or ambiguous."""
        found = {ordinal for recent, ordinal in self._recent.items() if recent.startswith(sha)}
        for table in ("commits", "side_commits"):
            query = f"SELECT ordinal FROM {table} WHERE sha >= ? AND sha < ? LIMIT 2"  # noqa: S608 - our own names
            found |= {ordinal for (ordinal,) in self._store.connection.execute(query, (sha, sha + "g"))}
        return found.pop() if len(found) == 1 else None

    def find_pull(self, number: int) -> int | None:
        """Return the ordinal of the change that merged a pull request."""
        if number in self._pulls:
            return self._pulls[number]
        query = "SELECT max(ordinal) FROM commits WHERE pull = ?"
        return self._one(query, number)

    def find_subject(self, subject: str) -> int | None:
        """Return the ordinal of the newest change with a subject."""
        if subject in self._subjects:
            return self._subjects[subject]
        query = (
            "SELECT max(ordinal) FROM commits WHERE ordinal > (SELECT max(ordinal) FROM commits) - ? AND subject = ?"
        )
        return self._one(query, _LAST_SUBJECTS, subject)

    def kind(self, ordinal: int) -> Kind:
        """Return the kind of a change."""
        if ordinal in self._kinds:
            return self._kinds[ordinal]
        query = "SELECT kind FROM commits WHERE ordinal = ?"
        return Kind(self._store.connection.execute(query, (ordinal,)).fetchone()[0])

    def undo_key(self, ordinal: int) -> int | None:
        """Return what a change that reverts this one by its patch has as key; see `reversals`."""
        if ordinal in self._keys:
            return self._keys[ordinal][1]
        return self._one("SELECT undo_key FROM commits WHERE ordinal = ?", ordinal)

    def clock(self, ordinal: int) -> int:
        """Return the time of a change in Unix seconds."""
        if ordinal in self._keys:
            return self._keys[ordinal][0]
        return self._one("SELECT clock FROM commits WHERE ordinal = ?", ordinal) or 0

    def _one(self, query: str, *values: object) -> int | None:
        row = self._store.connection.execute(query, values).fetchone()
        return int(row[0]) if row and row[0] is not None else None


def link_reverts(store: Store, commits: CommitLookup, ordinal: int, message: Message, reversed_change: int) -> Kind:
    """Link a revert to the changes that it reverts. Returns the kind of the change.

    reversed_change: the ordinal of the change whose patch this one reverses; 0 if there is none.
    The link of a revert that is reverted itself gets `undone_by`. It counts again if the second revert is reverted too.
    """
    kind = message.kind
    for reverted in _named(commits, message) or ([reversed_change] if reversed_change else []):
        kind = Kind.REAPPLY if commits.kind(reverted) is Kind.REVERT else Kind.REVERT
        store.rows["links"].append((ordinal, reverted, "revert", None, 0, None, None))
        store.updates.append(("UPDATE links SET undone_by = NULL WHERE undone_by = ?", (reverted,)))
        store.updates.append(("UPDATE links SET undone_by = ? WHERE fix = ? AND how = 'revert'", (ordinal, reverted)))
    return kind


def _named(commits: CommitLookup, message: Message) -> list[int]:
    """Return the ordinals of the changes that the message names: by the first way that finds one."""
    undone = message.undone
    if not undone.says:
        return []
    found = [commits.find(sha) for sha in undone.shas] or [commits.find_pull(number) for number in undone.pulls]
    if not any(found) and undone.shas:
        found = [commits.find_pull(number) for number in undone.pulls]
    if not any(found) and undone.subject:
        found = [commits.find_subject(undone.subject)]
    return list(dict.fromkeys(ordinal for ordinal in found if ordinal))


def causes_of(commits: CommitLookup, message: Message) -> list[int]:
    """Return the ordinals of the changes that a fix names as the cause of the fault."""
    found = (commits.find(sha) for sha in message.causes)
    return list(dict.fromkeys(ordinal for ordinal in found if ordinal))
