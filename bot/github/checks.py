"""Creates, updates, finds and concludes check runs. Each head has one check run.

https://docs.github.com/en/rest/checks/runs
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gidgethub.abc import GitHubAPI

from bot.domain.published import CHECK_NAME, Annotation, CheckOutput

ANNOTATIONS_PER_REQUEST = 50


@dataclass(frozen=True, slots=True)
class Head:
    """The commit that a check run belongs to.

    external_id: the id of the analysis.
    details_url: the page of the analysis.
    """

    full_name: str
    sha: str
    external_id: str
    details_url: str


async def open_check_run(api: GitHubAPI, head: Head, *, title: str, summary: str) -> int:
    """Create the check run with the status "in progress". Returns its id."""
    run = await api.post(
        "/repos/{owner}/{name}/check-runs",
        _repository(head.full_name),
        data={
            "name": CHECK_NAME,
            "head_sha": head.sha,
            "status": "in_progress",
            "external_id": head.external_id,
            "details_url": head.details_url,
            "started_at": _moment(),
            "output": {"title": title, "summary": summary},
        },
    )
    return int(run["id"])


async def show_progress(api: GitHubAPI, head: Head, run_id: int, *, title: str, summary: str) -> None:
    """Update the title and the summary of a check run that is in progress."""
    await api.patch(
        "/repos/{owner}/{name}/check-runs/{id}",
        {**_repository(head.full_name), "id": str(run_id)},
        data={"status": "in_progress", "output": {"title": title, "summary": summary}},
    )


async def find_check_run(api: GitHubAPI, head: Head, app_id: int) -> int | None:
    """Return the id of an unconcluded check run of this analysis, or None.

    There is one if a worker died after it created the check run and before it stored the id.
    """
    found = await api.getitem(
        "/repos/{owner}/{name}/commits/{sha}/check-runs{?check_name,filter,app_id,per_page}",
        {
            **_repository(head.full_name),
            "sha": head.sha,
            "check_name": CHECK_NAME,
            "filter": "all",
            "app_id": str(app_id),
            "per_page": "100",
        },
    )
    for run in found["check_runs"]:
        if run.get("external_id") == head.external_id and run["status"] != "completed":
            return int(run["id"])
    return None


async def conclude_check_run(api: GitHubAPI, head: Head, run_id: int, output: CheckOutput) -> None:
    """Conclude the check run with all annotations.

    Each request appends at most 50 annotations. The last request sets the conclusion.
    """
    batches = [
        output.annotations[start : start + ANNOTATIONS_PER_REQUEST]
        for start in range(0, len(output.annotations), ANNOTATIONS_PER_REQUEST)
    ] or [()]
    for number, batch in enumerate(batches, start=1):
        body: dict[str, Any] = {"output": _output(output, batch)}
        if number == len(batches):
            body |= {"status": "completed", "conclusion": output.conclusion, "completed_at": _moment()}
        await api.patch(
            "/repos/{owner}/{name}/check-runs/{id}", {**_repository(head.full_name), "id": str(run_id)}, data=body
        )


def _output(output: CheckOutput, batch: Sequence[Annotation]) -> dict[str, Any]:
    shown: dict[str, Any] = {"title": output.title, "summary": output.summary}
    if output.text:
        shown["text"] = output.text
    if batch:
        shown["annotations"] = [
            {
                "path": annotation.path,
                "start_line": annotation.start_line,
                "end_line": annotation.end_line,
                "annotation_level": annotation.level,
                "title": annotation.title,
                "message": annotation.message,
            }
            for annotation in batch
        ]
    return shown


def _repository(full_name: str) -> dict[str, str]:
    owner, name = full_name.split("/", 1)
    return {"owner": owner, "name": name}


def _moment() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
