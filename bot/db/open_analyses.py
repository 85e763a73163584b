"""Whether the remarks of an analysis are open: there is still something to do about them."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_

from bot.db.history_tables import OpenPullRow
from bot.db.tables import Analysis
from bot.domain.analyses import WHOLE_REPOSITORY_KINDS


def is_open(analysis_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """The analysis is of a whole repository, or of the newest head of an open pull request.

    Remarks on merged and closed pull requests, on earlier heads and on pushes stay in the lists; they are not open. It
    is asked for each remark: with a list of analyses, SQLite reads all of their insights, notes included.
    """
    waiting = exists().where(
        OpenPullRow.repository_id == Analysis.repository_id,
        OpenPullRow.number == Analysis.pull_number,
        OpenPullRow.head_sha == Analysis.head_sha,
    )
    of_open = and_(Analysis.pull_number.is_not(None), waiting)
    return exists().where(Analysis.id == analysis_id, or_(Analysis.kind.in_(WHOLE_REPOSITORY_KINDS), of_open))
