"""analyses: the column `kind`, which was derived from `key` and `wanted` before"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_INDEX = "ix_analyses_repository_id_kind_created_at"
_ANALYSES = sa.table(
    "analyses", sa.column("key", sa.String()), sa.column("kind", sa.String()), sa.column("wanted", JSON)
)


def upgrade() -> None:
    # The default is for processes of the version before, which insert rows without a kind until they are replaced.
    op.add_column("analyses", sa.Column("kind", sa.String(length=20), nullable=False, server_default="change"))
    asked_for = _ANALYSES.c.wanted["kind"].as_string()
    op.execute(
        sa.update(_ANALYSES).where(_ANALYSES.c.key.startswith("full:")).values(kind=sa.func.coalesce(asked_for, "full"))
    )
    op.create_index(_INDEX, "analyses", ["repository_id", "kind", "created_at"])


def downgrade() -> None:
    op.drop_index(_INDEX, "analyses")
    op.drop_column("analyses", "kind")
