"""A change that is not made yet, as the index sees it: the features that it would have, and where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.history.features import Deliveries, Moment, Touched, features_of
from bot.history.index import DAY, HistoryIndex
from bot.history.ownership import owned_lines, persons_by_ordinal
from bot.history.people import Ident
from bot.history.state import Authors, AuthorState, Files, FileState
from bot.history.store import Store
from bot.history.traits import traits_of

NOBODY = -1
_HOTTEST = 0.95


@dataclass(frozen=True, slots=True)
class ProposedFile:
    """One file of the change. path_before: where the index knows it. added, deleted: lines.

    lines_before: of the file where the change starts; None where the index's own count has to do.
    """

    path: str
    path_before: str
    added: int
    deleted: int
    lines_before: int | None = None


def person_of(index: HistoryIndex, ident: Ident | None) -> int | None:
    """The person behind a name and an address, by the address; None for somebody new."""
    if ident is None or not ident[1]:
        return None
    query = "SELECT person FROM idents WHERE email = ? COLLATE NOCASE ORDER BY name <> ? LIMIT 1"
    row = index.connection.execute(query, (ident[1], ident[0])).fetchone()
    return row[0] if row else None


def proposed_features(
    index: HistoryIndex, files: Sequence[ProposedFile], *, author: int | None, now: int, fix: bool
) -> tuple[float, ...]:
    """The values of `schema.FEATURES`, counted exactly as for the changes in the index."""
    connection = index.connection
    store = Store(connection)
    states, persons = Files(store, empty=False), dict(connection.execute("SELECT id, person FROM idents"))
    made_by = persons_by_ordinal(connection)
    me = NOBODY if author is None else author
    touched = []
    for file in files:
        traits = traits_of(file.path)
        if traits.counted:
            state = states.at(file.path_before) or FileState(0, file.path)
            own = owned_lines(connection, state.number, made_by).get(me, 0) if state.number else 0
            lines = len(state.origins) if file.lines_before is None else file.lines_before
            touched.append(Touched(state, traits, file.added, file.deleted, lines, min(own, lines)))
    known = AuthorState() if author is None else Authors(store).of(author)
    return features_of(touched, Moment(known, now, fix), Deliveries(persons, me))


def hottest(index: HistoryIndex, now: int) -> int:
    """Revisions in the last year that a code file needs to be among the most changed twentieth of those changed."""
    rows = index.connection.execute(
        "SELECT count(*) FROM commits c JOIN revisions r ON r.ordinal = c.ordinal JOIN entities e ON e.id = r.entity"
        " WHERE c.clock > ? AND c.clock <= ? AND NOT c.bot AND NOT c.mass AND e.alive AND e.flags & 1"
        " AND NOT e.flags & 30 GROUP BY e.id ORDER BY 1",
        (now - 365 * DAY, now),
    ).fetchall()
    return int(rows[int(len(rows) * _HOTTEST)][0]) if rows else 0


def revisions_before(index: HistoryIndex, path: str, since: int, until: int) -> int:
    """Revisions of the file at a path between two moments."""
    row = index.connection.execute(
        "SELECT count(*) FROM entities e JOIN revisions r ON r.entity = e.id JOIN commits c ON c.ordinal = r.ordinal"
        " WHERE e.path = ? AND c.clock > ? AND c.clock <= ?",
        (path, since, until),
    ).fetchone()
    return int(row[0])


def as_of(index: HistoryIndex, sha: str) -> HistoryIndex:
    """The index without what came after a commit of its history, or after the merge that brought it.

    Line origins and paths stay those of the index's head: only what is counted per change goes back in time.
    """
    connection = index.connection
    row = connection.execute(
        "SELECT ordinal FROM main.commits WHERE sha = ? UNION ALL SELECT ordinal FROM sides WHERE sha = ? LIMIT 1",
        (sha, sha),
    ).fetchone()
    last = index.meta.get("commits", 0)
    if row is None or row[0] >= last:
        return index
    ordinal = int(row[0])
    connection.execute("PRAGMA query_only = 0")
    # Views of the temporary schema stand before the tables of the same name (sqlite.org/lang_naming.html).
    for table, column in (("commits", "ordinal"), ("revisions", "ordinal"), ("features", "ordinal"), ("links", "fix")):
        connection.execute(
            f"CREATE TEMP VIEW {table} AS SELECT * FROM main.{table} WHERE {column} <= {ordinal}"  # noqa: S608
        )
    connection.execute("PRAGMA query_only = 1")
    clock = connection.execute("SELECT clock FROM main.commits WHERE ordinal = ?", (ordinal,)).fetchone()[0]
    return HistoryIndex(connection, index.meta | {"commits": ordinal, "clock": clock})
