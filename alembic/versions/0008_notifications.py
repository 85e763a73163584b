"""notifications: the outbox, webhook endpoints and messages, mail subscriptions"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0008"
down_revision = "0007"
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
    _webhooks()
    _mail()


def _webhooks() -> None:
    op.create_table(
        "outbox",
        _id(),
        sa.Column("repository_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("fanned_out_at", _MOMENT, nullable=True),
        _belongs("outbox", "repository_id", "repositories.id"),
        _key("outbox"),
    )
    _index("outbox", "fanned_out_at", "created_at")
    _index("outbox", "repository_id")
    op.create_table(
        "webhook_endpoints",
        _id(),
        sa.Column("repository_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.Column("failing_since", _MOMENT, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        _belongs("webhook_endpoints", "repository_id", "repositories.id"),
        _key("webhook_endpoints"),
    )
    _index("webhook_endpoints", "repository_id", unique=True)
    op.create_table(
        "webhook_messages",
        _id(),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("outbox_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("next_attempt_at", _MOMENT, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        _belongs("webhook_messages", "endpoint_id", "webhook_endpoints.id"),
        _belongs("webhook_messages", "outbox_id", "outbox.id"),
        _key("webhook_messages"),
    )
    _index("webhook_messages", "status", "next_attempt_at")
    _index("webhook_messages", "endpoint_id", "created_at")
    _index("webhook_messages", "outbox_id", "endpoint_id", unique=True)
    op.create_table(
        "webhook_attempts",
        _id(),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("status_code", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("next_attempt_at", _MOMENT, nullable=True),
        sa.Column("at", _MOMENT, nullable=False),
        _belongs("webhook_attempts", "message_id", "webhook_messages.id"),
        _key("webhook_attempts"),
    )
    _index("webhook_attempts", "message_id", "attempt")


def _mail() -> None:
    op.create_table(
        "mail_subscriptions",
        _id(),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("repository_id", sa.Uuid(), nullable=True),
        sa.Column("frequency", sa.String(length=10), nullable=False),
        sa.Column("off_reason", sa.Text(), nullable=True),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("refusals", sa.BigInteger(), nullable=False),
        sa.Column("next_attempt_at", _MOMENT, nullable=True),
        sa.Column("last_sent_at", _MOMENT, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        _belongs("mail_subscriptions", "repository_id", "repositories.id"),
        _key("mail_subscriptions"),
    )
    _index("mail_subscriptions", "address", "repository_id")
    _index("mail_subscriptions", "repository_id", "frequency")
    op.create_table(
        "mail_items",
        _id(),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("outbox_id", sa.Uuid(), nullable=False),
        sa.Column("sent_at", _MOMENT, nullable=True),
        _belongs("mail_items", "subscription_id", "mail_subscriptions.id"),
        _belongs("mail_items", "outbox_id", "outbox.id"),
        _key("mail_items"),
    )
    _index("mail_items", "subscription_id", "outbox_id", unique=True)
    _index("mail_items", "sent_at", "subscription_id")
    _index("mail_items", "outbox_id")


def downgrade() -> None:
    for table in (
        "mail_items",
        "mail_subscriptions",
        "webhook_attempts",
        "webhook_messages",
        "webhook_endpoints",
        "outbox",
    ):
        op.drop_table(table)
