"""Pushes: a check run on the head and no comment. The head of a pull request is analyzed only once."""

from pathlib import Path

from bot.local import INSTALLATION_ID
from tests.jobs.samples import HARMLESS, UNSAFE
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import eventually, running_stack


async def test_a_push_to_the_default_branch_is_compared_with_the_previous_head(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    repository.commit("first", {"app/old.py": UNSAFE})
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        head = repository.commit("second", {"app/new.py": UNSAFE, "app/more.py": HARMLESS})
        await stack.github.watch.look()
        run = await stack.check_run(head)
        assert run["conclusion"] == "neutral"
        assert {annotation["path"] for annotation in run["annotations"]} == {"app/new.py"}


async def test_the_head_of_a_pull_request_gets_one_check_run(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    repository.commit("first", {"app/core.py": HARMLESS})
    repository.branch("topic")
    repository.commit("topic", {"app/topic.py": HARMLESS})
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        head = repository.commit("more", {"app/topic.py": UNSAFE})
        await stack.github.watch.look()  # sends a push and a synchronize webhook
        await stack.check_run(head)
        for row in [row for row in await stack.analyses() if row.head_sha == head]:
            await stack.finished(row.head_sha)
        assert len(stack.check_runs(head)) == 1


async def test_an_empty_repository_and_a_history_of_one_commit(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        assert await stack.analyses() == []
        head = repository.commit("the very first", {"app/shell.py": UNSAFE})
        await stack.github.watch.look()
        run = await stack.check_run(head)
        assert run["conclusion"] == "neutral"
        assert {annotation["path"] for annotation in run["annotations"]} == {"app/shell.py"}


async def test_after_a_force_push_a_missing_base_is_replaced_by_the_parent(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    repository.commit("first", {"app/core.py": HARMLESS})
    repository.commit("second", {"app/gone.py": HARMLESS})
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        before = repository.head()
        repository.git("reset", "--quiet", "--hard", "HEAD~1")
        head = repository.commit("instead", {"app/shell.py": UNSAFE})
        repository.git("reflog", "expire", "--expire=now", "--all")
        repository.git("gc", "--quiet", "--prune=now")
        await stack.github.watch.look()
        run = await stack.check_run(head)
        assert run["conclusion"] == "neutral"
        assert {annotation["path"] for annotation in run["annotations"]} == {"app/shell.py"}
        assert before != head


async def test_a_branch_name_like_an_option_is_harmless(repository: Repository, tmp_path: Path, valkey: Valkey) -> None:
    repository.commit("first", {"app/core.py": HARMLESS})
    witness = tmp_path / "executed"
    head = repository.commit("second", {"app/shell.py": UNSAFE})
    for name in (f"--upload-pack=touch${{IFS}}{witness.name}", "--output=x", "-c"):
        repository.git("update-ref", f"refs/heads/{name}", head)
    repository.git("update-ref", "refs/heads/main", "HEAD~1")
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        run = await stack.check_run(head)
        assert run["conclusion"] == "neutral"
        assert not list(tmp_path.rglob("executed*"))


async def test_uninstalling_deletes_all_files(repository: Repository, tmp_path: Path, valkey: Valkey) -> None:
    head = repository.commit("first", {"app/core.py": HARMLESS})
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        await stack.finished(head)
        mirrors = tmp_path / "data" / "mirrors"

        async def stored() -> bool | None:
            return True if list(mirrors.glob("*.git.history.db")) else None

        await eventually(stored, "the mirror and its index")
        payload = {"action": "deleted", "installation": {"id": INSTALLATION_ID, "account": {"login": "local"}}}
        stack.github.hub.webhooks.send("installation", payload)

        async def deleted() -> bool | None:
            return None if list(mirrors.glob("*.git*")) else True

        await eventually(deleted, "the files are deleted")
        assert await stack.analyses() == []


async def test_a_repository_with_sha256_is_analyzed_like_any_other(tmp_path: Path, valkey: Valkey) -> None:
    repository = Repository.create(tmp_path / "project", "sha256")
    repository.commit("first", {"app/core.py": HARMLESS})
    repository.branch("topic")
    asked = repository.commit("topic", {"app/topic.py": UNSAFE})
    repository.checkout("main")
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        run = await stack.check_run(asked)
        assert (len(asked), run["conclusion"]) == (64, "neutral")
        assert len(stack.comments((await stack.finished(asked)).pull_number or 0)) == 1
        pushed = repository.commit("second", {"app/new.py": UNSAFE})
        await stack.github.watch.look()
        run = await stack.check_run(pushed)
        assert {annotation["path"] for annotation in run["annotations"]} == {"app/new.py"}
        assert (await stack.finished(pushed)).merge_base == repository.head("HEAD~1")
