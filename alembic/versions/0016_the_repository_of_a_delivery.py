"""deliveries: the repository that the payload names, so that admins find those of one repository"""

import sqlalchemy as sa

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_INDEX = "ix_deliveries_repository_status_received_at"


def upgrade() -> None:
    # None for what is stored already: reading it would mean to decompress every payload.
    op.add_column("deliveries", sa.Column("repository", sa.String(201), nullable=True))
    op.create_index(_INDEX, "deliveries", ["repository", "status", "received_at"])


def downgrade() -> None:
    op.drop_index(_INDEX, table_name="deliveries")
    op.drop_column("deliveries", "repository")
