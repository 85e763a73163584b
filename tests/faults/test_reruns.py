"""Re-run of one and of all, check suites as a second source, and merge groups."""

from pathlib import Path
from typing import Any

from bot.git.run import ZERO
from bot.local import INSTALLATION_ID
from tests.faults.running import Running, running, started
from tests.jobs.samples import HARMLESS, UNSAFE
from tests.repository import Repository


async def push(bench: Running, repository: Repository, name: str, content: str) -> str:
    head = repository.commit(name, {"app/shell.py": content})
    await bench.github.watch.look()
    return head


def payload(bench: Running, action: str, **fields: Any) -> dict[str, Any]:
    """A payload with what the stand-in's have."""
    installation = {"id": INSTALLATION_ID}
    return {"action": action, "repository": bench.github.hub.repository_json(), "installation": installation} | fields


def suite(bench: Running, action: str, head: str) -> dict[str, Any]:
    """The payload of `check_suite` for the head of the only pull request, or an older one."""
    (pull,) = bench.github.state.pulls
    base = {"ref": pull.base_ref, "sha": pull.base_sha, "repo": {"id": bench.github.hub.identity.repository_id}}
    listed = {"number": pull.number, "head": {"ref": pull.head_ref, "sha": pull.head_sha}, "base": base}
    body = {"head_branch": "topic", "head_sha": head, "before": ZERO, "pull_requests": [listed]}
    return payload(bench, action, check_suite=body)


async def test_an_older_head_that_is_run_again_gets_its_own_verdict(repository: Repository, tmp_path: Path) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        older = await push(bench, repository, "A", UNSAFE)
        await bench.deliver_new("pull_request", "opened")
        await bench.work()
        present = await push(bench, repository, "B", UNSAFE + "\n")
        await bench.deliver_new("pull_request", "synchronize")
        await bench.work()
        number = (await bench.rows(present))[0].pull_number or 0
        comments, runs = bench.comments(number), bench.runs(present)
        await bench.github.hub.rerequest(bench.runs(older)[0].id)
        await bench.deliver_new("check_run", "rerequested")
        await bench.work()
        assert [run.conclusion for run in bench.runs(older)] == ["failure", "failure"]
        assert (bench.comments(number), bench.runs(present)) == (comments, runs)
        spoke = await bench.verdict()
        assert spoke is not None
        assert spoke.head_sha == present
        # "Re-run all" on the older head, and on the present one.
        await bench.deliver("check_suite", suite(bench, "rerequested", older))
        await bench.work()
        assert [run.conclusion for run in bench.runs(older)] == ["failure"] * 3
        await bench.deliver("check_suite", suite(bench, "rerequested", present))
        await bench.work()
        assert [run.conclusion for run in bench.runs(present)] == ["failure"] * 2
        assert bench.comments(number) == comments


async def test_a_check_suite_is_a_second_source_that_counts_once(repository: Repository, tmp_path: Path) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        head = await push(bench, repository, "A", HARMLESS)
        await bench.deliver("check_suite", suite(bench, "requested", head))  # no other event arrived
        await bench.work()
        assert [run.conclusion for run in bench.runs(head)] == ["success"]
        await bench.deliver_new("pull_request", "opened")
        await bench.deliver("check_suite", suite(bench, "requested", head))
        await bench.work()
        assert len(bench.runs(head)) == 1
        missed = await push(bench, repository, "B", HARMLESS + "\n")
        await bench.deliver("check_suite", suite(bench, "rerequested", missed))
        await bench.work()
        assert [run.conclusion for run in bench.runs(missed)] == ["success"]


async def test_a_merge_group_and_its_push_have_one_run(repository: Repository, tmp_path: Path) -> None:
    repository.commit("first", {"app/core.py": HARMLESS})
    base = repository.head()
    repository.branch("gh-readonly-queue/main/pr-1")
    async with running(repository, tmp_path) as bench:
        head = repository.commit("merged", {"app/shell.py": UNSAFE})
        await bench.github.watch.look()
        for pull in bench.github.state.pulls:
            await bench.github.hub.close(pull.number)  # GitHub opens none for the branch of a group
        group = {
            "head_sha": head,
            "head_ref": "refs/heads/gh-readonly-queue/main/pr-1",
            "base_sha": base,
            "base_ref": "refs/heads/main",
        }
        await bench.deliver_new("push")
        await bench.deliver("merge_group", payload(bench, "checks_requested", merge_group=group))
        await bench.work()
        await bench.deliver("merge_group", payload(bench, "checks_requested", merge_group=group))
        await bench.work()
        (run,) = bench.runs(head)
        (row,) = await bench.rows(head)
        assert (run.conclusion, row.base_sha) == ("neutral", base)
