"""Check runs and comments, created through the REST API."""

from bot.domain.published import MARKER, Annotation, CheckOutput, Conclusion
from bot.github.checks import Head, conclude_check_run, find_check_run, open_check_run
from bot.github.comments import upsert_comment
from bot.local.config import BOT_LOGIN
from bot.report.check import check_output
from tests.github.conftest import GitHub
from tests.report.making import HOSTILE, URL, insight, selection


def head_of(github: GitHub) -> Head:
    return Head(github.name, github.head, "an-analysis", URL)


def annotation(number: int) -> Annotation:
    return Annotation(path="a.py", start_line=number, end_line=number, level="notice", title=f"t{number}", message="m")


async def test_a_run_is_opened_found_again_and_concluded_once(github: GitHub) -> None:
    api, head = await github.api(), head_of(github)
    run_id = await open_check_run(api, head, title="Analyzing", summary="Under way")
    (run,) = github.stand_in.state.runs_at(github.head)
    assert (run.id, run.name, run.status, run.external_id) == (run_id, "GitInsight", "in_progress", "an-analysis")
    assert run.details_url == URL
    assert await find_check_run(api, head, github.app.app_id) == run_id
    output = CheckOutput(conclusion=Conclusion.SUCCESS, title="Fine", summary="S", text="T")
    await conclude_check_run(api, head, run_id, output)
    (run,) = github.stand_in.state.runs_at(github.head)
    assert (run.status, run.conclusion, run.title, run.summary, run.text) == ("completed", "success", "Fine", "S", "T")
    assert await find_check_run(api, head, github.app.app_id) is None
    assert await find_check_run(api, Head(github.name, github.head, "other", URL), github.app.app_id) is None


async def test_annotations_go_in_batches_of_fifty_and_the_last_concludes(github: GitHub) -> None:
    api, head = await github.api(), head_of(github)
    for count in (0, 1, 50, 51, 137):
        run_id = await open_check_run(api, head, title="Analyzing", summary="Under way")
        remarks = tuple(annotation(number + 1) for number in range(count))
        output = CheckOutput(conclusion=Conclusion.NEUTRAL, title="T", summary="S", annotations=remarks)
        await conclude_check_run(api, head, run_id, output)
        run = github.stand_in.state.check_runs.get(run_id)
        assert run is not None
        assert run.status == "completed"
        assert [one.start_line for one in run.annotations] == [number + 1 for number in range(count)]
    assert github.stand_in.unknown_fields == []


async def test_github_accepts_the_largest_and_strangest_report(github: GitHub) -> None:
    """The stand-in rejects the same requests as GitHub: too long, too many, unknown fields."""
    api, head = await github.api(), head_of(github)
    names = [name for name in HOSTILE if "\ud800" not in name]
    remarks = [
        insight(name, path=name or "empty", number=number, description="d" * 90_000, title="t" * number)
        for number in range(20)
        for name in names
    ]
    output = check_output(selection(*remarks, max_annotations=200), URL)
    assert len(output.annotations) == 200
    run_id = await open_check_run(api, head, title="Analyzing", summary="Under way")
    await conclude_check_run(api, head, run_id, output)
    (run,) = github.stand_in.state.runs_at(github.head)
    assert (run.status, len(run.annotations), run.title) == ("completed", 200, output.title)


async def test_the_comment_is_created_updated_kept_and_deleted(github: GitHub) -> None:
    api, app_id = await github.api(), github.app.app_id

    async def upsert(body: str | None, known: int | None) -> int | None:
        return await upsert_comment(api, github.name, github.number, body, known_id=known, app_id=app_id)

    def bodies() -> list[tuple[int, str]]:
        return [(comment.id, comment.body) for comment in github.stand_in.state.comments_on(github.number)]

    assert await upsert(None, None) is None
    made = await upsert(f"{MARKER}\none", None)
    assert made is not None
    assert await upsert(f"{MARKER}\ntwo", made) == made
    assert bodies() == [(made, f"{MARKER}\ntwo")]
    before = github.stand_in.state.comments_on(github.number)[0].updated_at
    assert await upsert(f"{MARKER}\ntwo", made) == made
    assert github.stand_in.state.comments_on(github.number)[0].updated_at == before
    # Without the stored id, the comment is found by marker and author.
    assert await upsert(f"{MARKER}\nthree", None) == made
    # A deleted comment is created again.
    github.stand_in.state.comments.delete(made)
    again = await upsert(f"{MARKER}\nfour", made)
    assert again not in {None, made}
    assert await upsert(None, again) is None
    assert bodies() == []


async def test_a_comment_of_another_author_with_our_marker_is_ignored(github: GitHub) -> None:
    await github.stand_in.hub.comment(github.number, f"{MARKER}\nI am GitInsight", author="mallory")
    for number in range(120):
        await github.stand_in.hub.comment(github.number, f"chatter {number}", author="octocat")
    await github.stand_in.hub.comment(github.number, f"{MARKER}\nours, on the second page", author=BOT_LOGIN)
    api = await github.api()
    found = await upsert_comment(
        api, github.name, github.number, f"{MARKER}\nnew", known_id=None, app_id=github.app.app_id
    )
    comments = {one.id: one for one in github.stand_in.state.comments_on(github.number)}
    assert found is not None
    assert comments[found].user == BOT_LOGIN
    assert len(comments) == 122
    assert [one.body for one in comments.values() if one.user == "mallory"] == [f"{MARKER}\nI am GitInsight"]
