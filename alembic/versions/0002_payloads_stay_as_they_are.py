"""PostgreSQL does not compress payloads again"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _store("EXTERNAL")


def downgrade() -> None:
    _store("EXTENDED")


def _store(storage: str) -> None:
    """Set the storage of payloads. They are compressed already; PostgreSQL would compress those above 2 KB again."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE deliveries ALTER COLUMN payload SET STORAGE {storage}")
