"""The first indexing of a repository by the sweep and by the command, and the back-test."""

import asyncio
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from bot.db.engine import now
from bot.db.history_tables import Snapshot
from bot.db.snapshots import content_of, find_unindexed, get_snapshot, save_snapshots
from bot.db.tables import Analysis
from bot.db.tables import Repository as RepositoryRow
from bot.domain.back_test import BackTest, Verdict
from bot.domain.change import RepositoryConfig
from bot.domain.insights import Confidence, Insight, InsightType, Severity
from bot.domain.snapshots import IndexingProgress
from bot.jobs.back_test import back_test
from bot.learning.thresholds import propose
from bot.pipeline.make_report import ReadConfig
from tests.history.fixtures import index_of, indexed
from tests.jobs.risky import DAY, START, risky_history
from tests.jobs.samples import HARMLESS, TANGLED
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import Stack, eventually, running_stack


async def run(stack: Stack, *arguments: str) -> "subprocess.CompletedProcess[str]":
    argv = [sys.executable, "-m", "bot", *arguments]
    env = stack.env | {"COLUMNS": "200"}
    return await asyncio.to_thread(subprocess.run, argv, env=env, capture_output=True, text=True, check=False)


async def test_the_back_test_runs_once_and_publishes_nothing(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    repository.commit("first", {"app/core.py": HARMLESS})
    repository.commit("worse (#7)", {"app/core.py": HARMLESS + "\n\n" + TANGLED})
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        row = await stack.finished(repository.head())

        async def replayed() -> BackTest | None:
            return content_of(await get_snapshot(stack.db, row.repository_id, BackTest))

        found = await eventually(replayed, "the back-test")
        [remark] = [one for one in found.remarks if one.analyzer == "complexity"]
        assert (remark.number, remark.verdict, remark.path) == (7, "too_young", "app/core.py")
        assert (found.changes, found.spoken) == (1, 1)
        before = len(stack.github.state.check_runs)

        done = await run(stack, "backfill", "local/project")
        assert done.returncode == 0, done.stderr
        assert "Of the last 1 merged change, 1 would have had a remark" in done.stdout
        assert f"/repositories/{row.repository_id}/history" in done.stdout
        assert len(stack.github.state.check_runs) == before
        unknown = await run(stack, "backfill", "octo/cat")
        assert (unknown.returncode, unknown.stdout) == (1, "")


def history_with_a_fix(repository: Repository) -> None:
    """Create three complex changes: one is fixed later, one is not, one is too recent. All look like squash merges."""

    def at(day: int, message: str, files: dict[str, str]) -> None:
        repository.clock = 1_600_000_000 + day * DAY
        repository.commit(message, files)

    at(0, "first", {"app/a.py": HARMLESS, "app/b.py": HARMLESS, "app/c.py": HARMLESS})
    at(1, "a (#1)", {"app/a.py": TANGLED})
    at(2, "b (#2)", {"app/b.py": TANGLED})
    at(20, "fix: a crash (#3)", {"app/a.py": TANGLED.replace("if order.open:", "if order.is_open:")})
    at(200, "c (#4)", {"app/c.py": TANGLED})


async def test_later_commits_confirm_remarks(repository: Repository) -> None:
    history_with_a_fix(repository)
    indexed(repository)
    found = await back_test(repository.git_dir, index_of(repository), repository="x/y", config=ReadConfig())
    remarks = {one.path: one for one in found.remarks if one.analyzer == "complexity"}
    assert {path: one.verdict for path, one in remarks.items()} == {
        "app/a.py": Verdict.RIGHT,
        "app/b.py": Verdict.UNCONFIRMED,
        "app/c.py": Verdict.TOO_YOUNG,
    }
    assert remarks["app/a.py"].came == repository.head("HEAD~1")
    assert "later commits confirmed 1" in found.summary


async def test_without_pull_requests_all_commits_are_replayed(repository: Repository) -> None:
    risky_history(repository, 80)
    indexed(repository)
    reported: list[tuple[int, int]] = []
    found = await back_test(
        repository.git_dir,
        index_of(repository),
        repository="x/y",
        config=ReadConfig(),
        progress=lambda done, total: reported.append((done, total)),
    )
    assert (found.changes, found.failed) == (30, 0)
    assert reported[-1] == (30, 30)


async def test_changes_that_are_old_enough_to_judge_are_replayed(repository: Repository) -> None:
    risky_history(repository, 60, days=10)
    indexed(repository)
    found = await back_test(repository.git_dir, index_of(repository), repository="x/y", config=ReadConfig())
    assert found.changes == 30
    assert found.until == START + 50 * 10 * DAY


def grown(value: int) -> Insight:
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule="complexity/function-grew",
        title="t",
        description="d",
        severity=Severity.LOW,
        confidence=Confidence(1, ""),
        fingerprint=str(value),
        evidence={"after": {"cognitive": value, "ccn": 3}},
    )


@pytest.mark.parametrize(
    ("values", "proposed"), [([], None), ([30, 40, 50], None), ([22, 30, 40, 50], (22, 3)), ([60] * 9, (60, 0))]
)
def test_the_proposed_threshold_leaves_remarks_in_one_of_ten_changes(
    values: list[int], proposed: tuple[int, int] | None
) -> None:
    found = propose([grown(value) for value in values], 30, RepositoryConfig())
    assert [(one.setting, one.proposed, one.kept) for one in found] == (
        [("thresholds.cognitive", *proposed)] if proposed else []
    )


def test_a_percentile_of_the_risk_is_proposed() -> None:
    risks = [
        replace(grown(number), type=InsightType.RISK, rule="risk/change", evidence={"percentile": 0.95 + number / 100})
        for number in range(4)
    ]
    [one] = propose(risks, 30, RepositoryConfig())
    assert (one.setting, one.now, one.proposed, one.kept) == ("thresholds.risk", 95, 96, 3)


async def test_the_sweep_indexes_a_repository_without_analyses(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    """The repository was added long ago and has no analysis. A failed attempt is not repeated immediately."""
    repository.commit("first", {"app/core.py": HARMLESS})
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        row = await stack.finished(repository.head())

        async def learned() -> bool | None:
            return bool(await get_snapshot(stack.db, row.repository_id, BackTest)) or None

        await eventually(learned, "the first indexing")
        failed = IndexingProgress(status="failed", reason="x")
        await save_snapshots(stack.db, row.repository_id, "0" * 40, [failed])
        async with stack.db.writing() as session:
            await session.execute(delete(Snapshot).where(Snapshot.kind != "learning"))
            await session.execute(delete(Analysis))
            await session.execute(update(RepositoryRow).values(created_at=now() - timedelta(hours=1)))
        intervals = {"known_for": timedelta(minutes=1), "tried_before": timedelta(hours=6)}
        assert await find_unindexed(stack.db, **intervals) == []
        async with stack.db.writing() as session:
            await session.execute(update(Snapshot).values(created_at=now() - timedelta(hours=7)))
        await eventually(learned, "the indexing by the sweep")
        assert await find_unindexed(stack.db, **intervals) == []
        assert not await get_snapshot(stack.db, row.repository_id, IndexingProgress)
