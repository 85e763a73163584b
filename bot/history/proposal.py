"""A change that is not merged yet, as the index sees it: its features, and the past as of its merge base."""

from collections.abc import Sequence

from bot.domain.features import ChangeFeatures
from bot.domain.files import FileChange
from bot.domain.periods import YEAR
from bot.history.features import Authorship, TouchedFile, features_of
from bot.history.index import HistoryIndex
from bot.history.ownership import owned_lines, persons_by_ordinal
from bot.history.people import Ident
from bot.history.state import Authors, AuthorState, Files, FileState
from bot.history.store import Store
from bot.history.traits import traits_of

NOBODY = -1
_HOTTEST = 0.95


def person_of(index: HistoryIndex, ident: Ident | None) -> int | None:
    """The person behind a name and an address, by the address; None for somebody new."""
    if ident is None or not ident[1]:
        return None
    query = "SELECT person FROM idents WHERE email = ? COLLATE NOCASE ORDER BY name <> ? LIMIT 1"
    row = index.connection.execute(query, (ident[1], ident[0])).fetchone()
    return row[0] if row else None


def proposed_features(
    index: HistoryIndex, files: Sequence[FileChange], *, author: int | None, now: int, fix: bool
) -> ChangeFeatures:
    """The features of a change, counted exactly as for the changes in the index.

    files: those that are left out of the analysis do not count.
    author: the index's number of the person, None for somebody new. now: Unix seconds. fix: whether it is a fix.
    """
    connection = index.connection
    store = Store(connection)
    states, persons = Files(store, empty=False), dict(connection.execute("SELECT id, person FROM idents"))
    made_by = persons_by_ordinal(connection)
    me = NOBODY if author is None else author
    touched = []
    for file in files:
        traits = traits_of(file.path)
        if file.left_out is None and traits.counted:
            state = states.at(file.old_path or file.path) or FileState(0, file.path)
            own = owned_lines(connection, state.number, made_by).get(me, 0) if state.number else 0
            lines = len(state.origins) if file.before is None else _lines(file.before)
            touched.append(TouchedFile(state, traits, file.added or 0, file.deleted or 0, lines, min(own, lines)))
    known = AuthorState() if author is None else Authors(store).of(author)
    return features_of(touched, Authorship(known, me, persons, now, fix))


def _lines(text: str) -> int:
    return text.count("\n") + (not text.endswith("\n"))


def hottest(index: HistoryIndex, now: int) -> int:
    """The human revisions within a year that a code file needs to be among the most changed twentieth."""
    rows = index.connection.execute(
        "SELECT count(*) FROM commits c JOIN revisions r ON r.ordinal = c.ordinal JOIN entities e ON e.id = r.entity"
        " WHERE c.clock > ? AND c.clock <= ? AND NOT c.bot AND NOT c.mass AND e.alive AND e.flags & 1"
        " AND NOT e.flags & 30 GROUP BY e.id ORDER BY 1",
        (now - YEAR, now),
    ).fetchall()
    return int(rows[int(len(rows) * _HOTTEST)][0]) if rows else 0


def as_of(index: HistoryIndex, sha: str) -> HistoryIndex:
    """The index without what came after a commit of its history, or after the merge that brought it.

    Line origins and paths stay those of the index's head: only what is counted per change goes back in time.
    """
    connection = index.connection
    row = connection.execute(
        "SELECT ordinal FROM main.commits WHERE sha = ? UNION ALL SELECT ordinal FROM sides WHERE sha = ? LIMIT 1",
        (sha, sha),
    ).fetchone()
    if row is None or row[0] >= index.changes:
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
