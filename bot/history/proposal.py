"""Reads from the index the history and the features of a change that is not merged yet, as of its merge base."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.features import ChangeFeatures
from bot.domain.files import FileChange, FileStatus, Hunk
from bot.domain.history import Contributor, FileHistory, HistoryFacts
from bot.domain.kinds import ClassifierFrom, Described, Kind
from bot.domain.periods import YEAR
from bot.history.features import Authorship, ChangedFile, features_of
from bot.history.file_mix import mix_of
from bot.history.index import HistoryIndex, file_histories
from bot.history.labels import known_faulty
from bot.history.messages import read_message
from bot.history.ownership import owned_lines, persons_by_ordinal
from bot.history.people import Ident, person_keys
from bot.history.prepare import with_written
from bot.history.programs import login_of
from bot.history.state import Authors, AuthorState, Files, FileState
from bot.history.store import Store
from bot.history.traits import traits_of
from bot.news import is_fragment

_NOBODY = -1
_HOTTEST_QUANTILE = 0.95
_MAX_FILES = 100
_MAX_CONTRIBUTORS = 30


@dataclass(frozen=True, slots=True)
class ProposedChange:
    """A change that is not merged yet.

    base: the sha of its merge base. Later changes do not count.
    files: files that are left out of the analysis do not count.
    author: the ident of its author.
    others: the idents of those who also took part in it: wrote, committed or merged some of it.
    title: it decides whether the change is a fix.
    now: the time of its head in Unix seconds; 0 if it has no known date.
    is_labelled_fix: whether it, or an issue that it closes, is labelled as a fault.
    since: how its files changed from the base to the head of the index, whose lines the line origins are of, by path;
        None if that is not known.
    """

    base: str
    files: Sequence[FileChange]
    author: Ident | None
    title: str
    now: int
    others: tuple[Ident, ...] = ()
    is_labelled_fix: bool = False
    since: Mapping[str, tuple[Hunk, ...]] | None = field(default_factory=dict)


def history_facts(index: HistoryIndex, change: ProposedChange) -> HistoryFacts:
    """Return the history of a change without its risk. The index must end at its base (`as_of`)."""
    now = max(change.now, index.clock)
    return HistoryFacts(
        now=now,
        changes=index.changes,
        known_faulty=known_faulty(index),
        files=_histories(index, change.files, now),
        author=person_of(index, change.author),
        present=frozenset(person for ident in change.others if (person := person_of(index, ident)) is not None),
        hottest=hottest(index, now),
        truncated=index.is_truncated,
    )


def _histories(index: HistoryIndex, files: Sequence[FileChange], now: int) -> tuple[FileHistory, ...]:
    """Return the histories of the changed files with their paths at the head, and only contributors who own lines."""
    pairs = [(file.path, file.old_path or file.path) for file in files if file.left_out is None][:_MAX_FILES]
    found = file_histories(index, [old_path for _, old_path in pairs], now)
    return tuple(
        replace(history, path=path, contributors=_owners(history))
        for path, old_path in pairs
        if (history := found.get(old_path)) is not None
    )


def _owners(history: FileHistory) -> tuple[Contributor, ...]:
    return tuple(contributor for contributor in history.contributors if contributor.lines)[:_MAX_CONTRIBUTORS]


def person_of(index: HistoryIndex, ident: Ident | None) -> int | None:
    """Return the person of an ident, or None for a new person: by the address, else by what joins idents to persons."""
    if ident is None or not ident[1]:
        return None
    query = "SELECT person FROM idents WHERE email = ? COLLATE NOCASE ORDER BY name <> ? LIMIT 1"
    if row := index.connection.execute(query, (ident[1], ident[0])).fetchone():
        return int(row[0])
    keys = set(person_keys(*ident))
    query = "SELECT name, email, person FROM idents WHERE name = ? COLLATE NOCASE OR email LIKE ? ESCAPE '\\'"
    login = (login_of(ident[1]) or "?").replace("_", "\\_")
    rows = index.connection.execute(query, (ident[0], f"%{login}@users.noreply.github.com"))
    return next((int(person) for name, email, person in rows if keys & set(person_keys(name, email))), None)


def proposed_features(
    index: HistoryIndex, change: ProposedChange, classifier: ClassifierFrom | None = None
) -> ChangeFeatures:
    """Return the features of a change, computed as for the changes in the index.

    classifier: what the index was updated with.
    """
    connection = index.connection
    store, author = Store(connection), person_of(index, change.author)
    states, persons = Files(store, empty=False), dict(connection.execute("SELECT id, person FROM idents"))
    persons_of_lines, person = persons_by_ordinal(connection), _NOBODY if author is None else author
    files = []
    for file in change.files:
        traits = traits_of(file.path)
        if file.left_out is None and traits.counted:
            state = states.get(file.old_path or file.path) or FileState(0, file.path)
            own = owned_lines(connection, state.number, persons_of_lines).get(person, 0) if state.number else 0
            lines = len(state.origins) if file.before is None else _count_lines(file.before)
            files.append(ChangedFile(state, traits, file.added or 0, file.deleted or 0, lines, min(own, lines)))
    author_state = AuthorState() if author is None else Authors(store).get(author)
    clock = max(change.now, index.clock)
    return features_of(files, Authorship(author_state, person, persons, clock, _is_fix(index, change, classifier)))


def _is_fix(index: HistoryIndex, change: ProposedChange, classifier: ClassifierFrom | None) -> bool:
    added = [file for file in change.files if file.status is FileStatus.ADDED and is_fragment(file.path)]
    fragments = [(file.path, (file.after or "").encode("utf-8", "replace").split(b"\n")) for file in added]
    message = with_written(read_message(change.title), fragments)
    if change.is_labelled_fix and not message.stated:
        return True
    if message.stated or classifier is None:
        return message.kind is Kind.FIX
    files = mix_of(
        (file.path, "A" if file.status is FileStatus.ADDED else "M", file.added or 0, file.deleted or 0)
        for file in change.files
    )
    described = Described(message.subject, message.body, message.kind, files)
    return (classifier(index.meta.get("kinds", b"")).kinds([described])[0] or message.kind) is Kind.FIX


def _count_lines(text: str) -> int:
    return text.count("\n") + (not text.endswith("\n"))


def hottest(index: HistoryIndex, now: int) -> int:
    """Return the number of revisions in the year that a code file needs to be in the most changed 5 %.

    Revisions of bots do not count.
    """
    rows = index.connection.execute(
        "SELECT count(*) FROM commits c JOIN revisions r ON r.ordinal = c.ordinal JOIN entities e ON e.id = r.entity"
        " WHERE c.clock > ? AND c.clock <= ? AND NOT c.bot AND NOT c.mass AND NOT c.versions"
        " AND e.alive AND e.flags & 1 AND NOT e.flags & 30 GROUP BY e.id ORDER BY 1",
        (now - YEAR, now),
    ).fetchall()
    return int(rows[int(len(rows) * _HOTTEST_QUANTILE)][0]) if rows else 0


def as_of(index: HistoryIndex, sha: str) -> HistoryIndex:
    """Return the index as of a commit, or as of the merge that introduced the commit. Later changes are not visible.

    Line origins and paths remain those of the head of the index. Only data about changes goes back in time.
    """
    connection = index.connection
    row = connection.execute(
        "SELECT ordinal FROM main.commits WHERE sha = ?"
        " UNION ALL SELECT ordinal FROM side_commits WHERE sha = ? LIMIT 1",
        (sha, sha),
    ).fetchone()
    if row is None or row[0] >= index.changes:
        return index
    ordinal = int(row[0])
    connection.execute("PRAGMA query_only = 0")
    # A view of the temporary schema hides the table with the same name (sqlite.org/lang_naming.html).
    for table, column in (("commits", "ordinal"), ("revisions", "ordinal"), ("features", "ordinal"), ("links", "fix")):
        connection.execute(
            f"CREATE TEMP VIEW {table} AS SELECT * FROM main.{table} WHERE {column} <= {ordinal}"  # noqa: S608
        )
    connection.execute("PRAGMA query_only = 1")
    clock = connection.execute("SELECT clock FROM main.commits WHERE ordinal = ?", (ordinal,)).fetchone()[0]
    return HistoryIndex(connection, index.meta | {"commits": ordinal, "clock": clock})
