"""The labels in the rows of issues and pull requests.

GitHub renames or deletes a label on all items at once, without an event on any of them and without a new `updated_at`.
"""

from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.github_tables import ItemRow

# `new` NULL: the label is removed. One statement, because thousands of items can have the label.
_SQLITE = """
UPDATE items SET labels = (
    SELECT json_group_array(CASE WHEN value = :old THEN :new ELSE value END)
    FROM json_each(items.labels) WHERE value != :old OR :new IS NOT NULL
)
WHERE repository_id = :repository_id AND EXISTS (SELECT 1 FROM json_each(items.labels) WHERE value = :old)
"""
_POSTGRES = """
UPDATE items SET labels = coalesce((
    SELECT jsonb_agg(CASE WHEN value = :old THEN CAST(:new AS text) ELSE value END ORDER BY place)
    FROM jsonb_array_elements_text(items.labels) WITH ORDINALITY AS one (value, place)
    WHERE value != :old OR CAST(:new AS text) IS NOT NULL
), '[]'::jsonb)
WHERE repository_id = :repository_id AND labels @> jsonb_build_array(CAST(:old AS text))
"""
_REPOSITORY = bindparam("repository_id", type_=ItemRow.__table__.c.repository_id.type)


async def replace_label(session: AsyncSession, repository_id: UUID, old: str, new: str | None) -> None:
    """Give all items with a label its new name, or remove it from them."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    statement = text(_SQLITE if is_sqlite else _POSTGRES).bindparams(_REPOSITORY)
    await session.execute(statement, {"repository_id": repository_id, "old": old, "new": new})
