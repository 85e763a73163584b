"""The head that GitHub names gets the verdict, whatever the order of the deliveries and however often it comes back."""

from pathlib import Path

from bot.db import analyses
from bot.db.analyses import claim, finish
from bot.db.wanted import asked_meanwhile
from bot.domain.analyses import AnalysisStatus
from bot.domain.published import Conclusion
from bot.domain.steps import CONCLUDING
from tests.faults.running import Running, running, started
from tests.jobs.samples import HARMLESS, UNSAFE
from tests.repository import Repository


async def pushed(bench: Running, repository: Repository, name: str, content: str) -> str:
    """Push a commit to the branch of the pull request."""
    head = repository.commit(name, {"app/shell.py": content})
    await bench.github.watch.look()
    return head


async def came_back(bench: Running, repository: Repository, head: str) -> None:
    """Force-push an older head."""
    repository.git("reset", "--quiet", "--hard", head)
    await bench.github.watch.look()


async def test_deliveries_in_any_order_leave_the_present_head_with_the_verdict(
    repository: Repository, tmp_path: Path
) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        await pushed(bench, repository, "zero", HARMLESS)
        first = await pushed(bench, repository, "A", UNSAFE)
        second = await pushed(bench, repository, "B", UNSAFE + "\n")
        present = await pushed(bench, repository, "C", HARMLESS + "\n")
        a, b, c = bench.deliveries("pull_request", "synchronize")
        await bench.deliver("pull_request", c, a, b)
        await bench.work()
        (run,) = bench.runs(present)
        assert run.conclusion == "success"
        assert bench.runs(first) == bench.runs(second) == []
        for row in await bench.rows(first) + await bench.rows(second):
            assert row.status == "superseded"
            assert row.error == f"The head of the pull request is now {present[:10]}, which is analyzed instead."


async def test_a_head_whose_delivery_is_lost_is_analyzed_by_the_job_of_an_older_one(
    repository: Repository, tmp_path: Path
) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        await pushed(bench, repository, "A", UNSAFE)
        await bench.deliver_new("pull_request", "opened")
        present = await pushed(bench, repository, "B", HARMLESS)
        await bench.work()
        assert [run.conclusion for run in bench.runs(present)] == ["success"]
        assert set(bench.enqueued) == {row.id for row in await bench.rows(present)}


async def test_a_head_that_comes_back_gets_check_run_and_comment_again(repository: Repository, tmp_path: Path) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        clean = await pushed(bench, repository, "clean", HARMLESS)
        await bench.deliver_new("pull_request", "opened")
        await bench.work()
        bad = await pushed(bench, repository, "bad", UNSAFE)
        await bench.deliver_new("pull_request", "synchronize")
        await bench.work()
        number = (await bench.rows(bad))[0].pull_number or 0
        assert bench.runs(bad)[-1].conclusion == "failure"
        assert len(bench.comments(number)) == 1
        await came_back(bench, repository, clean)
        await bench.deliver_new("pull_request", "synchronize")
        await bench.work()
        assert bench.comments(number) == []
        assert bench.runs(clean)[-1].conclusion == "success"
        await came_back(bench, repository, bad)
        await bench.deliver_new("pull_request", "synchronize")
        await bench.work()
        assert len(bench.comments(number)) == 1
        # The same delivery once more, as a second source: nothing is analyzed again.
        runs = len(bench.runs(bad))
        await bench.deliver_new("pull_request", "synchronize")
        await bench.work()
        assert len(bench.runs(bad)) == runs
        bench.assert_all_concluded()


async def test_a_head_that_comes_back_before_the_other_is_analyzed_keeps_the_verdict(
    repository: Repository, tmp_path: Path
) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        first = await pushed(bench, repository, "A", UNSAFE)
        await bench.deliver_new("pull_request", "opened")
        other = await pushed(bench, repository, "B", HARMLESS)
        await bench.deliver_new("pull_request", "synchronize")
        await came_back(bench, repository, first)
        await bench.deliver_new("pull_request", "synchronize")
        await bench.work()
        assert bench.runs(first)[-1].conclusion == "failure"
        assert bench.runs(other) == []
        assert len(bench.comments((await bench.rows(first))[0].pull_number or 0)) == 1


async def test_retargeted_and_back_is_compared_with_the_present_base(repository: Repository, tmp_path: Path) -> None:
    repository.commit("first", {"app/core.py": HARMLESS})
    repository.branch("release")
    repository.commit("release only", {"app/release.py": UNSAFE})
    repository.branch("topic", "release")
    head = repository.commit("topic", {"app/topic.py": HARMLESS})
    repository.checkout("main")
    async with running(repository, tmp_path) as bench:
        opened = next(
            one for one in bench.deliveries("pull_request", "opened") if one["pull_request"]["head"]["sha"] == head
        )
        number = opened["number"]
        await bench.deliver("pull_request", opened)
        await bench.work()
        assert len(bench.comments(number)) == 1
        for base, expected in (("release", 0), ("main", 1)):
            await bench.github.hub.edit_base(number, base)
            await bench.deliver_new("pull_request", "edited")
            await bench.work()
            assert len(bench.comments(number)) == expected
            assert bench.runs(head)[-1].conclusion == ("neutral" if expected else "success")
            spoke = await bench.verdict()
            assert spoke is not None
            assert spoke.ref == base


