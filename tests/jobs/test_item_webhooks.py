"""From what a person does on GitHub to the row: the stand-in sends the webhook, the app stores it and dispatches it."""

from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.db.github_tables import ItemRow, LabelRow, ReleaseRow, ResponseRow
from bot.domain.items import ItemKind
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import Stack, eventually, running_stack


async def test_what_people_do_on_github_is_stored(tmp_path: Path, valkey: Valkey, repository: Repository) -> None:
    repository.commit("First", {"a.py": "one = 1\n"})
    base = repository.commit("Second", {"a.py": "one = 2\n"})
    repository.branch("feature")
    repository.commit("Add two", {"b.py": "two = 2\n"})
    repository.checkout("main")
    async with running_stack(repository.path, tmp_path, valkey, workers=0, newest=0) as stack:
        (pull,) = stack.github.state.pulls
        hub = stack.github.hub
        hub.repository.create_label("bug", "ff0000", "broken")
        issue = hub.items.open_issue("It does not start", body="\x00at all", author=None, labels=["bug"])
        hub.items.open_issue("deleted")
        hub.items.add_label(pull.number, "bug")
        hub.items.review(pull.number, "CHANGES_REQUESTED", author="carol")
        hub.repository.publish_release("v1")
        await hub.close(pull.number, merged_as=base)
        hub.items.close(issue.number, "not_planned")
        hub.items.delete(issue.number + 1)
        hub.repository.rename_label("bug", "fault")
        await hub.settled()
        assert await rows(stack, LabelRow.name, ["fault"]) == ["fault"]
        async with stack.db.reading() as session:
            stored = {row.number: row for row in await session.scalars(select(ItemRow))}
            assert set(stored) == {pull.number, issue.number}
            closed = stored[issue.number]
            assert (closed.kind, closed.state, closed.state_reason) == (ItemKind.ISSUE, "closed", "not_planned")
            assert (closed.author, closed.body, closed.labels) == (None, "at all", ["fault"])
            merged = stored[pull.number]
            assert (merged.kind, merged.title, merged.labels) == (ItemKind.PULL_REQUEST, "Add two", ["fault"])
            assert (merged.merge_commit_sha, merged.merged_by and merged.merged_by["login"]) == (base, "local")
            assert merged.merged_at is not None
            review = await session.scalar(select(ResponseRow))
            assert review is not None
            assert (review.number, review.state, review.author and review.author["login"]) == (
                pull.number,
                "changes_requested",
                "carol",
            )
            assert list(await session.scalars(select(ReleaseRow.tag))) == ["v1"]


async def rows(stack: Stack, column: Any, expected: list[Any]) -> list[Any]:
    """Wait until a column has these values, which the last webhook brings."""

    async def found() -> list[Any] | None:
        async with stack.db.reading() as session:
            values = list(await session.scalars(select(column)))
        return values if values == expected else None

    return await eventually(found, f"{expected} in {column}")
