"""A dismissed remark stays away from later reports, and returns when its evidence has changed."""

from pathlib import Path

from sqlalchemy import select

from bot.db.audit import COMMAND_LINE
from bot.db.dismissals import delete_dismissal, dismissed_ids, save_dismissal
from bot.db.notification_tables import Outbox
from bot.db.subscriptions import subscribe
from bot.domain.dismissals import DismissReason
from bot.domain.notifications import Frequency
from tests.jobs.samples import HARMLESS, UNSAFE
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import Stack, running_stack

CONFIG = ".github/gitinsight.yml"


async def dismiss_remarks(stack: Stack, sha: str) -> int:
    remarks = [row for row in await stack.insights(sha) if row.standing == "remark"]
    for row in remarks:
        assert await save_dismissal(stack.db, row.id, DismissReason.BY_DESIGN, "", COMMAND_LINE) is not None
    return len(remarks)


async def test_a_dismissed_remark_is_neither_shown_nor_counted_by_the_gate(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    repository.commit("first", {"app/core.py": HARMLESS, CONFIG: "gate: low\n"})
    repository.branch("topic")
    first = repository.commit("worse", {"app/shell.py": UNSAFE})
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        assert (await stack.check_run(first))["conclusion"] == "failure"
        analysis = await stack.finished(first)
        number = analysis.pull_number or 0
        assert len(stack.comments(number)) == 1
        dismissed = await dismiss_remarks(stack, first)
        assert dismissed >= 2
        await subscribe(stack.db, "ann@example.org", analysis.repository_id, Frequency.DAILY, by=COMMAND_LINE)

        second = repository.commit("more", {"app/more.py": HARMLESS})
        await stack.github.watch.look()
        run = await stack.check_run(second)
        await stack.finished(second)
        assert run["conclusion"] == "success"
        assert f"{dismissed} dismissed remarks" in run["summary"]
        assert f"The gate does not count them: {dismissed} would have failed the check." in run["summary"]
        assert "shell.py" not in run["summary"] and run["annotations"] == []
        assert stack.comments(number) == []
        async with stack.db.reading() as session:
            hidden = set(await session.scalars(dismissed_ids(analysis.repository_id)))
            assert list(await session.scalars(select(Outbox))) == []
        kept = [row for row in await stack.insights(second) if row.standing == "remark"]
        assert len(kept) == dismissed and {row.id for row in kept} <= hidden

        assert await delete_dismissal(stack.db, kept[0].id, COMMAND_LINE)
        third = repository.commit("again", {"app/third.py": HARMLESS})
        await stack.github.watch.look()
        run = await stack.check_run(third)
        assert run["conclusion"] == "failure"
        assert "1 dismissed remark<" in run["summary"] and "shell.py" in run["summary"]
