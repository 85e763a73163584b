"""analyses: the delivery that asked for it last; repositories: since when GitHub does not know them"""

import sqlalchemy as sa

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("analyses", sa.Column("delivery_id", sa.String(100), nullable=True))
    op.add_column("repositories", sa.Column("gone_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("repositories", "gone_since")
    op.drop_column("analyses", "delivery_id")
