"""object ids have up to 64 digits"""

from collections.abc import Mapping

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "analyses": ("head_sha", "base_sha", "merge_base"),
    "insights": ("head_sha",),
    "predictions": ("head_sha", "landed_sha"),
    "snapshots": ("head_sha",),
    "open_pulls": ("head_sha",),
}


def upgrade() -> None:
    _change("VARCHAR(64)")


def downgrade() -> None:
    _change("VARCHAR(40) USING left({column}, 40)")


def _change(to: str) -> None:
    """Change the types on PostgreSQL. SQLite checks no lengths.

    PostgreSQL reads no row to widen one (postgresql.org/docs/current/sql-altertable.html, "Notes").
    """
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, columns in _COLUMNS.items():
        changes = ", ".join(f"ALTER COLUMN {column} TYPE {to.format(column=column)}" for column in columns)
        op.execute(f"ALTER TABLE {table} {changes}")
