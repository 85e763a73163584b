"""insights: an index for the remarks of a repository, which the pages list and count"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_COLUMNS = ["repository_id", "current", "standing", "created_at", "id"]
_NAME = f"ix_insights_{'_'.join(_COLUMNS)}"


def upgrade() -> None:
    op.create_index(_NAME, "insights", _COLUMNS)


def downgrade() -> None:
    op.drop_index(_NAME, table_name="insights")
