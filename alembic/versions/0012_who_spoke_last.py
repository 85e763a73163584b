"""analyses: attempts that do not count, and whether a person asked; pull requests: which analysis spoke last"""

import sqlalchemy as sa

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("analyses", sa.Column("uncounted", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("analyses", sa.Column("waits_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("analyses", sa.Column("by_request", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("pull_requests", sa.Column("verdict_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("pull_requests", "verdict_id")
    op.drop_column("analyses", "by_request")
    op.drop_column("analyses", "waits_since")
    op.drop_column("analyses", "uncounted")
