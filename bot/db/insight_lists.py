"""Lists of stored insights, page by page; the most frequent query of the API.

The statements are made once per combination of filters: making one takes longer than running it. They select columns,
not objects of SQLAlchemy. A page is found by the columns of an index alone; table rows are read for this page only.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, func, or_, select, tuple_

from bot.db.anchors import DEEP, Place
from bot.db.dismissals import dismissed_ids_at, find_dismissals_by_id
from bot.db.engine import Database, now
from bot.db.github_tables import ItemRow
from bot.db.open_analyses import is_open
from bot.db.page import Page
from bot.db.stored_insights import StoredInsight
from bot.db.stored_items import ItemTitle
from bot.db.tables import InsightRow
from bot.domain.dismissals import LATER, Dismissal
from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, Standing
from bot.text import plain

_COLUMNS = (
    "id",
    "analysis_id",
    "pull_request",
    "head_sha",
    "type",
    "rule",
    "standing",
    "severity",
    "title",
    "description",
    "remedy",
    "confidence_score",
    "confidence_reason",
    "evidence",
    "locations",
    "tags",
    "fingerprint",
    "model_version",
    "dismissal_id",
    "created_at",
    "updated_at",
)
_SHAPES = 256
MOST_WORDS = 4
_FIRST_PLACE = InsightRow.__table__.c.locations[(0, "path")].as_string()
SEARCHED = 10_000  # for words: comparing the texts of 100,000 insights takes more than a second


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightFilter:
    """Criteria for a list of insights; None means any.

    dismissed: whether a dismissal covers them now.
    is_open: True: only open ones (`db.open_analyses`).
    path: of the first place.
    words: each is in the title, the description, the rule or the first place, in any case; at most MOST_WORDS are used.

    For `path` and `words`, only the newest SEARCHED insights that match the rest are searched.
    """

    type: InsightType | None = None
    severity: Severity | None = None
    pull_request: int | None = None
    since: datetime | None = None
    analysis_id: UUID | None = None
    standing: Standing | None = None
    dismissed: bool | None = None
    is_open: bool = False
    path: str | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedInsights(Page[StoredInsight]):
    """One page. titles: of their pull requests, by number; those that are not synced are absent."""

    titles: Mapping[int, ItemTitle] = field(default_factory=dict)


async def list_insights(
    db: Database, repository_id: UUID, filters: InsightFilter, *, limit: int, offset: int, after: Place | None = None
) -> ListedInsights:
    """Insights, newest first: the current ones, or all of one analysis.

    after: the page begins behind this insight, however deep it is in the list; then `offset` is not used.
    The total of a long list, and a page deep in it by its offset, can be some seconds old.
    """
    chosen = _chosen(filters)
    # Binary comparisons: True is not 1 here, since both are names of shapes.
    shape = frozenset(chosen) | {f"dismissed={filters.dismissed}", f"open={filters.is_open}"}
    moment = now()
    values: dict[str, Any] = chosen | {"repository_id": repository_id, "ends": moment - LATER, "limit": limit}
    key = (repository_id, filters)
    anchor = db.anchors.nearest(key, offset) if after is None else None

    def read(connection: Connection) -> tuple[int, list[Row[Any]]]:
        total = db.totals.get(key, lambda: connection.execute(_count(shape), values).scalar() or 0)
        if after is not None:
            begin = {"created_at": after.created_at, "id": after.id, "offset": 0}
            return total, list(connection.execute(_page(shape, "after"), values | begin))
        if anchor is not None:
            place, skipped = anchor
            begin = {"created_at": place.created_at, "id": place.id, "offset": offset - skipped}
            return total, list(connection.execute(_page(shape, "from"), values | begin))
        return total, list(connection.execute(_page(shape, ""), values | {"offset": offset}))

    total, rows = await db.query(read)
    if after is None and offset >= DEEP and rows:
        db.anchors.put(key, offset, Place(rows[0].created_at, rows[0].id))
    covering = {row.dismissal_id for row in rows if row.dismissal_id is not None}
    dismissals = await find_dismissals_by_id(db, covering, moment) if covering else {}
    items = [_stored(row, repository_id, dismissals.get(row.dismissal_id)) for row in rows]
    titles = {row.pull_request: _title(row) for row in rows if row.item_title is not None}
    return ListedInsights(items, total, titles)


def _chosen(filters: InsightFilter) -> dict[str, Any]:
    values: dict[str, Hashable | None] = {
        "type": filters.type and filters.type.value,
        "severity": filters.severity and filters.severity.value,
        "pull_request": filters.pull_request,
        "standing": filters.standing and filters.standing.value,
        "analysis_id": filters.analysis_id,
        "since": filters.since,
        "path": filters.path,
    }
    values |= {f"word{place}": _like(word) for place, word in enumerate(filters.words[:MOST_WORDS])}
    return {name: value for name, value in values.items() if value is not None}


def _like(word: str) -> str:
    escaped = word.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _conditions(shape: frozenset[str]) -> list[ColumnElement[bool]]:
    """The conditions of a combination of filters; their values are parameters."""
    columns = InsightRow.__table__.c
    conditions = [columns.repository_id == bindparam("repository_id")]
    conditions += [
        columns[name] == bindparam(name)
        for name in ("type", "severity", "pull_request", "standing", "analysis_id")
        if name in shape
    ]
    if "analysis_id" not in shape:
        conditions.append(columns.current.is_(True))
    if "since" in shape:
        conditions.append(columns.created_at >= bindparam("since"))
    if "dismissed=None" not in shape:
        known = dismissed_ids_at(bindparam("repository_id"), bindparam("ends"))
        conditions.append(columns.id.in_(known) if "dismissed=True" in shape else columns.id.not_in(known))
    if "open=True" in shape:
        conditions.append(is_open(columns.analysis_id))
    words = [_has(f"word{place}") for place in range(MOST_WORDS) if f"word{place}" in shape]
    if "path" in shape:
        words.append(bindparam("path") == _FIRST_PLACE)
    if words:
        newest = select(columns.id).where(*conditions).order_by(columns.created_at.desc(), columns.id.desc())
        conditions.append(columns.id.in_(newest.limit(SEARCHED).correlate(None)))
    return conditions + words


def _has(name: str) -> ColumnElement[bool]:
    """A word is in the title, the description, the rule or the first place."""
    columns = InsightRow.__table__.c
    texts = (columns.title, columns.description, columns.rule, _FIRST_PLACE)
    return or_(*(func.lower(text).like(bindparam(name), escape="\\") for text in texts))


@lru_cache(maxsize=_SHAPES)
def _count(shape: frozenset[str]) -> Select[int]:
    return select(func.count(InsightRow.__table__.c.id)).where(*_conditions(shape))


@lru_cache(maxsize=_SHAPES)
def _page(shape: frozenset[str], begin: str) -> Select[Any]:
    """The statement of a page. begin: `after` or `from` an insight, or an empty string."""
    insights, items = InsightRow.__table__, ItemRow.__table__
    newest_first = (insights.c.created_at.desc(), insights.c.id.desc())
    conditions = _conditions(shape)
    if begin:
        own = tuple_(insights.c.created_at, insights.c.id)
        place = tuple_(
            bindparam("created_at", type_=insights.c.created_at.type), bindparam("id", type_=insights.c.id.type)
        )
        conditions.append(own < place if begin == "after" else own <= place)
    ids = select(insights.c.id).where(*conditions).order_by(*newest_first)
    page = ids.limit(bindparam("limit")).offset(bindparam("offset")).subquery()
    columns = [insights.c["way_out" if name == "remedy" else name].label(name) for name in _COLUMNS]
    of_pull = and_(items.c.repository_id == insights.c.repository_id, items.c.number == insights.c.pull_request)
    return (
        select(*columns, items.c.title.label("item_title"), items.c.author.label("item_author"))
        .select_from(insights)
        .join(page, page.c.id == insights.c.id)
        .outerjoin(items, of_pull)
        .order_by(*newest_first)
    )


def _title(row: Row[Any]) -> ItemTitle:
    author = cast("dict[str, Any] | None", row.item_author)
    return ItemTitle(plain(row.item_title), plain(author["login"]) if author else None)


def _stored(row: Sequence[Any], repository_id: UUID, dismissal: Dismissal | None) -> StoredInsight:
    """The insight of a row, whose columns are in the order of `_COLUMNS`: by name they take twice the time."""
    identifier, analysis_id, pull_request, head_sha, kind, rule, standing, severity, title, description, *rest = row
    remedy, score, reason, evidence, locations, tags, fingerprint, version, _, created_at, updated_at, *_ = rest
    return StoredInsight(
        id=identifier,
        repository_id=repository_id,
        analysis_id=analysis_id,
        pull_request=pull_request,
        head_sha=head_sha,
        model_version=version,
        created_at=created_at,
        updated_at=updated_at or created_at,
        dismissal=dismissal,
        insight=Insight(
            type=InsightType(kind),
            rule=rule,
            standing=Standing(standing),
            title=title,
            description=description,
            remedy=remedy,
            severity=Severity(severity),
            confidence=Confidence(score, reason),
            evidence=evidence,
            locations=tuple([Location(**place) for place in locations]),
            tags=tuple(tags),
            fingerprint=fingerprint,
        ),
    )
