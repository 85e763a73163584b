"""insights: which dismissal covers an insight, and an index for the history of a fingerprint"""

import sqlalchemy as sa

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_DISMISSAL = "ix_insights_dismissal_id"
_HISTORY = "ix_insights_repository_id_fingerprint_created_at"


def upgrade() -> None:
    op.add_column("insights", sa.Column("dismissal_id", sa.Uuid(), nullable=True))
    op.create_index(_DISMISSAL, "insights", ["dismissal_id"])
    op.create_index(_HISTORY, "insights", ["repository_id", "fingerprint", "created_at"])


def downgrade() -> None:
    op.drop_index(_HISTORY, "insights")
    op.drop_index(_DISMISSAL, "insights")
    op.drop_column("insights", "dismissal_id")
