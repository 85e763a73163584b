"""bench/remark_signal.py: what is replayed and stored, what came afterwards, and the lift."""

import asyncio
import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from scipy.stats.contingency import relative_risk

from tests.jobs.samples import HARMLESS, TANGLED
from tests.repository import Repository

SCRIPT = Path(__file__).parents[1] / "bench" / "remark_signal.py"
DAY = 86_400


@pytest.fixture(scope="module")
def history() -> ModuleType:
    return module("signal_history")


def module(name: str) -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(SCRIPT.parent)
        return importlib.import_module(name)


def place_of(repository: Repository, folder: Path) -> Any:
    return module("signal_replay").Place.of(repository.path, folder)


async def replay(place: Any, changes: int) -> None:
    await module("signal_replay").replay(place, changes, 90 * DAY)


def commit(repository: Repository, day: int, message: str, files: dict[str, str | None]) -> str:
    repository.clock = 1_600_000_000 + day * DAY
    return repository.commit(message, files)


@pytest.fixture
def fixed_once(repository: Repository) -> Repository:
    """Two tangled functions of the same size, of which one is fixed, and two harmless changes of that size."""
    commit(repository, 0, "first", dict.fromkeys(("app/a.py", "app/b.py", "app/c.py", "app/d.py"), HARMLESS))
    flat = "".join(f"NUMBER_{number} = {number}\n" for number in range(TANGLED.count("\n")))
    commit(repository, 1, "a (#1)", {"app/a.py": HARMLESS + TANGLED})
    commit(repository, 2, "b (#2)", {"app/b.py": HARMLESS + TANGLED})
    commit(repository, 3, "c (#3)", {"app/c.py": HARMLESS + flat})
    commit(repository, 4, "d (#4)", {"app/d.py": HARMLESS + flat.replace("NUMBER", "OTHER")})
    commit(repository, 20, "fix: a crash (#5)", {"app/a.py": HARMLESS + TANGLED.replace("order.open", "order.is_open")})
    commit(repository, 200, "e (#6)", {"app/e.py": HARMLESS})
    return repository


async def test_a_replay_goes_on_where_it_was_killed(fixed_once: Repository, tmp_path: Path) -> None:
    place = place_of(fixed_once, tmp_path)
    await replay(place, 4)
    whole = place.store.read_bytes()
    lines = whole.splitlines(keepends=True)
    # Changes that are younger than 90 days, and older ones than asked for, are left out.
    assert [json.loads(line)["subject"] for line in lines] == ["b (#2)", "c (#3)", "d (#4)", "fix: a crash (#5)"]
    # Nothing later than the last change is known.
    with module("signal_replay").opened(place.moving) as index:
        assert index.meta["head"] == fixed_once.head("HEAD~2")
    place.store.write_bytes(b"".join(lines[:3]) + lines[3][:40])
    await replay(place, 4)
    assert place.store.read_bytes() == whole


