"""`gitinsight explain`: a stored insight is recomputed, or an error says why not."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

from sqlalchemy import update

from bot.db.tables import InsightRow
from tests.jobs.samples import HARMLESS, TANGLED
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import Stack, running_stack


async def explain(stack: Stack, identifier: str) -> "subprocess.CompletedProcess[str]":
    argv = [sys.executable, "-m", "bot", "explain", identifier]
    env = stack.env | {"COLUMNS": "200"}
    return await asyncio.to_thread(subprocess.run, argv, env=env, capture_output=True, text=True, check=False)


async def test_an_insight_is_recomputed_with_its_evidence(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    repository.commit("first", {"app/core.py": HARMLESS})
    repository.branch("topic")
    head = repository.commit("worse", {"app/core.py": TANGLED})
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        await stack.finished(head)
        [insight] = [one for one in await stack.insights(head) if one.rule == "complexity/new-function"]
        done = await explain(stack, str(insight.id))
        assert (done.returncode, done.stderr.strip()) == (0, "")
        assert "app/core.py:1" in done.stdout
        assert f'"cognitive": {insight.evidence["after"]["cognitive"]}' in done.stdout
        assert done.stdout.rstrip().endswith("the same.")

        async with stack.db.writing() as session:
            changed = {**insight.evidence, "language": "another"}
            await session.execute(update(InsightRow).where(InsightRow.id == insight.id).values(evidence=changed))
        assert "language: another → " in (await explain(stack, str(insight.id))).stdout

        shutil.rmtree(Path(stack.settings.data_dir, "mirrors"))
        gone = await explain(stack, str(insight.id))
        assert gone.returncode == 1 and "The mirror no longer contains" in gone.stderr
        for unknown in ("nonsense", str(uuid4())):
            assert "There is no insight" in (await explain(stack, unknown)).stderr
