"""users, tokens, the audit log; whole-repository analyses; indexes for the lists of the API"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_LISTS = {
    "ix_insights_repository_id_created_at_id": ["repository_id", "created_at", "id"],
    "ix_insights_repository_id_type_created_at": ["repository_id", "type", "created_at"],
    "ix_insights_repository_id_pull_request_created_at": ["repository_id", "pull_request", "created_at"],
}
_COLUMNS = ([], ["type"], ["severity"], ["pull_request"])


def upgrade() -> None:
    _access()
    op.add_column("repositories", sa.Column("notification_settings", JSON, nullable=False, server_default="{}"))
    op.add_column("repositories", sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("analyses", sa.Column("wanted", JSON, nullable=True))
    op.add_column("insights", sa.Column("current", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_index("ix_analyses_repository_id_created_at_id", "analyses", ["repository_id", "created_at", "id"])
    op.create_index("ix_analyses_repository_id_pull_number", "analyses", ["repository_id", "pull_number"])
    for name in _LISTS:
        op.drop_index(name, "insights")
    for extra in _COLUMNS:
        columns = ["repository_id", "current", *extra, "created_at", "id"]
        op.create_index(f"ix_insights_{'_'.join(columns)}", "insights", columns)


def downgrade() -> None:
    for extra in _COLUMNS:
        op.drop_index(f"ix_insights_{'_'.join(['repository_id', 'current', *extra, 'created_at', 'id'])}", "insights")
    for name, columns in _LISTS.items():
        op.create_index(name, "insights", columns)
    op.drop_index("ix_analyses_repository_id_pull_number", "analyses")
    op.drop_index("ix_analyses_repository_id_created_at_id", "analyses")
    op.drop_column("insights", "current")
    op.drop_column("analyses", "wanted")
    op.drop_column("repositories", "registered_at")
    op.drop_column("repositories", "notification_settings")
    for table in ("audit_log", "tokens", "users"):
        op.drop_table(table)


def _access() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("github_id", sa.BigInteger(), nullable=True),
        sa.Column("login", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("avatar_url", sa.String(length=1000), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_index("ix_users_github_id", "users", ["github_id"], unique=True)
    op.create_index("ix_users_login", "users", ["login"])
    op.create_table(
        "tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_tokens_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
    )
    op.create_index("ix_tokens_user_id_created_at", "tokens", ["user_id", "created_at"])
    op.create_index("ix_tokens_expires_at", "tokens", ["expires_at"])
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.String(length=100), nullable=False),
        sa.Column("subject", sa.String(length=400), nullable=False),
        sa.Column("request_id", sa.String(length=100), nullable=False),
        sa.Column("changes", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_at_id", "audit_log", ["at", "id"])
    op.create_index("ix_audit_log_subject_id_at", "audit_log", ["subject_id", "at"])
