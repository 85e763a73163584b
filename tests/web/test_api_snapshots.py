"""The snapshots in the REST API: the stored facts, with the commit up to which the history was read."""

from dataclasses import asdict
from typing import Any

import msgspec
import pytest

from bot.db.engine import now
from bot.db.history_tables import Snapshot
from bot.db.snapshots import save_snapshots
from bot.domain.snapshots import SnapshotContent
from tests.snapshots import BACK_TEST, CARD, COUPLING, EVERY_KIND, HOTSPOTS, JUDGED, OWNERSHIP
from tests.web.asking import Api, assert_problem

CONTENTS = [
    ("hotspots", HOTSPOTS),
    ("ownership", OWNERSHIP),
    ("coupling", COUPLING),
    ("model-card", JUDGED),
    ("back-test", BACK_TEST),
]


@pytest.mark.parametrize(("path", "content"), CONTENTS)
async def test_the_answer_is_the_stored_facts(api: Api, path: str, content: SnapshotContent) -> None:
    assert_problem(await api(f"/repositories/{api.rows.public}/{path}"), 404)
    await save_snapshots(api.web.db, api.rows.public, "a" * 40, EVERY_KIND)
    answer = await api(f"/repositories/{api.rows.public}/{path}")
    assert answer.status == 200
    body = answer.body
    assert list(body)[:2] == ["as_of", "created_at"]
    assert (body.pop("as_of"), body.pop("created_at")[-1]) == ("a" * 40, "Z")
    assert body == msgspec.json.decode(msgspec.json.encode(asdict(content)))


async def test_a_card_without_a_judged_model_has_none_of_its_keys(api: Api) -> None:
    await save_snapshots(api.web.db, api.rows.public, "a" * 40, [CARD])
    body = (await api(f"/repositories/{api.rows.public}/model-card")).body
    base = {"changes", "needed_fix", "within_days", "said", "model_version", "summary", "scores"}
    assert body.keys() == {"as_of", "created_at"} | base
    assert body["said"]["brier"] is None


async def test_without_computed_trends_there_are_no_metrics(api: Api) -> None:
    body = (await api(f"/repositories/{api.rows.public}/trends")).body
    assert body["metrics"] is None and body["days"] == []


async def test_the_metrics_have_definitions_points_and_intervals(api: Api) -> None:
    place = f"/repositories/{api.rows.public}/trends"
    await save_snapshots(api.web.db, api.rows.public, "a" * 40, EVERY_KIND)
    body = (await api(place)).body
    assert body["metrics"]["as_of"] == "a" * 40
    changes, steady, unsynced = body["metrics"]["metrics"]
    assert (changes["claimed"], changes["test"]["slope_low"], changes["test"]["n"]) == ("up", 0.08, 324)
    assert len(changes["points"]) == 36 and changes["points"][0] == {"start": "2023-01-01", "value": 2.0, "n": 9}
    assert (steady["claimed"], steady["reason"]) == (None, "It varies no more than by chance.")
    assert (unsynced["points"], unsynced["test"]) == ([], None) and "not synced" in unsynced["reason"]
    assert body["metrics"]["files"][0]["path"] == "app/core.py"


async def test_since_limits_the_points_and_not_the_test(api: Api) -> None:
    await save_snapshots(api.web.db, api.rows.public, "a" * 40, EVERY_KIND)
    place = f"/repositories/{api.rows.public}/trends"
    changes, *_ = (await api(f"{place}?since=2025-11-15")).body["metrics"]["metrics"]
    assert [point["start"] for point in changes["points"]] == ["2025-12-01"]
    assert changes["test"]["periods"] == 36
    assert_problem(await api(f"{place}?since=yesterday"), 422)


async def test_removed_keys_of_an_older_row_are_left_out(api: Api) -> None:
    content: dict[str, Any] = {"changes": 1, "files": [], "hotter": True}
    row = Snapshot(repository_id=api.rows.public, kind="hotspots", head_sha="a" * 40, content=content, created_at=now())
    async with api.web.db.writing() as session:
        session.add(row)
    answer = await api(f"/repositories/{api.rows.public}/hotspots")
    assert answer.status == 200 and answer.body.keys() == {"as_of", "created_at", "changes", "files"}
