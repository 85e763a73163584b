"""Links reverts to the commits that their messages name, and marks the link of a revert that is reverted itself."""

from collections.abc import Iterable

from bot.domain.kinds import Kind
from bot.history.messages import Message
from bot.history.store import Store


class CommitLookup:
    """Finds a commit by its sha or an abbreviated sha. A commit of a side branch is found as its merge.

    Commits since the last checkpoint are in memory; older ones are in the index.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._recent: dict[str, int] = {}
        self._kinds: dict[int, Kind] = {}

    def add(self, sha: str, side_shas: Iterable[str], ordinal: int, kind: Kind) -> None:
        """Add a commit. side_shas: the commits that it introduced, if it is a merge."""
        self._recent[sha] = ordinal
        self._recent.update(dict.fromkeys(side_shas, ordinal))
        self._kinds[ordinal] = kind

    def clear(self) -> None:
        """Remove the commits from memory after a checkpoint. They are in the index now."""
        self._recent.clear()
        self._kinds.clear()

    def find(self, sha: str) -> tuple[int, Kind] | None:
        """Return (ordinal, kind), or None if the sha is unknown or ambiguous."""
        found = {ordinal for recent, ordinal in self._recent.items() if recent.startswith(sha)}
        for table in ("commits", "side_commits"):
            query = f"SELECT ordinal FROM {table} WHERE sha >= ? AND sha < ? LIMIT 2"  # noqa: S608 - our own names
            found |= {ordinal for (ordinal,) in self._store.connection.execute(query, (sha, sha + "g"))}
        if len(found) != 1:
            return None
        ordinal = found.pop()
        if ordinal not in self._kinds:
            query = "SELECT kind FROM commits WHERE ordinal = ?"
            return ordinal, Kind(self._store.connection.execute(query, (ordinal,)).fetchone()[0])
        return ordinal, self._kinds[ordinal]


def link_reverts(store: Store, commits: CommitLookup, ordinal: int, message: Message) -> Kind:
    """Link a revert to the commits that it reverts. Returns the kind of the change.

    The link of a revert that is reverted itself gets `undone_by`. It counts again if the second revert is reverted too.
    """
    kind = message.kind
    for sha in message.reverts:
        target = commits.find(sha)
        if target is None:
            continue
        reverted, reverted_kind = target
        kind = Kind.REAPPLY if reverted_kind is Kind.REVERT else Kind.REVERT
        store.rows["links"].append((ordinal, reverted, "revert", None, 0, None, None))
        store.updates.append(("UPDATE links SET undone_by = NULL WHERE undone_by = ?", (reverted,)))
        store.updates.append(("UPDATE links SET undone_by = ? WHERE fix = ? AND how = 'revert'", (ordinal, reverted)))
    return kind
