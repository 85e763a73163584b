"""A change that is not merged yet, as the index sees it: its past as of its merge base, and its features."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.features import ChangeFeatures
from bot.domain.files import FileChange
from bot.domain.history import FileHistory, HistoryFacts
from bot.domain.periods import YEAR
from bot.history.features import Authorship, TouchedFile, features_of
from bot.history.index import HistoryIndex, file_histories
from bot.history.labels import known_faulty
from bot.history.messages import Kind, read_message
from bot.history.ownership import owned_lines, persons_by_ordinal
from bot.history.people import Ident
from bot.history.state import Authors, AuthorState, Files, FileState
from bot.history.store import Store
from bot.history.traits import traits_of

NOBODY = -1
_HOTTEST = 0.95
_MOST_FILES = 100
_MOST_CONTRIBUTORS = 30


@dataclass(frozen=True, slots=True)
class ProposedChange:
    """base: the commit it starts from; nothing later counts.

    files: those that are left out of the analysis do not count.
    author: name and address of its author. title: it says whether the change is a fix. now: Unix seconds, of its head.
    """

    base: str
    files: Sequence[FileChange]
    author: Ident | None
    title: str
    now: int


def history_facts(index: HistoryIndex, change: ProposedChange) -> HistoryFacts:
    """What an index that ends at the change's base (`as_of`) says of the change, without its risk."""
    now = max(change.now, index.clock)
    return HistoryFacts(
        now=now,
        changes=index.changes,
        known_faulty=known_faulty(index),
        files=_histories(index, change.files, now),
        author=person_of(index, change.author),
        hottest=hottest(index, now),
        truncated=index.is_truncated,
    )


def _histories(index: HistoryIndex, files: Sequence[FileChange], now: int) -> tuple[FileHistory, ...]:
    """The past of the changed files, under their paths at the head, with the contributors who own lines."""
    pairs = [(file.path, file.old_path or file.path) for file in files if file.left_out is None][:_MOST_FILES]
    found = file_histories(index, [old_path for _, old_path in pairs], now)
    return tuple(
        replace(past, path=path, contributors=tuple(one for one in past.contributors if one.lines)[:_MOST_CONTRIBUTORS])
        for path, old_path in pairs
        if (past := found.get(old_path)) is not None
    )


def person_of(index: HistoryIndex, ident: Ident | None) -> int | None:
    """The person behind a name and an address, by the address; None for somebody new."""
    if ident is None or not ident[1]:
        return None
    query = "SELECT person FROM idents WHERE email = ? COLLATE NOCASE ORDER BY name <> ? LIMIT 1"
    row = index.connection.execute(query, (ident[1], ident[0])).fetchone()
    return row[0] if row else None


def proposed_features(index: HistoryIndex, change: ProposedChange) -> ChangeFeatures:
    """The features of a change, counted exactly as for the changes in the index."""
    connection = index.connection
    store, author = Store(connection), person_of(index, change.author)
    states, persons = Files(store, empty=False), dict(connection.execute("SELECT id, person FROM idents"))
    made_by, me = persons_by_ordinal(connection), NOBODY if author is None else author
    touched = []
    for file in change.files:
        traits = traits_of(file.path)
        if file.left_out is None and traits.counted:
            state = states.at(file.old_path or file.path) or FileState(0, file.path)
            own = owned_lines(connection, state.number, made_by).get(me, 0) if state.number else 0
            lines = len(state.origins) if file.before is None else _lines(file.before)
            touched.append(TouchedFile(state, traits, file.added or 0, file.deleted or 0, lines, min(own, lines)))
    known = AuthorState() if author is None else Authors(store).of(author)
    is_fix = read_message(change.title).kind is Kind.FIX
    return features_of(touched, Authorship(known, me, persons, max(change.now, index.clock), is_fix))


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
