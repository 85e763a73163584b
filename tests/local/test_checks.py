"""Check runs, with GitHub's limits."""

from pathlib import Path
from typing import Any

import pytest

from tests.local.conftest import Repo, installed
from tests.standin import running_stand_in


def annotation(line: int = 1, **more: Any) -> dict[str, Any]:
    base = {"path": "a.py", "start_line": line, "end_line": line, "annotation_level": "notice", "message": "m"}
    return base | more


def output(*annotations: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"title": "t", "summary": "s", "annotations": list(annotations)} | more


async def test_a_run_is_created_collects_annotations_and_concludes(repo: Repo, tmp_path: Path) -> None:
    sha = repo.sha("feature")
    async with running_stand_in(repo.path, tmp_path) as stand_in, installed(stand_in) as client:
        made = await client("POST", "/check-runs", {"name": "GitInsight", "head_sha": sha, "status": "in_progress"})
        assert (made.status, made.body["conclusion"]) == (201, None)
        assert [pull["head"]["sha"] for pull in made.body["pull_requests"]] == [sha]
        path = f"/check-runs/{made.body['id']}"
        await client("PATCH", path, {"output": output(annotation(1), annotation(2))})
        done = await client("PATCH", path, {"conclusion": "neutral", "output": output(annotation(3))})
        assert (done.body["status"], done.body["output"]["annotations_count"]) == ("completed", 3)
        listed = await client("GET", f"{path}/annotations?per_page=2&page=2")
        assert [one["start_line"] for one in listed.body] == [3]
        again = await client("PATCH", path, {"status": "in_progress"})
        assert (again.body["conclusion"], again.body["completed_at"]) == (None, None)


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("51 annotations", {"output": output(*[annotation()] * 51)}),
    ("a long summary", {"output": output(summary="s" * 65_536)}),
    ("a long text", {"output": output(text="s" * 65_536)}),
    ("a long title", {"output": output(annotation(title="t" * 256))}),
    ("a large message", {"output": output(annotation(message="é" * 32_769))}),
    ("large raw details", {"output": output(annotation(raw_details="x" * 65_537))}),
    ("line zero", {"output": output(annotation(0))}),
    ("end before start", {"output": output(annotation(3, end_line=2))}),
    ("columns over two lines", {"output": output(annotation(1, end_line=2, start_column=1, end_column=2))}),
    ("an unknown level", {"output": output(annotation(annotation_level="error"))}),
    ("completed without a conclusion", {"status": "completed"}),
    ("the conclusion stale", {"conclusion": "stale"}),
    ("an unknown conclusion", {"conclusion": "fine"}),
    ("an output without a summary", {"output": {"title": "t"}}),
    ("four actions", {"actions": [{"label": "l", "description": "d", "identifier": "i"}] * 4}),
    ("a long label", {"actions": [{"label": "l" * 21, "description": "d", "identifier": "i"}]}),
]


@pytest.mark.parametrize("body", [body for _, body in REFUSED], ids=[name for name, _ in REFUSED])
async def test_an_invalid_update_is_rejected_and_changes_nothing(
    repo: Repo, tmp_path: Path, body: dict[str, Any]
) -> None:
    async with (
        running_stand_in(repo.path, tmp_path, expect_violations=True) as stand_in,
        installed(stand_in) as client,
    ):
        made = await client("POST", "/check-runs", {"name": "GitInsight", "head_sha": repo.sha()})
        refused = await client("PATCH", f"/check-runs/{made.body['id']}", body)
        assert (refused.status, refused.body["status"]) == (422, "422")
        assert (await client("GET", f"/check-runs/{made.body['id']}")).body == made.body


async def test_fifty_annotations_at_the_limits_are_accepted(repo: Repo, tmp_path: Path) -> None:
    full = annotation(title="t" * 255, message="m" * 65_536, start_column=1, end_column=2)
    async with running_stand_in(repo.path, tmp_path) as stand_in, installed(stand_in) as client:
        body = {"name": "GitInsight", "head_sha": repo.sha(), "output": output(*[full] * 50, summary="s" * 65_535)}
        assert (await client("POST", "/check-runs", body)).status == 201


async def test_a_missing_commit_gets_no_run(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in, installed(stand_in) as client:
        refused = await client("POST", "/check-runs", {"name": "GitInsight", "head_sha": "0" * 40})
        assert (refused.status, refused.body["message"]) == (422, f"No commit found for SHA: {'0' * 40}")
        assert (await client("GET", "/commits/nowhere/check-runs")).status == 422
        assert (await client("GET", "/check-runs/1")).status == 404


async def test_unknown_fields_are_ignored_but_recorded(repo: Repo, tmp_path: Path) -> None:
    async with (
        running_stand_in(repo.path, tmp_path, expect_violations=True) as stand_in,
        installed(stand_in) as client,
    ):
        body = {"name": "x", "head_sha": repo.sha(), "sumary": "s", "output": output(annotation(lines=1))}
        assert (await client("POST", "/check-runs", body)).status == 201
        assert stand_in.unknown_fields == ["sumary", "output.annotations.lines"]
        assert any("sumary" in violation for violation in stand_in.violations)


async def test_runs_of_a_commit_are_found_by_name_status_app_and_branch(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in, installed(stand_in) as client:
        ids = []
        for name in ("one", "one", "two"):
            made = await client("POST", "/check-runs", {"name": name, "head_sha": repo.sha("feature")})
            ids.append(made.body["id"])

        async def found(query: str) -> list[int]:
            listed = await client("GET", f"/commits/feature/check-runs{query}")
            assert listed.body["total_count"] == len(listed.body["check_runs"])
            return [run["id"] for run in listed.body["check_runs"]]

        assert await found("") == [ids[2], ids[1]]
        assert await found("?filter=all") == ids[::-1]
        assert await found("?check_name=one&filter=latest") == [ids[1]]
        assert await found("?status=completed") == []
        assert await found("?app_id=1") == []
        assert await found("?app_id=4242") == [ids[2], ids[1]]
