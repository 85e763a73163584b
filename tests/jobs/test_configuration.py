"""The configuration of the repository is read from the default branch only."""

from pathlib import Path

from tests.jobs.samples import HARMLESS, UNSAFE
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import running_stack

CONFIG = ".github/gitinsight.yml"


async def test_the_configuration_of_the_default_branch_is_used(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    repository.commit("first", {"app/core.py": HARMLESS, CONFIG: "ignore: ['legacy/']\ngate: low\ncomment: false\n"})
    repository.branch("topic")
    head = repository.commit("worse", {"app/shell.py": UNSAFE, "legacy/shell.py": UNSAFE})
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        run = await stack.check_run(head)
        assert run["conclusion"] == "failure"
        assert "gate fails the check at severity low" in run["summary"]
        assert {annotation["path"] for annotation in run["annotations"]} == {"app/shell.py"}
        assert "`legacy/shell.py`" in run["summary"]
        assert stack.comments((await stack.finished(head)).pull_number or 0) == []


async def test_the_configuration_of_the_head_is_ignored(repository: Repository, tmp_path: Path, valkey: Valkey) -> None:
    repository.commit("first", {"app/core.py": HARMLESS})
    repository.branch("topic")
    silenced = "ignore: ['**']\nanalyzers_off: [security]\ncomment: false\n"
    head = repository.commit("worse, with a configuration that hides it", {"app/shell.py": UNSAFE, CONFIG: silenced})
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        run = await stack.check_run(head)
        assert run["conclusion"] == "neutral"
        assert {annotation["path"] for annotation in run["annotations"]} == {"app/shell.py"}
        assert len(stack.comments((await stack.finished(head)).pull_number or 0)) == 1


async def test_an_error_is_shown_with_its_line_and_the_defaults_are_used(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    repository.commit("first", {"app/core.py": HARMLESS, CONFIG: "ignore: ['**']\ngate: low\nmax_annotation: 1\n"})
    repository.branch("topic")
    worse = repository.commit("worse", {"app/shell.py": UNSAFE})
    repository.branch("other")
    harmless = repository.commit("harmless", {"app/core.py": HARMLESS + "\nX = 1\n"})
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        run = await stack.check_run(worse)
        assert run["conclusion"] == "neutral"
        assert f"**Configuration:** `{CONFIG}`, line 3: unknown key" in run["summary"]
        assert {annotation["path"] for annotation in run["annotations"]} == {"app/shell.py"}
        run = await stack.check_run(harmless)
        assert run["conclusion"] == "neutral"
        assert "line 3: unknown key" in run["summary"]
