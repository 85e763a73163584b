"""The HTML pages."""

from pathlib import Path

from aiohttp import ClientSession

from bot.local.records import Annotation, CheckRun
from tests.local.conftest import Receiver, Repo
from tests.standin import StandIn, running_stand_in

HOSTILE = "<script>alert('x')</script>"


def concluded(stand_in: StandIn, sha: str, *annotations: Annotation) -> CheckRun:
    run = CheckRun(id=stand_in.state.new_id(), name="GitInsight", head_sha=sha, status="completed")
    run.conclusion, run.title, run.summary = "neutral", "Two remarks", "A **bold** summary"
    run.annotations = list(annotations)
    return stand_in.state.check_runs.save(run)


async def page(stand_in: StandIn, path: str) -> str:
    async with ClientSession() as session, session.get(stand_in.url + path) as response:
        assert response.status == 200, await response.text()
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        return await response.text()


async def test_the_list_shows_check_runs_and_comments(repo: Repo, tmp_path: Path) -> None:
    remark = Annotation(path="a.py", start_line=4, end_line=4, annotation_level="warning", message="m")
    async with running_stand_in(repo.path, tmp_path, app_url="http://gitinsight.example") as stand_in:
        before = await page(stand_in, "/")
        assert before.count("No checks yet") == 3
        concluded(stand_in, repo.sha("feature"), remark)
        await stand_in.hub.comment(10, "text", author="gitinsight[bot]")
        after = await page(stand_in, "/")
        assert after.count("No checks yet") == 2
        for part in ("Add four", "1 annotation", 'aria-label="commented"', "Add two", "http://gitinsight.example"):
            assert part in after
        assert "1 annotation" in await page(stand_in, "/local/project/pushes")


async def test_a_pull_request_shows_conversation_check_and_diff(repo: Repo, tmp_path: Path) -> None:
    on = Annotation(path="a.py", start_line=4, end_line=4, annotation_level="warning", message="Beneath", title="T")
    off = Annotation(path="b.py", start_line=9, end_line=9, annotation_level="notice", message="Elsewhere")
    async with running_stand_in(repo.path, tmp_path) as stand_in:
        concluded(stand_in, repo.sha("feature"), on, off)
        await stand_in.hub.comment(10, "| a |\n|---|\n| b |", author="gitinsight[bot]")
        shown = await page(stand_in, "/local/project/pull/10")
        diff = shown[shown.index('class="diff"') :]
        assert diff.index(">four<") < diff.index("Beneath")
        assert "Elsewhere" not in diff
        for part in ("<td>b</td>", "<strong>bold</strong>", "Two remarks", "that are not in this diff"):
            assert part in shown
        assert "Beneath" in await page(stand_in, f"/local/project/commit/{repo.sha('feature')}")


async def test_hostile_text_stays_text(repo: Repo, tmp_path: Path) -> None:
    repo.branch("topic")
    sha = repo.commit(HOSTILE, a_py=f"{HOSTILE}\n", **{f"{HOSTILE.replace('/', '')}_py": HOSTILE})
    remark = Annotation(path="a.py", start_line=1, end_line=1, annotation_level="notice", message=HOSTILE)
    remark.title = remark.raw_details = HOSTILE
    async with running_stand_in(repo.path, tmp_path) as stand_in:
        run = concluded(stand_in, sha, remark)
        run.name = run.title = run.summary = run.text = HOSTILE
        run.details_url = "javascript:alert(1)"
        number = next(pull.number for pull in stand_in.state.pulls if pull.head_sha == sha)
        await stand_in.hub.comment(number, HOSTILE, author=HOSTILE)
        for path in ("/", f"/local/project/pull/{number}", f"/local/project/commit/{sha}", "/local/project/pushes"):
            shown = await page(stand_in, path)
            assert "<script>alert" not in shown
            assert 'href="javascript' not in shown


async def test_the_re_run_button_sends_a_webhook(repo: Repo, tmp_path: Path, receiver: Receiver) -> None:
    async with running_stand_in(repo.path, tmp_path, receiver.url) as stand_in, ClientSession() as session:
        run = concluded(stand_in, repo.sha("feature"))
        url = f"{stand_in.url}/local/project/runs/{run.id}/rerequest"
        async with session.post(url, headers={"Sec-Fetch-Site": "cross-site"}) as refused:
            assert refused.status == 403
        async with session.post(url) as done:
            assert done.url.path == "/local/project/pull/10"
        received = await receiver.wait_for("check_run.rerequested")
        assert received.payload["check_run"]["id"] == run.id
        await stand_in.hub.settled()
        assert receiver.names.count("check_run.rerequested") == 1


async def test_another_host_name_is_not_served(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in, ClientSession() as session:
        for host, status in (("rebound.example", 421), ("localhost:1", 200)):
            async with session.get(f"{stand_in.url}/local/project/pulls", headers={"Host": host}) as response:
                assert response.status == status


async def test_unknown_pages_are_404(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in, ClientSession() as session:
        for path in ("pull/4711", f"commit/{'0' * 40}", "commit/main", "runs/1"):
            async with session.get(f"{stand_in.url}/local/project/{path}") as response:
                assert response.status == 404, path
