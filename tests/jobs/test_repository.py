"""Whole-repository analyses over HTTP: started, read, replaced, cancelled and deleted."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.web.auth import Role
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import Stack, eventually, running_stack
from tests.tokens import token_for

HARD = "def tangled(a, b):\n" + "".join(
    f"    if a > {n}:\n        for x in b:\n            if x == {n}:\n                return x\n" for n in range(12)
)
UNSAFE = "import subprocess\n\n\ndef go(cmd):\n    subprocess.call(cmd, shell=True)\n"
WRONG_PATHS = ["gone.py", "", "app", "/app/unsafe.py", "../app/unsafe.py", "app\\unsafe.py", "a\0b", "x" * 4096]


@dataclass
class Client:
    """A client of the REST API with a token."""

    stack: Stack
    token: str

    async def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        url, headers = f"{self.stack.settings.public_url}/api/v1{path}", {"Authorization": f"Bearer {self.token}"}
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, url, headers=headers, json=body) as answer,
        ):
            return answer.status, await answer.json(content_type=None) if answer.status != 204 else None

    async def finished(self, job: str) -> dict[str, Any]:
        """Wait for the end of a job, and return its state."""

        async def probe() -> dict[str, Any] | None:
            _, state = await self("GET", f"/analysis/{job}/status")
            return state if state["status"] in {"completed", "failed"} else None

        return await eventually(probe, "the end of the analysis")


async def maintainer(stack: Stack) -> Client:
    return Client(stack, await token_for(stack.settings, stack.db, "mia", Role.MAINTAINER))


def filled(repository: Repository) -> str:
    files = {"app/hard.py": HARD, "app/unsafe.py": UNSAFE, "requirements.txt": "requests==2.0\n"}
    repository.commit("first", files | {"tools/start.sh": "exec app\n", "Makefile": "run:\n\tsh tools/start.sh\n"})
    return repository.commit("second", {"app/fine.py": "def fine():\n    return 1\n", "tools/start.sh": None})


async def test_a_repository_is_added_by_its_url_and_analyzed(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    head = filled(repository)
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        client = await maintainer(stack)
        address = f"{stack.github.url}/{stack.github.hub.identity.full_name}.git"
        answers = await asyncio.gather(*(client("POST", "/repositories", {"github_url": address}) for _ in range(2)))
        assert sorted(status for status, _ in answers) == [201, 409]
        made = next(body for status, body in answers if status == 201)
        known = next(body for status, body in answers if status == 409)
        assert known["repository_id"] == made["id"]
        assert made["full_name"] == stack.github.hub.identity.full_name
        place = f"/repositories/{made['id']}"

        _, page = await client("GET", f"{place}/analyses")
        [first] = [one for one in page["items"] if one["kind"] == "full"]
        state = await client.finished(first["id"])
        assert (state["status"], state["error"], state["progress"]) == ("completed", None, 1.0)
        _, insights = await client("GET", f"{place}/insights?analysis_id={first['id']}&limit=100")
        assert state["insights_count"] == insights["total"]
        by_rule = {one["data"]["rule"]: one for one in insights["items"]}
        assert by_rule["repository/function"]["locations"][0]["path"] == "app/hard.py"
        assert by_rule["repository/function"]["data"]["ccn"] >= 30
        assert by_rule["repository/functions"]["data"]["functions"] == 3
        assert by_rule["security/S602"]["locations"] == [{"path": "app/unsafe.py", "start_line": 5, "end_line": 5}]
        dead = by_rule["repository/dead-reference"]
        assert dead["title"] == "`tools/start.sh` is gone, and `Makefile`:2 still names it"
        assert dead["locations"] == [{"path": "Makefile", "start_line": 2, "end_line": 2}]
        step = by_rule["repository/recommendation/dead-references"]
        assert step["data"]["way_out"].startswith(
            "First: in `Makefile`:2, replace or drop `tools/start.sh` (gone with "
        )
        assert "New in this change" not in by_rule["security/S602"]["description"]
        assert {one["head_sha"] for one in insights["items"]} == {head}
        assert (await client("GET", f"{place}/hotspots"))[1]["as_of"] == head
        assert first["id"] not in {run["external_id"] for run in stack.check_runs(head)}

        # A second one replaces the first, whose insights stay readable under its id.
        status, job = await client("POST", f"{place}/analyze", {"analysis_type": "security"})
        assert (status, job["status"]) == (202, "queued")
        assert job["estimated_duration"] > 0
        assert (await client.finished(job["job_id"]))["status"] == "completed"
        _, current = await client("GET", f"{place}/insights?type=security")
        analysis_ids = {one["analysis_id"] for one in current["items"]}
        assert job["job_id"] in analysis_ids
        assert first["id"] not in analysis_ids
        _, quality = await client("GET", f"{place}/insights?type=code_quality")
        whole = [one for one in quality["items"] if one["data"]["rule"].startswith("repository/")]
        assert {one["analysis_id"] for one in whole} == {first["id"]}
        _, before = await client("GET", f"{place}/insights?analysis_id={first['id']}&limit=100")
        assert before["total"] == insights["total"]

        _, code = await client(
            "POST", "/ai/analyze-code", {"repository_id": made["id"], "file_paths": ["app/unsafe.py", *WRONG_PATHS]}
        )
        unsafe, *wrong = code["results"]
        assert code["head_sha"] == head
        assert unsafe["complexity"]["functions"][0]["name"] == "go"
        assert 0 < unsafe["maintainability"]["index"] <= 100
        assert [one["rule"] for one in unsafe["security"]["findings"]] == ["security/S602"]
        assert [one["file_path"] for one in wrong] == WRONG_PATHS
        assert {one["error"] for one in wrong} == {"There is no such file on the default branch."}

        assert (await client("DELETE", place))[0] == 204
        assert (await client("GET", place))[0] == 404

        async def deleted() -> bool | None:
            return None if list((tmp_path / "data" / "mirrors").glob("*.git*")) else True

        await eventually(deleted, "the mirror is deleted")


async def test_an_analysis_is_cancelled_and_its_repository_deleted_at_any_time(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    filled(repository)
    async with running_stack(repository.path, tmp_path, valkey, workers=0) as stack:
        client = await maintainer(stack)
        address = f"{stack.github.url}/{stack.github.hub.identity.full_name}"
        _, made = await client("POST", "/repositories", {"github_url": address, "auto_analyze": False})
        place = f"/repositories/{made['id']}"
        assert [one for one in (await client("GET", f"{place}/analyses"))[1]["items"] if one["kind"] == "full"] == []
        _, job = await client("POST", f"{place}/analyze", {})
        assert job["estimated_duration"] is None
        assert (await client("DELETE", f"/analysis/{job['job_id']}"))[0] == 204
        status, problem = await client("DELETE", f"/analysis/{job['job_id']}")
        assert (status, problem["detail"]) == (409, "The analysis has already ended.")
        _, state = await client("GET", f"/analysis/{job['job_id']}/status")
        assert (state["status"], state["error"]) == ("failed", "Cancelled by mia.")

        # The repository is deleted during its analysis.
        _, job = await client("POST", f"{place}/analyze", {})
        stack.start_worker()

        async def running() -> bool | None:
            _, state = await client("GET", f"/analysis/{job['job_id']}/status")
            return True if state["status"] == "in_progress" else None

        await eventually(running, "the analysis runs")
        assert (await client("DELETE", place))[0] == 204
        assert (await client("GET", f"/analysis/{job['job_id']}/status"))[0] == 404
        assert await stack.analyses() == []
        # The worker can run the next analysis.
        _, again = await client("POST", "/repositories", {"github_url": address})
        _, page = await client("GET", f"/repositories/{again['id']}/analyses")
        assert (await client.finished(page["items"][0]["id"]))["status"] == "completed"


@pytest.mark.parametrize("path", ["/o/unknown", "/unknown/r"])
async def test_a_repository_without_the_app_is_not_found(
    repository: Repository, tmp_path: Path, valkey: Valkey, path: str
) -> None:
    filled(repository)
    async with running_stack(repository.path, tmp_path, valkey, workers=0) as stack:
        client = await maintainer(stack)
        status, problem = await client("POST", "/repositories", {"github_url": stack.github.url + path})
        assert (status, problem["type"].rpartition("/")[2]) == (404, "not-installed")
        assert problem["install_url"].endswith("/installations/new")
        assert problem["install_url"] in problem["detail"]
