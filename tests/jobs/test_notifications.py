"""Notifications from end to end: the analysis of a real pull request leads to a signed webhook and a mail."""

import subprocess
from pathlib import Path

from sqlalchemy import select

from bot.db.audit import COMMAND_LINE
from bot.db.endpoints import list_messages, send_test
from bot.db.sealed import Sealer
from bot.db.subscriptions import subscribe
from bot.db.tables import Repository as RepositoryRow
from bot.domain.notifications import Frequency
from tests.endpoints import set_endpoint
from tests.jobs.samples import HARMLESS, TANGLED, UNSAFE
from tests.notify.test_smtp import Postbox, running_smtp
from tests.receiver import running_receiver
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import Stack, eventually, running_stack


async def stored_repository(stack: Stack) -> RepositoryRow:
    async def row() -> RepositoryRow | None:
        async with stack.db.reading() as session:
            found: RepositoryRow | None = await session.scalar(select(RepositoryRow))
            return found

    return await eventually(row, "the repository")


async def test_an_analysis_leads_to_a_signed_webhook_and_a_mail(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    repository.commit("first", {"app/core.py": HARMLESS})
    repository.commit("second", {"app/other.py": HARMLESS})
    repository.branch("topic")
    head = repository.commit("worse", {"app/core.py": TANGLED, "app/shell.py": UNSAFE})
    postbox = Postbox()
    with running_smtp(postbox) as server:
        env = {
            "SMTP_URL": f"smtp://127.0.0.1:{server.port}",
            "MAIL_FROM": "gitinsight@example.org",
            "OUTBOUND_ALLOW": "127.0.0.0/8",
        }
        async with (
            running_receiver() as receiver,
            running_stack(repository.path, tmp_path, valkey, workers=0, env=env) as stack,
        ):
            row = await stored_repository(stack)
            secret = await set_endpoint(stack.db, Sealer(stack.settings.secret_keys), row.id, receiver.url)
            assert secret is not None
            await subscribe(stack.db, "alice@example.net", row.id, Frequency.EACH, by=COMMAND_LINE)
            stack.start_worker()
            analysis = await stack.finished(head)
            worker = stack.start_worker("--deliveries")

            async def arrived() -> bool | None:
                return bool(len(receiver.bodies) >= len(await outbox(stack)) > 0 and postbox.mails) or None

            await eventually(arrived, "a webhook and a mail")
            received = {one["data"]["head_sha"]: one for one in receiver.verified(secret)}
            data = received[head]["data"]
            assert received[head]["type"] == "analysis.completed"
            assert (data["conclusion"], data["pull_request"]) == ("neutral", analysis.pull_number)
            assert data["url"].endswith(f"/repositories/{row.id}/analyses/{analysis.id}")
            assert {"app/core.py", "app/shell.py"} <= {remark["path"] for remark in data["remarks"]}
            assert data["counts"]["remarks"] == len(data["remarks"])
            mail = b"".join(bytes(one.content) for one in postbox.mails if isinstance(one.content, bytes))
            assert f"pull request #{analysis.pull_number} (worse) at {head[:10]}".encode() in mail
            assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in mail
            await notifications_survive_a_redis_outage(stack, row, worker)


async def notifications_survive_a_redis_outage(
    stack: Stack, row: RepositoryRow, worker: "subprocess.Popen[bytes]"
) -> None:
    """A message that is created while Redis is down and no worker runs is delivered later."""
    stack.kill_worker(worker)
    stack.valkey.stop()
    try:
        ping = await send_test(stack.db, row.id)
    finally:
        stack.valkey.start()
    stack.start_worker("--deliveries")

    async def delivered() -> bool | None:
        (newest, *_) = (await list_messages(stack.db, row.id, limit=1, offset=0)).items
        assert newest.id == ping
        return newest.status == "delivered" or None

    await eventually(delivered, "the test message", deadline=120)


async def outbox(stack: Stack) -> list[object]:
    async with stack.db.reading() as session:
        from bot.db.notification_tables import Outbox

        return list(await session.scalars(select(Outbox)))
