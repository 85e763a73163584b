"""Reverts by the sha that their message names: exact links, and what is left of them when the revert is reverted."""

from collections.abc import Iterable

from bot.history.messages import Kind, Message
from bot.history.store import Store


class Known:
    """Finds the ordinal and kind behind a sha or the beginning of one, written already or not. Commits that a merge
    brought stand for the merge."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._recent: dict[str, int] = {}
        self._kinds: dict[int, Kind] = {}

    def add(self, sha: str, sides: Iterable[str], ordinal: int, kind: Kind) -> None:
        """Remember a commit until the checkpoint."""
        self._recent[sha] = ordinal
        self._recent.update(dict.fromkeys(sides, ordinal))
        self._kinds[ordinal] = kind

    def forget(self) -> None:
        """After the checkpoint the tables know."""
        self._recent.clear()
        self._kinds.clear()

    def find(self, sha: str) -> tuple[int, Kind] | None:
        """(ordinal, kind); None when there is no such commit, or more than one."""
        found = {ordinal for known, ordinal in self._recent.items() if known.startswith(sha)}
        for table in ("commits", "sides"):
            query = f"SELECT ordinal FROM {table} WHERE sha >= ? AND sha < ? LIMIT 2"  # noqa: S608 - our own names
            found |= {ordinal for (ordinal,) in self._store.connection.execute(query, (sha, sha + "g"))}
        if len(found) != 1:
            return None
        ordinal = found.pop()
        if ordinal not in self._kinds:
            query = "SELECT kind FROM commits WHERE ordinal = ?"
            return ordinal, Kind(self._store.connection.execute(query, (ordinal,)).fetchone()[0])
        return ordinal, self._kinds[ordinal]


def note_reverts(store: Store, known: Known, ordinal: int, message: Message) -> Kind:
    """Link a revert to what it reverts; the kind of the change once its target is known.

    A revert that is itself reverted says nothing against its target any more: its link is marked as undone, until the
    revert of the revert is reverted too.
    """
    kind = message.kind
    for sha in message.reverts:
        target = known.find(sha)
        if target is None:
            continue
        reverted, its_kind = target
        kind = Kind.REAPPLY if its_kind is Kind.REVERT else Kind.REVERT
        store.rows["links"].append((ordinal, reverted, "revert", None, 0, None, None))
        store.updates.append(("UPDATE links SET undone = NULL WHERE undone = ?", (reverted,)))
        store.updates.append(("UPDATE links SET undone = ? WHERE fix = ? AND how = 'revert'", (ordinal, reverted)))
    return kind
