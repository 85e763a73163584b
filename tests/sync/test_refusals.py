"""What GitHub refuses, limits or breaks: it stops little, is stored as a sentence, and is tried again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.db import sync_states
from bot.db.engine import now
from bot.domain.sync import SyncOverall, SyncResource, SyncStatus, missing_sources, summary
from bot.local.faults import Fault
from bot.local.keys import RATE
from bot.sync.run import Slice
from tests.faults import bad_gateway, secondary_rate_limit
from tests.sync.conftest import Serve, issue, pull

JSON = {"content-type": "application/json; charset=utf-8"}


def refused(status: int, path: str, **more: Any) -> Fault:
    return Fault(status, path=path, headers=JSON, text="Resource not accessible by integration", **more)


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_issues_alone_are_refused(serve: Serve, status: int) -> None:
    synced = await serve(issue(1), pull(2))
    synced.stand_in.faults.append(refused(status, "/issues$"))
    await synced.sync()
    states = await synced.states()
    assert states.pop("issues") == "refused"
    assert set(states.values()) == {"done"}
    state = await synced.state(SyncResource.ISSUES)
    assert str(status) in state.reason and state.reason.endswith((".", ")", "integration"))
    assert state.due_at is not None and timedelta(hours=20) < state.due_at - now() < timedelta(hours=26)
    every = await sync_states.get_states(synced.db, synced.id)
    assert [one.kind for one in missing_sources(every)] == ["issue"]
    assert summary(every).overall is SyncOverall.PARTIAL and "issues" in summary(every).sentence
    assert list(await synced.items()) == [2]
    await synced.sync_again(hours=27)
    assert await synced.states() == dict.fromkeys(SyncResource, "done")
    assert list(await synced.items()) == [1, 2]


async def test_an_installation_that_has_not_accepted_issues_syncs_the_rest(serve: Serve) -> None:
    synced = await serve(issue(1), pull(2), unaccepted=frozenset({"issues"}))
    await synced.sync()
    state = await synced.state(SyncResource.ISSUES)
    assert state.status is SyncStatus.REFUSED
    assert "/settings/installations/" in state.reason and "accepts it" in state.reason
    assert list(await synced.items()) == [2]
    synced.stand_in.hub.repository.accept_permissions()
    await synced.sync_again(hours=27)
    assert list(await synced.items()) == [1, 2]
    assert (await synced.state(SyncResource.ISSUES)).status is SyncStatus.DONE


async def test_pull_requests_that_are_gone_go_without_the_list_of_issues(serve: Serve) -> None:
    synced = await serve(pull(1), pull(2))
    await synced.sync()
    synced.stand_in.state.items.all.delete(2)
    synced.stand_in.faults.append(refused(403, "/issues$", times=2))
    await synced.sync_again(days=8)
    assert list(await synced.items()) == [1]


@pytest.mark.parametrize(
    "broken",
    [
        bad_gateway("/issues$"),
        Fault(200, path="/issues$", headers=JSON, raw=b'[{"id": 1, "numb'),
        Fault(200, path="/issues$", headers=JSON, raw=b'{"message": "odd"}'),
        Fault(502, path="/issues$", headers={"content-type": "text/html"}, raw=b"<h1>502</h1>"),
    ],
)
async def test_a_page_that_fails_in_the_middle_is_read_again_later(serve: Serve, broken: Fault) -> None:
    synced = await serve(*(issue(number) for number in range(1, 251)), pull(251))
    synced.stand_in.faults.append(replace(broken, skip=1))
    await synced.sync()
    states = await synced.states()
    assert states.pop("issues") == "failed"
    assert set(states.values()) == {"done"}
    state = await synced.state(SyncResource.ISSUES)
    assert state.done == 100 and state.reason
    assert len(await synced.items()) == 101
    assert await sync_states.find_due(synced.db, at_once=2, known_for=timedelta()) == []
    requests = await synced.sync_again(minutes=1)
    assert len([one for one in requests if one.startswith("/issues?")]) == 2
    assert all("since=" in one for one in requests if one.startswith("/issues?"))
    assert len(await synced.items()) == 251


async def test_a_page_that_always_fails_is_tried_ever_more_rarely(serve: Serve) -> None:
    synced = await serve(issue(1))
    synced.stand_in.faults.append(bad_gateway("/labels$", times=100))
    waits = []
    for _ in range(6):
        await synced.sync_again(hours=7)
        due = (await synced.state(SyncResource.LABELS)).due_at
        assert due is not None
        waits.append((due - now()).total_seconds())
    assert waits == sorted(waits) and waits[0] < 60 and waits[4] > 3_600 and waits[-1] <= 6 * 3_600
    assert list(await synced.items()) == [1]


async def test_a_secondary_limit_stops_the_whole_sync_as_long_as_github_says(serve: Serve) -> None:
    synced = await serve(issue(1), pull(2))
    synced.stand_in.faults.append(secondary_rate_limit(90, "/milestones"))
    await synced.sync()
    assert synced.requests[-1].startswith("/milestones")
    assert await sync_states.find_due(synced.db, at_once=2, known_for=timedelta()) == []
    for state in await sync_states.get_states(synced.db, synced.id):
        assert state.due_at is not None and state.due_at > now() + timedelta(seconds=80)
    every = await sync_states.get_states(synced.db, synced.id)
    assert "limits the requests" in summary(every).sentence and "UTC" in summary(every).sentence
    await synced.sync_again(seconds=91)
    assert list(await synced.items()) == [1, 2]


async def test_half_of_the_limit_is_left_to_analyses(serve: Serve) -> None:
    synced = await serve(*(issue(number) for number in range(1, 301)))
    synced.stand_in.app[RATE].set_remaining(2_506, reset_in=1_000)
    await synced.sync()
    assert synced.stand_in.app[RATE].peek("ghs_")["remaining"] == 2_500
    known = await synced.items()
    assert 0 < len(known) < 300  # the page that was read is kept
    state = await synced.state(SyncResource.ISSUES)
    assert state.status is SyncStatus.WAITING and "left to analyses" in state.reason
    assert state.due_at is not None and timedelta(seconds=900) < state.due_at - now() < timedelta(seconds=1_100)
    assert await sync_states.find_due(synced.db, at_once=2, known_for=timedelta()) == []
    synced.stand_in.app[RATE].set_remaining(5_000)
    await synced.sync_again(seconds=1_001)
    assert len(await synced.items()) == 300


async def test_a_revoked_token_is_replaced_once(serve: Serve) -> None:
    synced = await serve(issue(1))
    await synced.sync(Slice(requests=1))
    for token in list(synced.stand_in.state.tokens):
        synced.stand_in.state.tokens.delete(token.digest)
    await synced.sync()
    assert await synced.states() == dict.fromkeys(SyncResource, "done")
    synced.stand_in.faults.append(Fault(401, path="/labels$", headers=JSON, times=2, text="Bad credentials"))
    await synced.sync_again(hours=27)
    assert (await synced.state(SyncResource.LABELS)).status is SyncStatus.REFUSED
    assert (await synced.state(SyncResource.ISSUES)).status is SyncStatus.DONE


async def test_a_repository_that_github_does_not_show_any_more(serve: Serve) -> None:
    synced = await serve(issue(1))
    await synced.sync()
    synced.stand_in.faults.append(refused(404, r"/repos/local/project$"))
    requests = await synced.sync_again(hours=27)
    assert requests == [""]
    assert set((await synced.states()).values()) == {"refused"}
    assert list(await synced.items()) == [1]


async def test_an_installation_that_is_gone(serve: Serve) -> None:
    synced = await serve(issue(1))
    synced.stand_in.faults.append(Fault(404, path="/access_tokens$", headers=JSON, text="Not Found"))
    await synced.sync()
    state = await synced.state(SyncResource.ISSUES)
    assert state.status is SyncStatus.REFUSED and "no access" in state.reason
    assert synced.requests == []


async def test_an_odd_element_is_left_out_and_the_rest_is_stored(serve: Serve) -> None:
    synced = await serve(issue(1))
    odd = b'[{"id": 1}, null, 7, {"name": "ok", "color": null}, {"name": 5}]'
    synced.stand_in.faults.append(Fault(200, path="/labels$", headers=JSON, raw=odd))
    await synced.sync()
    assert (await synced.state(SyncResource.LABELS)).done == 1
