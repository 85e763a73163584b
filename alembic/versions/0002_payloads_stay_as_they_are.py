"""payloads stay as they are"""

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
    """Payloads are compressed frames already; PostgreSQL would try again on each one that is larger than 2 KB."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE deliveries ALTER COLUMN payload SET STORAGE {storage}")