async def test_what_came_after_is_compared_with_changes_of_the_same_size(
    fixed_once: Repository, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = place_of(fixed_once, tmp_path)
    await replay(place, 5)
    table = module("signal_table")
    rows = table.rows_of([place])
    [row] = [row for row in rows if row.rule == "complexity/new-function"]
    assert (row.standing, row.spoken, row.changes, row.came, len(row.cases), row.usual) == ("remark", 2, 5, 1, 2, 0)
    assert {fixed_once.git("log", "-1", "--format=%s", sha) for case in row.cases for sha in case.others} == {
        "c (#3)",
        "d (#4)",
    }
    table.print_table(rows)
    table.print_shares(rows)
    printed = capsys.readouterr().out
    assert "| `complexity/new-function` | remark | 2 | 40.0 | 1 |" in printed
    assert "complexity/new-function: 1 of 2, its lines of this file are fixed" in printed


async def test_remarks_are_printed_without_their_confidence(fixed_once: Repository, tmp_path: Path) -> None:
    await replay(place_of(fixed_once, tmp_path), 1)
    argv = [sys.executable, str(SCRIPT), "remarks", str(fixed_once.path), "-o", str(tmp_path)]
    [line] = (await asyncio.to_thread(subprocess.check_output, argv)).splitlines()
    told = json.loads(line)
    assert (told["rule"], told["path"], told["head"]) == ("twins/left-behind", "app/a.py", told["sha"])
    assert not any(name.startswith("confidence") for name in told)


@pytest.mark.parametrize("counts", [(10, 20, 5, 20), (3, 90, 40, 400), (7, 7, 3, 9)])
def test_the_interval_of_a_lift_is_that_of_katz(counts: tuple[int, int, int, int]) -> None:
    referee = relative_risk(*counts)
    low, high = referee.confidence_interval(0.95)
    found = module("signal_table").lift(*counts)
    assert (found.ratio, found.low, found.high) == pytest.approx((referee.relative_risk, low, high), rel=1e-5)


def test_a_lift_from_nothing_is_wide_and_none_without_cases() -> None:
    lift = module("signal_table").lift
    assert lift(0, 0, 3, 9) is None
    found = lift(0, 5, 0, 50)
    assert found.low < 0.5 and found.high > 100


def later(history: ModuleType, repository: Repository, tmp_path: Path, since: str) -> Any:
    replay = module("signal_replay")
    place = replay.Place.of(repository.path, tmp_path)
    replay.move_index(place, place.newest, repository.head())
    with replay.opened(place.newest) as index:
        return history.Later(index.connection, place.git_dir, since)


def test_files_are_followed_across_renames(history: ModuleType, repository: Repository, tmp_path: Path) -> None:
    text = "".join(f"this_is_line_{number}\n" for number in range(9))
    commit(repository, 0, "first", {"app/core.py": text, "app/other.py": "another = 1\n"})
    since = commit(repository, 1, "change", {"app/other.py": "another = 2\n"})
    commit(repository, 2, "rename", {"app/core.py": None, "app/kernel.py": text})
    commit(repository, 3, "edit", {"app/kernel.py": text.replace("line_4", "row_4")})
    commit(repository, 4, "tests", {"tests/test_core.py": "def test_core():\n    assert True\n"})
    commit(repository, 150, "late", {"app/kernel.py": text.replace("line_5", "row_5")})
    known = later(history, repository, tmp_path, since)
    assert known.gone(since, since, "app/core.py", 5) is True
    assert known.gone(since, since, "app/core.py", 6) is False
    assert known.gone(since, since, "app/core.py", 99) is None
    assert known.gone_elsewhere(since, since, "app/core.py", 6) == pytest.approx(1 / 8)
    assert known.changed(since, "app/core.py") is True
    assert known.changed(since, "app/core.py", without="app/other.py") is True
    assert known.changed(since, "app/core.py", without="app/core.py") is False
    assert known.changed(since, "app/other.py") is False
    assert known.changed(since, "app/nothing.py") is None
    assert known.tested(since, "app/core.py") is True
    assert known.tested(since, "app/other.py") is False


async def test_what_the_first_commit_had_and_the_merge_has_not_is_told(
    repository: Repository, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(repository, 0, "first", {"app/a.py": HARMLESS, "app/b.py": HARMLESS})
    repository.branch("feature")
    commit(repository, 1, "a and b", {"app/a.py": HARMLESS + TANGLED, "app/b.py": HARMLESS + TANGLED})
    commit(repository, 2, "simpler", {"app/a.py": HARMLESS})
    repository.checkout("main")
    repository.git("merge", "--quiet", "--no-ff", "-m", "Merge pull request #1 from x/feature\n\nA and b", "feature")
    commit(repository, 200, "later", {"app/c.py": HARMLESS})
    place, early = place_of(repository, tmp_path), module("signal_early")
    await replay(place, 5)
    await early.replay_early(place)
    [first] = module("signal_replay").stored(place.early)
    assert first.head == repository.head("feature~1")
    early.print_early([place])
    told = capsys.readouterr().out
    assert "1 branches with several commits" in told
    assert "| `complexity/new-function` | 2 | 1 (50%) |" in told
