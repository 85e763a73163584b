"""GitHub's rate limits and failures: which are temporary, and how long the client waits."""

import time

import pytest
from gidgethub import BadRequest

from bot.errors import RetryLater
from bot.github.client import client
from bot.local.faults import Fault
from tests.faults import bad_gateway, secondary_rate_limit, too_many_requests
from tests.github.conftest import GitHub
from tests.servers import free_port

JSON = {"content-type": "application/json; charset=utf-8"}
SOON = time.time() + 1000


@pytest.mark.parametrize(
    ("fault", "least", "most"),
    [
        (too_many_requests(7), 7, 7),
        (secondary_rate_limit(11), 11, 11),
        (Fault(429), 60, 60),
        (Fault(403, headers=JSON, text="You have exceeded a secondary rate limit. Please wait."), 60, 60),
        (Fault(403, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{SOON:.0f}"}), 1, 1001),
        (Fault(403, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}), 1, 1),
        (Fault(403, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1", "retry-after": "9"}), 9, 9),
        (bad_gateway(), 1, 60),
        (Fault(500), 1, 60),
        (Fault(503, headers={"retry-after": "3"}), 1, 60),
    ],
)
async def test_a_temporary_failure_is_retry_later_with_githubs_delay(
    github: GitHub, fault: Fault, least: float, most: float
) -> None:
    api = await github.api()
    github.stand_in.faults.append(fault)
    with pytest.raises(RetryLater) as later:
        await api.getitem(f"/repos/{github.name}")
    assert least <= later.value.after <= most
    answer = await api.getitem(f"/repos/{github.name}")
    assert answer["full_name"] == github.name


@pytest.mark.parametrize("status", [401, 403, 404, 410, 422])
async def test_a_permanent_failure_is_a_bad_request(github: GitHub, status: int) -> None:
    api = await github.api()
    github.stand_in.faults.append(Fault(status, text="Bad credentials" if status == 401 else "No"))
    with pytest.raises(BadRequest) as refused:
        await api.getitem(f"/repos/{github.name}")
    assert int(refused.value.status_code) == status


async def test_a_failed_connection_is_retry_later() -> None:
    from bot.github.client import open_session

    async with open_session() as session:
        with pytest.raises(RetryLater, match="could not be reached"):
            await client(session, f"http://127.0.0.1:{free_port()}").getitem("/app")


@pytest.mark.parametrize("status", [301, 307, 308])
async def test_a_redirected_write_is_not_followed(github: GitHub, status: int) -> None:
    api = await github.api()
    elsewhere = f"{github.stand_in.url}/repos/{github.name}/issues/{github.number}/comments"
    fault = Fault(status, "POST", "/check-runs", {"location": elsewhere})
    github.stand_in.faults.append(fault)
    with pytest.raises(RetryLater):
        await api.post(f"/repos/{github.name}/check-runs", data={"name": "GitInsight", "head_sha": github.head})
    assert fault.times == 0
    assert len(github.stand_in.state.comments_on(github.number)) == 0
    assert github.stand_in.state.runs_at(github.head) == []
    github.stand_in.violations.clear()  # the description knows no redirected writes


async def test_a_redirected_read_is_followed(github: GitHub) -> None:
    api = await github.api()
    there = f"{github.stand_in.url}/repositories/{github.repository_id}"
    github.stand_in.faults.append(Fault(301, "GET", "/repos/", {"location": there}))
    assert (await api.getitem(f"/repos/{github.name}"))["full_name"] == github.name
