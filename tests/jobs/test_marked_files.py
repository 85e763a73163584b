"""Hotspots leave out what `.gitattributes` marks as generated, vendored or documentation."""

from bot.jobs.learn_history import snapshots_of
from tests.history.fixtures import index_of, indexed
from tests.repository import Repository

MARKS = "gen/* linguist-generated\nbundled.py linguist-vendored=true\nguide.py linguist-documentation\nreal.py text\n"


async def test_marked_files_are_no_hotspots(repository: Repository) -> None:
    repository.commit("marks", {".gitattributes": MARKS})
    for number in range(4):
        for path in ("gen/parser.py", "bundled.py", "guide.py", "real.py"):
            repository.commit(f"{path} {number}", {path: f"x = {number}\nif x:\n    y = {number}\n"})
    indexed(repository)
    hotspots, ownership, *_ = await snapshots_of(repository.git_dir, index_of(repository), repository.head())
    assert [file.path for file in hotspots.files] == ["real.py"]
    assert [file.path for file in ownership.files] == ["real.py"]
