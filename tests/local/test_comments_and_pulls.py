"""The REST API of comments and pull requests."""

from pathlib import Path

from tests.local.conftest import Repo, installed
from tests.standin import running_stand_in


async def test_a_comment_is_created_updated_and_deleted(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in, installed(stand_in) as client:
        await stand_in.hub.comment(7, "from a person")
        made = await client("POST", "/issues/7/comments", {"body": "first"})
        assert made.body["user"]["login"] == "gitinsight[bot]"
        path = f"/issues/comments/{made.body['id']}"
        assert (await client("PATCH", path, {"body": "second"})).body["body"] == "second"
        assert (await client("GET", path)).body["body"] == "second"
        listed = await client("GET", "/issues/7/comments")
        assert [one["body"] for one in listed.body] == ["from a person", "second"]
        assert (await client("DELETE", path)).status == 204
        assert (await client("GET", path)).status == 404


async def test_invalid_comments_are_rejected(repo: Repo, tmp_path: Path) -> None:
    async with (
        running_stand_in(repo.path, tmp_path, expect_violations=True) as stand_in,
        installed(stand_in) as client,
    ):
        for body in ({"body": "x" * 65_537}, {"body": " "}, {}):
            assert (await client("POST", "/issues/7/comments", body)).status == 422
        assert (await client("POST", "/issues/7/comments", {"body": "x" * 65_536})).status == 201
        assert (await client("POST", "/issues/4711/comments", {"body": "x"})).status == 404
        theirs = await stand_in.hub.comment(7, "hands off")
        assert (await client("PATCH", f"/issues/comments/{theirs.id}", {"body": "x"})).status == 403


async def test_comments_require_the_permission(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in:
        async with installed(stand_in, permissions={"pull_requests": "read"}) as client:
            assert (await client("GET", "/issues/7/comments")).status == 200
            assert (await client("POST", "/issues/7/comments", {"body": "x"})).status == 403
        async with installed(stand_in, permissions={"checks": "write"}) as client:
            assert (await client("GET", "/issues/7/comments")).status == 403


async def test_pull_requests_are_filtered_and_paged(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in, installed(stand_in) as client:
        await stand_in.hub.close(9)

        async def numbers(query: str) -> list[int]:
            return [pull["number"] for pull in (await client("GET", f"/pulls{query}")).body]

        assert sorted(await numbers("")) == [7, 10]
        assert await numbers("?state=closed") == [9]
        assert await numbers("?head=local:feature") == [10]
        assert await numbers("?base=other") == []
        seen = []
        url = f"{stand_in.repo_url}/pulls?state=all&per_page=1"
        while url:
            page = await client("GET", url)
            seen += [pull["number"] for pull in page.body]
            parts = [part.split("; rel=") for part in page.headers.get("link", "").split(", ") if part]
            url = next((target.strip("<>") for target, name in parts if name == '"next"'), "")
        assert sorted(seen) == [7, 9, 10]


async def test_a_pull_request_has_its_head_and_its_base(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in, installed(stand_in) as client:
        pull = (await client("GET", "/pulls/10")).body
        assert pull["title"] == "Add four"
        assert (pull["head"]["ref"], pull["head"]["sha"]) == ("feature", repo.sha("feature"))
        assert (pull["base"]["ref"], pull["base"]["sha"]) == ("main", repo.sha("main"))
        assert (pull["commits"], pull["additions"], pull["deletions"], pull["changed_files"]) == (1, 1, 0, 1)
        past = (await client("GET", "/pulls/9")).body
        assert (past["base"]["sha"], past["head"]["sha"]) == (repo.sha("main~1"), repo.sha("main"))
        assert (await client("GET", "/pulls/4711")).status == 404
        found = await client("GET", f"/commits/{repo.sha('feature')}/pulls")
        assert [one["number"] for one in found.body] == [10]


async def test_other_repositories_do_not_exist(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in, installed(stand_in) as client:
        assert (await client("GET", f"{stand_in.url}/repos/local/other/pulls")).status == 404
        known = (await client("GET", f"{stand_in.url}/installation/repositories")).body["repositories"]
        assert [one["full_name"] for one in known] == ["local/project"]
        assert (await client("GET", stand_in.repo_url)).body["clone_url"] == f"{stand_in.url}/local/project.git"


async def test_pull_requests_are_issues_too(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in, installed(stand_in) as client:
        await stand_in.hub.close(9)
        listed = (await client("GET", "/issues")).body
        assert [(one["number"], one["title"]) for one in listed] == [(10, "Add four"), (7, "Add two")]
        assert listed[0]["pull_request"]["url"] == f"{stand_in.repo_url}/pulls/10"
        assert [one["number"] for one in (await client("GET", "/issues?state=closed")).body] == [9]
