"""issues, pull requests and what else is synced from GitHub; dismissals; `insights.updated_at`"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def _id() -> sa.Column[object]:
    return sa.Column("id", sa.Uuid(), nullable=False)


def _belongs(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE")


def _key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def _index(table: str, *columns: str, unique: bool = False) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=unique)


def upgrade() -> None:
    _items()
    _responses()
    _labels()
    _milestones()
    _releases()
    _contributors()
    _sync_states()
    _dismissals()
    op.add_column("insights", sa.Column("updated_at", _MOMENT, nullable=True))


def _items() -> None:
    op.create_table(
        "items",
        _id(),
        sa.Column("repository_id", sa.Uuid(), nullable=False),
        sa.Column("github_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author", JSON, nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_reason", sa.String(length=40), nullable=True),
        sa.Column("labels", JSON, nullable=False),
        sa.Column("milestone", sa.BigInteger(), nullable=True),
        sa.Column("comments", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.Column("draft", sa.Boolean(), nullable=True),
        sa.Column("base_ref", sa.String(length=1024), nullable=True),
        sa.Column("head_sha", sa.String(length=64), nullable=True),
        sa.Column("merge_commit_sha", sa.String(length=64), nullable=True),
        sa.Column("merged_at", _MOMENT, nullable=True),
        sa.Column("merged_by", JSON, nullable=True),
        sa.Column("seen_at", _MOMENT, nullable=False),
        _key("items"),
        _belongs("items", "repository_id", "repositories.id"),
    )
    _index("items", "repository_id", "kind", "state", "created_at")
    _index("items", "repository_id", "number", unique=True)
    _index("items", "repository_id", "updated_at")


def _responses() -> None:
    op.create_table(
        "responses",
        _id(),
        sa.Column("repository_id", sa.Uuid(), nullable=False),
        sa.Column("github_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("author", JSON, nullable=True),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=True),
        sa.Column("seen_at", _MOMENT, nullable=False),
        _key("responses"),
        _belongs("responses", "repository_id", "repositories.id"),
    )
    _index("responses", "repository_id", "kind", "github_id", unique=True)
    _index("responses", "repository_id", "number")


def _labels() -> None:
    op.create_table(
        "labels",
        _id(),
        sa.Column("repository_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("color", sa.String(length=20), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        _key("labels"),
        _belongs("labels", "repository_id", "repositories.id"),
    )
    _index("labels", "repository_id", "name", unique=True)


def _milestones() -> None:
    op.create_table(
        "milestones",
        _id(),
        sa.Column("repository_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("due_on", _MOMENT, nullable=True),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.Column("seen_at", _MOMENT, nullable=False),
        _key("milestones"),
        _belongs("milestones", "repository_id", "repositories.id"),
    )
    _index("milestones", "repository_id", "number", unique=True)


def _releases() -> None:
    op.create_table(
        "releases",
        _id(),
        sa.Column("repository_id", sa.Uuid(), nullable=False),
        sa.Column("github_id", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.String(length=1024), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("author", JSON, nullable=True),
        sa.Column("draft", sa.Boolean(), nullable=False),
        sa.Column("prerelease", sa.Boolean(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("published_at", _MOMENT, nullable=True),
        sa.Column("seen_at", _MOMENT, nullable=False),
        _key("releases"),
        _belongs("releases", "repository_id", "repositories.id"),
    )
    _index("releases", "repository_id", "github_id", unique=True)
    _index("releases", "repository_id", "published_at")


def _contributors() -> None:
    op.create_table(
        "contributors",
        _id(),
        sa.Column("repository_id", sa.Uuid(), nullable=False),
        sa.Column("github_id", sa.BigInteger(), nullable=False),
        sa.Column("login", sa.String(length=255), nullable=False),
        sa.Column("is_bot", sa.Boolean(), nullable=False),
        sa.Column("contributions", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        _key("contributors"),
        _belongs("contributors", "repository_id", "repositories.id"),
    )
    _index("contributors", "repository_id", "contributions")
    _index("contributors", "repository_id", "github_id", unique=True)


def _sync_states() -> None:
    op.create_table(
        "sync_states",
        _id(),
        sa.Column("repository_id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("position", JSON, nullable=True),
        sa.Column("etags", JSON, nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("since", _MOMENT, nullable=True),
        sa.Column("pass_started_at", _MOMENT, nullable=True),
        sa.Column("completed_at", _MOMENT, nullable=True),
        sa.Column("full_at", _MOMENT, nullable=True),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("lease_until", _MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        _key("sync_states"),
        _belongs("sync_states", "repository_id", "repositories.id"),
    )
    _index("sync_states", "repository_id", "resource", unique=True)
    _index("sync_states", "status", "due_at")


def _dismissals() -> None:
    op.create_table(
        "dismissals",
        _id(),
        sa.Column("repository_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        _key("dismissals"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_dismissals_user_id"), ondelete="SET NULL"),
        _belongs("dismissals", "repository_id", "repositories.id"),
    )
    _index("dismissals", "repository_id", "fingerprint", unique=True)


def downgrade() -> None:
    op.drop_column("insights", "updated_at")
    op.drop_table("dismissals")
    op.drop_table("sync_states")
    op.drop_table("contributors")
    op.drop_table("releases")
    op.drop_table("milestones")
    op.drop_table("labels")
    op.drop_table("responses")
    op.drop_table("items")
