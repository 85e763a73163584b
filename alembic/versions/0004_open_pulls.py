"""files and functions that open pull requests touch"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "open_pulls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("repository_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("base_ref", sa.String(length=1024), nullable=False),
        sa.Column("head_sha", sa.String(length=40), nullable=False),
        sa.Column("files", JSON, nullable=False),
        sa.Column("functions", JSON, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_open_pulls_repository_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_pulls")),
    )
    op.create_index(op.f("ix_open_pulls_repository_id_number"), "open_pulls", ["repository_id", "number"], unique=True)
    columns = ["repository_id", "base_ref", "seen_at"]
    op.create_index(op.f("ix_open_pulls_repository_id_base_ref_seen_at"), "open_pulls", columns)
    op.create_index(op.f("ix_open_pulls_seen_at"), "open_pulls", ["seen_at"])


def downgrade() -> None:
    op.drop_table("open_pulls")
