"""The history from end to end: indexed by the first analysis, used in remarks, stored, served and shown."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from bot.db.history_tables import PredictionRow
from bot.db.predictions import Prediction, awaiting_outcome, with_outcome
from bot.db.snapshots import get_snapshot
from bot.domain.snapshots import Coupling
from bot.history.index import opened
from bot.learning.outcomes import outcomes_of
from tests.history.fixtures import index_of, indexed
from tests.history.test_features import ANN, commit_at
from tests.jobs.risky import START, risky_history
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import Stack, eventually, running_stack
from tests.tokens import token_for

DAY = 86_400


def with_companions(repository: Repository) -> None:
    """Create a history in which two files change together fifteen times, and a third one changes alone."""
    repository.commit("first", {"app/model.py": "x = 0\n", "app/schema.py": "y = 0\n", "app/other.py": "z = 0\n"})
    for number in range(15):
        repository.commit(
            f"field {number}",
            {"app/model.py": f"x = {number}\n" * 9, "app/schema.py": f"if y:\n    y = {number}\n" * 9},
        )
        for other in range(3):
            repository.commit(f"other {number}.{other}", {"app/other.py": f"z = {number}{other}\n"})


async def get(stack: Stack, path: str) -> tuple[int, Any]:
    token = await token_for(stack.settings, stack.db)
    url = f"{stack.settings.public_url}/api/v1/repositories/{path}"
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_a_missing_companion_is_a_remark_and_the_history_is_served(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    with_companions(repository)
    repository.branch("topic")
    head = repository.commit("only one of them", {"app/model.py": "x = 99\n" * 9})
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        row = await stack.finished(head)
        [remark] = [one for one in await stack.insights(head) if one.rule == "coupling/missing-companion"]
        assert remark.evidence["companion"] == "app/schema.py"
        assert (remark.evidence["together"], remark.evidence["revisions"]) == (15, 15)

        async def learned() -> bool | None:
            return bool(await get_snapshot(stack.db, row.repository_id, Coupling)) or None

        await eventually(learned, "the history is stored")
        status, coupling = await get(stack, f"{row.repository_id}/coupling")
        assert (status, coupling["as_of"]) == (200, repository.head("main"))
        assert {"app/model.py", "app/schema.py"} == {coupling["pairs"][0]["one"], coupling["pairs"][0]["other"]}
        status, hotspots = await get(stack, f"{row.repository_id}/hotspots")
        files = {one["path"]: one for one in hotspots["files"]}
        assert files["app/other.py"]["revisions"] == 46
        assert files["app/schema.py"]["complexity"] == 9
        assert (await get(stack, f"{row.repository_id}/ownership"))[1]["bus_factor"] == 1
        status, card = await get(stack, f"{row.repository_id}/model-card")
        assert (status, card["changes"], card["scores"]) == (200, 61, [])
        assert "too little history" in card["summary"]
        status, trends = await get(stack, f"{row.repository_id}/trends")
        metrics = {one["key"]: one for one in trends["metrics"]["metrics"]}
        assert (status, trends["metrics"]["as_of"]) == (200, repository.head("main"))
        assert metrics["changes"]["points"] and metrics["changes"]["reason"]
        assert "not synced" in metrics["issue-age"]["reason"] and metrics["issue-age"]["points"] == []

        url = f"{stack.settings.public_url}/repositories/{row.repository_id}/history"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            page = await answer.text()
        assert page.count('<svg class="chart wide"') == page.count('<svg class="chart narrow"') >= 3
        assert "Bus factor 1" in page and "app/schema.py" in page


async def test_a_risk_is_reported_stored_and_compared_with_the_outcome(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    risky_history(repository)
    text = (repository.path / "app/part1.py").read_text()
    large = text + "".join(f"new_{number} = {number}\n" for number in range(190))
    repository.clock = START + 425 * DAY
    repository.branch("topic")
    head = repository.commit("a large change", {"app/part1.py": large})
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        row = await stack.finished(head)
        [risk] = [one for one in await stack.insights(head) if one.type == "risk"]
        assert "past changes of this size" in risk.description
        [prediction] = [one for one in await awaiting_outcome(stack.db, row.repository_id) if one.head_sha == head]
        assert prediction.probability == pytest.approx(risk.evidence["probability"], abs=1e-3)
        assert prediction.outcome is None
        async with stack.db.reading() as stored:
            assert (await stored.get_one(PredictionRow, prediction.id)).features["la"] == 190

        repository.checkout("main")
        repository.commit(f"a large change (#{row.pull_number})", {"app/part1.py": large})
        repository.clock += 20 * DAY
        repository.commit("fix: a crash", {"app/part1.py": large.replace("new_5 = 5", "new_5 = None")})
        await stack.github.watch.look()

        async def known() -> Prediction | None:
            found = {one.id: one for one in await with_outcome(stack.db, row.repository_id)}
            return found.get(prediction.id)

        assert (await eventually(known, "the outcome")).outcome is True
        async with stack.db.reading() as stored:
            evidence = (await stored.get_one(PredictionRow, prediction.id)).outcome_evidence
        assert evidence is not None and evidence["subject"] == "fix: a crash"

        async def judged() -> Any:
            status, card = await get(stack, f"{row.repository_id}/model-card")
            return card if status == 200 and card["said"]["changes"] else None

        card = await eventually(judged, "a card that compares predictions with outcomes")
        assert card["said"]["needed_fix"] >= 1 and card["scores"][0]["auc"] > 0.6
        url = f"{stack.settings.public_url}/repositories/{row.repository_id}/history"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            page = await answer.text()
        assert "Calibration: predicted against observed" in page and "lines changed alone" in page


@pytest.fixture
def fixed_history(repository: Repository) -> Repository:
    """A change that needed a fix after 30 days, one that needed none, and one that is too recent."""
    start = 1_600_000_000
    commit_at(repository, start, ANN, "first", {"app/a.py": "1\n", "app/b.py": "1\n"})
    commit_at(repository, start + DAY, ANN, "bad (#1)", {"app/a.py": "1\nwrong = 1\n"})
    commit_at(repository, start + 2 * DAY, ANN, "good (#2)", {"app/b.py": "1\nright = 1\n"})
    commit_at(repository, start + 31 * DAY, ANN, "fix: a crash", {"app/a.py": "1\nfixed = 1\n"})
    commit_at(repository, start + 120 * DAY, ANN, "young (#3)", {"app/b.py": "1\nright = 2\n"})
    indexed(repository)
    return repository


def predicted(number: int | None, head: str) -> Prediction:
    return Prediction(
        id=UUID(head[:32]),
        pull_request=number,
        head_sha=head,
        model_version="1",
        probability=None,
        percentile=None,
        made_at=datetime(2026, 1, 1, tzinfo=UTC),
        landed_sha=None,
        outcome=None,
        outcome_at=None,
    )


def test_outcomes_are_found_by_number_and_by_head(fixed_history: Repository) -> None:
    squashed = {number: predicted(number, str(number) * 40) for number in (1, 2, 3, 4)}
    by_head = predicted(None, fixed_history.head("HEAD~3"))
    with opened(index_of(fixed_history)) as index:
        found = outcomes_of(index, [*squashed.values(), by_head])
    bad, good, young = (found[squashed[number].id] for number in (1, 2, 3))
    assert bad.needed_fix is True and bad.evidence["subject"] == "fix: a crash" and bad.evidence["path"] == "app/a.py"
    assert good.needed_fix is False and good.known_at is not None
    assert (young.needed_fix, young.known_at) == (None, None)
    assert squashed[4].id not in found  # it is not merged
    assert found[by_head.id].landed_sha == bad.landed_sha
