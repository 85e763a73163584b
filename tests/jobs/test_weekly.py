"""Patterns from end to end: the scheduler analyzes a repository, and what returns is stored, served and found again."""

import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from bot.db.engine import now
from bot.db.tables import Analysis
from bot.db.tables import Repository as RepositoryRow
from bot.domain.analyses import AnalysisKind
from bot.jobs.scheduler import analyze_first, analyze_weekly
from bot.queue.enqueue import connect, open_queue
from tests.jobs.test_repository import maintainer
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import Stack, eventually, running_stack


def with_a_cluster(repository: Repository) -> None:
    """Create a history of this year in which two files of two folders change together, and a third one alone."""
    repository.clock = int(time.time()) - 300 * 86_400
    repository.commit("first", {"app/options.py": "x = 0\n", "lib/names.py": "y\n", "app/other.py": "z = 0\n"})
    for number in range(9):
        fix = "fix option" if number % 2 else "option"
        files = {"app/options.py": f"x = {number}\n" * 9, "lib/names.py": f"y = {number}\n" * 9}
        repository.commit(f"{fix} {number}", files)
        for other in range(2):
            repository.commit(f"other {number}.{other}", {"app/other.py": f"z = {number}{other}\n"})


async def of_kind(stack: Stack, kind: AnalysisKind) -> list[Analysis]:
    return [one for one in await stack.analyses() if one.kind is kind]


async def known_for(stack: Stack, age: timedelta) -> None:
    async with stack.db.writing() as session:
        await session.execute(update(RepositoryRow).values(created_at=now() - age))


async def test_the_scheduler_analyzes_a_repository_and_its_patterns_are_stored(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    with_a_cluster(repository)
    repository.branch("topic")
    head = repository.commit("a change", {"app/new.py": "x = 1\n"})
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        row = await stack.finished(head)
        client = await maintainer(stack)
        place = f"/repositories/{row.repository_id}"

        async def indexed() -> bool | None:
            return (await client("GET", f"{place}/hotspots"))[0] == 200 or None

        await eventually(indexed, "the history is stored")
        queue = open_queue(connect(stack.settings.redis_url))
        await analyze_weekly(stack.db, queue)
        assert await of_kind(stack, AnalysisKind.FULL) == []  # known for less than a week

        async def ended(analysis: Analysis) -> str:
            async def status() -> str | None:
                known = (await client("GET", f"/analysis/{analysis.id}/status"))[1]["status"]
                return str(known) if known in {"completed", "failed"} else None

            # The back-test of the new repository runs before it.
            return await eventually(status, "the end of the analysis", deadline=120)

        await known_for(stack, timedelta(hours=1))
        for _ in range(2):
            await analyze_first(stack.db, queue)
        [first] = await of_kind(stack, AnalysisKind.QUICK)
        assert await ended(first) == "completed"
        _, patterns = await client("GET", f"{place}/insights?type=pattern")
        assert {one["analysis_id"] for one in patterns["items"]} == {str(first.id)}
        await known_for(stack, timedelta(days=8))
        await analyze_weekly(stack.db, queue)
        [full] = await of_kind(stack, AnalysisKind.FULL)
        assert await ended(full) == "completed"

        _, patterns = await client("GET", f"{place}/insights?type=pattern")
        [cluster] = [one for one in patterns["items"] if one["data"]["rule"] == "repository/pattern/cluster"]
        assert cluster["data"]["files"] == ["app/options.py", "lib/names.py"] and cluster["data"]["together"] == 10
        _, advice = await client("GET", f"{place}/insights?type=recommendation")
        assert advice["items"] == []  # four fixes are too few to recommend anything
        question = {"repository_id": str(row.repository_id)}
        status, answer = await client("POST", "/ai/generate-insights", question)
        assert (status, answer["as_of"]) == (200, repository.head("main"))
        generated = {one["fingerprint"] for one in answer["insights"]}
        assert cluster["fingerprint"] in generated

        await analyze_weekly(stack.db, queue)  # nothing is new
        await analyze_first(stack.db, queue)
        assert len(await of_kind(stack, AnalysisKind.FULL)) == len(await of_kind(stack, AnalysisKind.QUICK)) == 1
