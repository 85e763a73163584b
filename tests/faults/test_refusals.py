"""What GitHub refuses for good is told in the report and changes nothing else; what passes is tried again."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from bot.db import analyses
from bot.db.engine import now
from bot.db.tables import Analysis
from bot.domain.analyses import AnalysisStatus
from bot.domain.published import Conclusion
from bot.errors import Unavailable
from bot.local.faults import Fault
from bot.pipeline.attempt import Ending, run_attempt, waiting_time
from tests.faults import bad_gateway
from tests.faults.running import Running, running, started
from tests.jobs.samples import HARMLESS, UNSAFE
from tests.repository import Repository

JSON = {"Content-Type": "application/json; charset=utf-8"}
LOCKED = "Unable to create comment because issue is locked."


async def opened(bench: Running, repository: Repository, content: str = UNSAFE) -> str:
    """Open a pull request; the sha of its head."""
    head = repository.commit("topic", {"app/shell.py": content})
    await bench.github.watch.look()
    await bench.deliver_new("pull_request", "opened")
    return head


async def test_a_refused_comment_leaves_the_report_as_it_is(repository: Repository, tmp_path: Path) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        head = await opened(bench, repository)
        bench.github.faults.append(Fault(403, "POST", "/issues/[0-9]+/comments", JSON, text=LOCKED))
        await bench.work()
        (run,) = bench.runs(head)
        (row,) = await bench.rows(head)
        assert (run.conclusion, row.conclusion, row.status) == ("failure", "failure", "completed")
        assert "GitHub refused the comment on the pull request" in (run.summary or "")
        assert LOCKED in (run.summary or "")
        assert "security/S602" in (run.summary or "")
        assert len(run.annotations) == 2


async def test_refused_annotations_leave_the_conclusion_as_it_is(repository: Repository, tmp_path: Path) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        head = await opened(bench, repository)
        bench.github.faults.append(Fault(422, "PATCH", "/check-runs/", JSON, text="Invalid annotations"))
        await bench.work()
        (run,) = bench.runs(head)
        assert (run.conclusion, run.annotations) == ("failure", [])
        assert "GitHub refused the annotations" in (run.summary or "")


async def test_what_passes_is_tried_again(repository: Repository, tmp_path: Path) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        head = await opened(bench, repository, HARMLESS)
        faults = [
            Fault(200, "GET", "/pulls/", JSON, raw=b'{"head": {"sh'),  # half an answer
            Fault(200, "GET", "/pulls/", JSON, raw=b"[]"),
            Fault(201, "POST", "/access_tokens", JSON, raw=b"{}"),
            Fault(200, "GET", "/pulls/", raw=b"<html>a proxy</html>"),
            Fault(422, "POST", "/check-runs", JSON, text="No commit found for SHA: 123"),
            Fault(401, "POST", "/access_tokens", JSON, text="A JSON web token could not be decoded"),
            Fault(403, "POST", "/access_tokens", JSON, text="This installation has been suspended"),
        ]
        bench.github.violations.clear()
        for fault in faults:
            bench.github.faults.append(fault)
            row = await bench.work_once(head)
            assert (row.status, fault.times) == ("queued", 0), fault.text
        await bench.work()
        bench.github.violations.clear()  # the answers above are not GitHub's
        (run,) = bench.runs(head)
        assert run.conclusion == "success"


async def test_a_run_whose_id_could_not_be_stored_is_found_again(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        head = await opened(bench, repository, HARMLESS)
        # GitHub creates the run, and the answer is lost.
        original = bench.github.state.check_runs.save
        lost: list[int] = []

        def save(run: Any) -> Any:
            saved = original(run)
            if not lost:
                lost.append(run.id)
                raise ConnectionResetError
            return saved

        monkeypatch.setattr(bench.github.state.check_runs, "save", save)
        row = await bench.work_once(head)
        assert (row.status, row.check_run_id) == ("queued", None)
        await bench.work()
        bench.github.violations.clear()  # a 500 of the stand-in is not JSON
        assert [(run.id, run.conclusion) for run in bench.runs(head)] == [(lost[0], "success")]


async def test_the_absence_of_github_costs_no_attempts(repository: Repository, tmp_path: Path) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        head = await opened(bench, repository, HARMLESS)
        bench.github.faults.append(bad_gateway("/pulls/", "GET", times=12))
        for _ in range(12):
            assert (await bench.work_once(head)).status == "queued"
        await bench.work()
        assert [run.conclusion for run in bench.runs(head)] == ["success"]


async def test_an_open_run_is_concluded_when_github_allows_it_again(repository: Repository, tmp_path: Path) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        head = await opened(bench, repository, HARMLESS)
        # The run is opened; then the access ends in the middle, for good as it seems.
        bench.github.faults.append(Fault(404, "PATCH", "/check-runs/", JSON, text="Not Found", times=3))
        row = await bench.work_once(head)
        assert (row.status, row.step) == ("queued", "concluding")
        assert [run.status for run in bench.runs(head)] == ["in_progress"]
        row = await bench.work_once(head)
        assert (row.status, row.step) == ("queued", "concluding")
        await bench.work()
        (run,) = bench.runs(head)
        (row,) = await bench.rows(head)
        assert (run.status, run.conclusion, row.status) == ("completed", "neutral", "failed")
        assert "GitHub rejected a request" in (run.summary or "")


async def test_housekeeping_never_replaces_a_posted_result(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(mirror: Path) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("bot.jobs.analyze_change.maintain", broken)
    started(repository)
    async with running(repository, tmp_path) as bench:
        head = await opened(bench, repository)
        await bench.work()
        (run,) = bench.runs(head)
        (row,) = await bench.rows(head)
        assert (run.conclusion, row.conclusion, row.status) == ("failure", "failure", "completed")
        assert "the housekeeping after the analysis" in caplog.text


async def test_a_bug_after_the_report_was_posted_leaves_it(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise AssertionError("a bug")

    monkeypatch.setattr("bot.pipeline.publish.upsert_comment", broken)
    started(repository)
    async with running(repository, tmp_path) as bench:
        head = await opened(bench, repository)
        await bench.work()
        (run,) = bench.runs(head)
        (row,) = await bench.rows(head)
        assert (run.conclusion, row.conclusion, row.status) == ("failure", "failure", "completed")


async def test_a_comment_that_was_not_answered_adds_no_second_set_of_annotations(
    repository: Repository, tmp_path: Path
) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        head = await opened(bench, repository)
        bench.github.faults.append(bad_gateway("/comments", "POST"))
        assert (await bench.work_once(head)).status == "queued"
        await bench.work()
        (run,) = bench.runs(head)
        assert len(run.annotations) == 2
        assert len(bench.comments((await bench.rows(head))[0].pull_number or 0)) == 1


async def test_the_waits_for_github_grow_and_end_after_a_day(repository: Repository, tmp_path: Path) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        head = await opened(bench, repository, HARMLESS)
        endings: list[Ending] = []

        async def away() -> None:
            raise Unavailable("GitHub could not be reached", after=15)

        async def conclude(ending: Ending) -> None:
            endings.append(ending)

        async def attempt(waited: timedelta | None) -> float:
            """One attempt after so long a time of waiting; the seconds until the next one."""
            since = now() - waited if waited is not None else None
            async with bench.db.writing() as session:
                await session.execute(update(Analysis).values(waits_since=since, lease_until=None))
            (row,) = await bench.rows(head)
            claimed = await analyses.claim(bench.db, row.id)
            assert claimed is not None
            await run_attempt(bench.db, claimed, away, conclude, seconds=60, too_slow=Unavailable("", after=1))
            return waiting_time(claimed, 15)

        assert await attempt(None) == 15
        assert await attempt(timedelta(seconds=100)) == pytest.approx(50, abs=5)
        assert await attempt(timedelta(hours=3)) == 300
        assert endings == []
        await attempt(timedelta(hours=25))
        assert [(one.status, one.conclusion) for one in endings] == [(AnalysisStatus.FAILED, Conclusion.NEUTRAL)]


async def test_a_locked_database_is_no_bug(repository: Repository, tmp_path: Path) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        head = await opened(bench, repository, HARMLESS)
        (row,) = await bench.rows(head)
        claimed = await analyses.claim(bench.db, row.id)
        assert claimed is not None

        async def locked() -> None:
            raise OperationalError("UPDATE analyses", None, Exception("database is locked"))

        async def conclude(ending: Ending) -> None:
            raise AssertionError(ending)

        await run_attempt(bench.db, claimed, locked, conclude, seconds=60, too_slow=Unavailable("", after=1))
        (row,) = await bench.rows(head)
        assert (row.status, row.error) == ("queued", "The database did not answer.")