async def test_twenty_pushes_cost_two_analyses(repository: Repository, tmp_path: Path) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        await pushed(bench, repository, "0", HARMLESS)
        await bench.deliver_new("pull_request", "opened")
        await bench.work()
        for number in range(1, 20):
            await pushed(bench, repository, str(number), HARMLESS + f"# {number}\n")
        await bench.deliver("pull_request", *bench.deliveries("pull_request", "synchronize"))
        await bench.work()
        rows = await bench.rows()
        assert sum(row.status == "completed" for row in rows) == 2
        assert len(bench.github.state.check_runs) == 2
        assert rows[-1].status == "completed"


async def test_the_present_head_of_a_branch_gets_the_check_run(repository: Repository, tmp_path: Path) -> None:
    repository.commit("first", {"app/core.py": HARMLESS})
    async with running(repository, tmp_path) as bench:
        old = await pushed(bench, repository, "A", UNSAFE)
        await bench.deliver_new("push")
        present = await pushed(bench, repository, "B", UNSAFE + "\n")
        # B's delivery is lost. A's job finds it, and compares it with what A was compared with.
        await bench.work()
        (run,) = bench.runs(present)
        assert {one.path for one in run.annotations} == {"app/shell.py"}
        assert bench.runs(old) == []


async def test_the_push_of_a_pull_request_makes_sure_that_it_is_analyzed(
    repository: Repository, tmp_path: Path
) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        head = await pushed(bench, repository, "A", UNSAFE)
        await bench.deliver_new("push")  # the delivery of the pull request is lost
        await bench.work()
        (run,) = bench.runs(head)
        assert run.conclusion == "failure"
        push, pull = await bench.rows(head)
        assert (push.status, push.error) == ("superseded", "analyzed as its pull request")
        assert pull.status == "completed"


async def test_one_analysis_of_a_pull_request_runs_at_a_time(repository: Repository, tmp_path: Path) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        older = await pushed(bench, repository, "A", UNSAFE)
        await bench.deliver_new("pull_request", "opened")
        newer = await pushed(bench, repository, "B", UNSAFE + "\n")
        await bench.deliver_new("pull_request", "synchronize")
        (first,), (second,) = await bench.rows(older), await bench.rows(newer)
        held = await claim(bench.db, first.id)
        assert held is not None
        assert await claim(bench.db, second.id) is None
        await finish(bench.db, held, AnalysisStatus.SUPERSEDED, None)
        assert await claim(bench.db, second.id) is not None


async def test_a_head_that_is_asked_for_while_it_steps_aside_is_analyzed(
    repository: Repository, tmp_path: Path
) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        head = await pushed(bench, repository, "A", HARMLESS)
        await bench.deliver_new("pull_request", "opened")
        (row,) = await bench.rows(head)
        held = await claim(bench.db, row.id)
        assert held is not None
        assert await analyses.update_held(bench.db, held, check_run_id=7)
        # Another head is there, the check run of this one cannot be cancelled now, and then this one comes back.
        assert await analyses.end(bench.db, held, Conclusion.CANCELLED, "The head is another one.")
        await bench.deliver_new("pull_request", "opened")
        await analyses.postpone(bench.db, held, after=60, counts=False, step=CONCLUDING)
        await bench.deliver_new("pull_request", "opened")
        again = await claim(bench.db, row.id)
        assert again is not None
        assert (again.ended, again.check_run_id, again.tries) == (None, 7, 1)
        # Another head is there, and this one comes back before the worker has said so.
        await bench.deliver_new("pull_request", "opened")
        await finish(bench.db, again, AnalysisStatus.SUPERSEDED, Conclusion.CANCELLED)
        assert await asked_meanwhile(bench.db, again)
        last = await claim(bench.db, row.id)
        assert last is not None
        await finish(bench.db, last, AnalysisStatus.SUPERSEDED, Conclusion.CANCELLED)
        assert not await asked_meanwhile(bench.db, last)


async def test_a_worker_of_an_earlier_run_cannot_write_into_a_later_one(repository: Repository, tmp_path: Path) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        head = await pushed(bench, repository, "A", HARMLESS)
        await bench.deliver_new("pull_request", "opened")
        (row,) = await bench.rows(head)
        earlier = await claim(bench.db, row.id)
        assert earlier is not None
        await finish(bench.db, earlier, AnalysisStatus.COMPLETED, Conclusion.SUCCESS)
        await bench.github.hub.close(row.pull_number or 0)
        await bench.github.hub.reopen(row.pull_number or 0)
        await bench.deliver_new("pull_request", "reopened")
        later = await claim(bench.db, row.id)
        assert later is not None
        assert later.tries == 1
        assert not await analyses.extend_lease(bench.db, earlier)
        assert await analyses.extend_lease(bench.db, later)
