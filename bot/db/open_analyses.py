"""The analyses whose current remarks are open: there is still something to do about them."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from bot.db.tables import Analysis, OpenPullRow
from bot.domain.analyses import WHOLE_REPOSITORY_KINDS


def open_analyses(repository_ids: Collection[UUID] | ColumnElement[UUID]) -> Select[UUID]:
    """The ids of the analyses of whole repositories, and of the newest heads of open pull requests, as a subquery.

    Remarks on merged and closed pull requests, on earlier heads and on pushes stay in the lists; they are not open.
    repository_ids: their repositories, or a parameter for one.
    """
    one = isinstance(repository_ids, ColumnElement)
    ours = Analysis.repository_id == repository_ids if one else Analysis.repository_id.in_(repository_ids)
    waiting = exists().where(
        OpenPullRow.repository_id == Analysis.repository_id,
        OpenPullRow.number == Analysis.pull_number,
        OpenPullRow.head_sha == Analysis.head_sha,
    )
    of_open = and_(Analysis.pull_number.is_not(None), waiting)
    return select(Analysis.id).where(ours, or_(Analysis.kind.in_(WHOLE_REPOSITORY_KINDS), of_open))
