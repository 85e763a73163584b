"""The analysis of a pull request from the webhook to the check run and the comment, with real git, HTTP and workers."""

import asyncio
import re
from pathlib import Path

from tests.databases import migrated_postgres
from tests.jobs.samples import HARMLESS, TANGLED, UNSAFE
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import eventually, running_stack


def started(repository: Repository) -> None:
    repository.commit("first", {"app/core.py": HARMLESS, "README.md": "# Project\n"})
    repository.commit("second", {"app/other.py": HARMLESS})


async def test_a_change_with_remarks_gets_a_check_run_and_one_comment(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    started(repository)
    repository.branch("topic")
    head = repository.commit("make it worse", {"app/core.py": TANGLED, "app/shell.py": UNSAFE})
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        run = await stack.check_run(head)
        row = await stack.finished(head)
        assert run["conclusion"] == "neutral"
        assert run["name"] == "GitInsight"
        assert run["external_id"] == str(row.id)
        assert run["details_url"].endswith(f"/analyses/{row.id}")
        paths = {annotation["path"] for annotation in run["annotations"]}
        assert paths == {"app/core.py", "app/shell.py"}
        (comment,) = stack.comments(row.pull_number or 0)
        assert comment.splitlines()[0] == "<!-- gitinsight -->"
        assert "`settle`" in comment
        rules = {insight.rule for insight in await stack.insights(head)}
        assert {"security/S307", "security/S602", "complexity/new-function"} <= rules


async def test_a_change_without_remarks_is_a_success_without_a_comment(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    started(repository)
    repository.branch("topic")
    head = repository.commit("harmless", {"app/core.py": HARMLESS + "\n\ndef two():\n    return 2\n"})
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        run = await stack.check_run(head)
        row = await stack.finished(head)
        assert run["conclusion"] == "success"
        assert run["annotations"] == []
        assert stack.comments(row.pull_number or 0) == []


async def test_the_comment_is_edited_and_is_deleted_without_remarks(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    started(repository)
    repository.branch("topic")
    first = repository.commit("worse", {"app/shell.py": UNSAFE, "app/core.py": TANGLED})
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        await stack.check_run(first)
        number = (await stack.finished(first)).pull_number or 0
        (comment,) = stack.github.state.comments_on(number)
        body = comment.body

        second = repository.commit("half fixed", {"app/core.py": HARMLESS})
        await stack.github.watch.look()
        await stack.check_run(second)
        await stack.finished(second)
        (after,) = stack.github.state.comments_on(number)
        assert after.id == comment.id
        assert after.body != body

        third = repository.commit("fixed", {"app/shell.py": None})
        await stack.github.watch.look()
        await stack.check_run(third)
        await stack.finished(third)
        assert stack.comments(number) == []


async def test_an_old_head_is_superseded_and_nothing_is_posted_for_it(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    started(repository)
    repository.branch("topic")
    old = repository.commit("old", {"app/shell.py": UNSAFE})
    async with running_stack(repository.path, tmp_path, valkey, workers=0) as stack:

        async def registered() -> bool | None:
            return any(row.head_sha == old for row in await stack.analyses()) or None

        await eventually(registered, "the first head's analysis")
        new = repository.commit("new", {"app/shell.py": HARMLESS})
        await stack.github.watch.look()
        stack.start_worker()
        await stack.check_run(new)
        row = await stack.finished(old)
        assert row.status == "superseded"
        assert stack.comments(row.pull_number or 0) == []
        assert all(run["conclusion"] == "cancelled" for run in stack.check_runs(old))


async def test_a_draft_is_analyzed_without_a_comment_until_it_is_ready(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    started(repository)
    base = repository.head()
    repository.branch("topic")
    head = repository.commit("worse", {"app/shell.py": UNSAFE})
    repository.checkout("main")
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        number = (await stack.finished(head)).pull_number or 0
        await stack.github.hub.set_draft(number, draft=True)
        repository.checkout("topic")
        second = repository.commit("still", {"app/more.py": HARMLESS})
        for comment in stack.github.state.comments_on(number):
            stack.github.state.comments.delete(comment.id)
        await stack.github.watch.look()
        run = await stack.check_run(second)
        await stack.finished(second)
        assert run["conclusion"] == "neutral"
        assert stack.comments(number) == []
        await stack.github.hub.ready_for_review(number)

        async def commented() -> bool | None:
            return bool(stack.comments(number)) or None

        await eventually(commented, "a comment once the draft is ready")
        assert base != second


async def test_a_fork_is_fetched_through_the_pull_request_ref(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    started(repository)
    base = repository.head()
    repository.git("checkout", "--quiet", "--detach")
    head = repository.commit("from a fork", {"app/shell.py": UNSAFE})
    repository.checkout("main")
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        pull = await stack.github.hub.open_pull_request(head, "From a fork", fork="stranger/project")
        run = await stack.check_run(head)
        assert run["conclusion"] == "neutral"
        assert (await stack.finished(head)).pull_number == pull.number
        assert base != head


async def test_a_new_base_is_a_new_analysis(repository: Repository, tmp_path: Path, valkey: Valkey) -> None:
    started(repository)
    repository.branch("release")
    repository.commit("release only", {"app/release.py": UNSAFE})
    repository.branch("topic", "release")
    head = repository.commit("topic", {"app/topic.py": HARMLESS})
    repository.checkout("main")
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        first = await stack.finished(head)
        assert {insight.rule for insight in await stack.insights(head)} >= {"security/S602"}
        await stack.github.hub.edit_base(first.pull_number or 0, "release")

        async def against_release() -> bool | None:
            rows = [row for row in await stack.analyses() if row.ref == "release" and row.head_sha == head]
            return True if rows and rows[-1].status == "completed" else None

        await eventually(against_release, "the analysis against the new base")
        last = [row for row in await stack.analyses() if row.ref == "release"][-1]
        rules = {insight.rule for insight in await stack.insights(head) if insight.analysis_id == last.id}
        assert "security/S602" not in rules


async def test_a_change_of_three_thousand_files_names_the_files_that_are_left_out(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    started(repository)
    repository.branch("topic")
    head = repository.commit("large", {f"src/f{number}.py": f"x = {number}\n" for number in range(3_000)})
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        run = await stack.check_run(head)
        assert run["conclusion"] in {"success", "neutral"}
        assert "2,000 files not analyzed" in run["summary"]
        assert "beyond the first 1000 files" in run["summary"]


async def test_malicious_names_are_escaped_on_github(repository: Repository, tmp_path: Path, valkey: Valkey) -> None:
    started(repository)
    repository.branch("topic")
    names = ["@org/all/`x`.py", "-rf/a b.py", "new\nline/</details>.py", "![x](http://evil)/é.py"]
    head = repository.commit("malicious names", dict.fromkeys(names, UNSAFE))
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        run = await stack.check_run(head)
        row = await stack.finished(head)
        assert len(run["annotations"]) == 2 * len(names)
        (comment,) = stack.comments(row.pull_number or 0)
        place = re.escape(f"]({stack.github.url}/local/project/blob/{head}/")
        for shown in (comment, run["summary"]):
            outside = re.sub(r"(`+).+?\1", "", shown)
            outside, links = re.subn(rf"{place}[\w.~%/-]+\?plain=1#L\d+(-L\d+)?\)", "]", outside)
            assert links >= len(names)
            assert "@org" not in outside
            assert "evil" not in outside
            assert outside.count("</details>") == outside.count("<details>")


async def test_end_to_end_on_postgresql(
    repository: Repository, tmp_path: Path, valkey: Valkey, postgres_server: str
) -> None:
    started(repository)
    repository.branch("topic")
    head = repository.commit("worse", {"app/shell.py": UNSAFE})
    url = await asyncio.to_thread(migrated_postgres, postgres_server, f"whole_{tmp_path.name.lower()}"[:60])
    async with running_stack(repository.path, tmp_path, valkey, database_url=url.replace("+asyncpg", "")) as stack:
        assert (await stack.check_run(head))["conclusion"] == "neutral"
        row = await stack.finished(head)
        assert row.status == "completed"
        assert {insight.rule for insight in await stack.insights(head)} >= {"security/S602"}
        assert len(stack.comments(row.pull_number or 0)) == 1
