"""The real child process: the effects of expensive files, failing analyzers and malicious code are limited."""

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot.analysis.analyzer import Analyzer
from bot.analysis.registry import ANALYZERS
from bot.analysis.run import measure_files, run_analyzers
from bot.domain.change import Change
from bot.domain.files import FileChange
from bot.domain.insights import Insight, Standing
from bot.process import MIB, Limits, limiter
from bot.sandbox import Sandbox
from bot.sandbox.child import Task
from bot.sandbox.parent import LIMITS
from tests.analysis.changes import change_of, changed

_TIGHT = Limits(memory=190 * MIB, cpu=60, file=0, files=64)
DOWNGRADE = changed("requirements.txt", "flask==3.0\n", "flask==2.0\n")


def greedy(path: str = "package-lock.json") -> FileChange:
    """Return a lock file of 8 MB that needs about 170 MB when it is parsed."""
    return FileChange(
        path=path, status=DOWNGRADE.status, before="{}", after='{"packages":[' + ",".join(["[]"] * 2_600_000) + "]}"
    )


def slow(path: str = "package-lock.json") -> FileChange:
    """Return a lock file with so many packages that its analysis is slow."""
    entry = '"node_modules/p%d":{"version":"1.%d.%d"}'

    def text(patch: int) -> str:
        return '{"packages":{' + ",".join(entry % (n, n, patch) for n in range(200_000)) + "}}"

    return FileChange(path=path, status=DOWNGRADE.status, before=text(1), after=text(2))


async def analyzed(change: Change, **bounds: object) -> tuple[list[str], dict[str, str]]:
    async with Sandbox(**bounds) as sandbox:  # type: ignore[arg-type]
        done = await sandbox.analyze(change)
    return [one.rule for one in done.insights], {item.path: item.reason for item in done.left_out}


async def test_the_child_returns_the_insights_of_the_analyzers() -> None:
    change = change_of(DOWNGRADE, changed("src/a.py", None, "x = 1\n"))
    async with Sandbox() as sandbox:
        done = await sandbox.analyze(change)
    assert done.left_out == []
    assert done.insights == msgspec.json.decode(
        msgspec.json.encode(run_analyzers(change, measure_files(change, ANALYZERS))), type=list[Insight]
    )


async def test_a_file_that_exhausts_memory_is_left_out() -> None:
    rules, left_out = await analyzed(change_of(greedy(), DOWNGRADE), limits=_TIGHT)
    assert "dependency/lowered" in rules
    assert left_out == {"package-lock.json": "its analysis ran out of memory or crashed"}


async def test_a_file_that_takes_too_long_is_left_out() -> None:
    rules, left_out = await analyzed(change_of(slow(), DOWNGRADE), seconds_per_file=0.6)
    assert "dependency/lowered" in rules
    assert left_out == {"package-lock.json": "its analysis took longer than 0.6 s"}


async def test_after_too_many_deaths_no_file_is_measured_and_the_report_is_made() -> None:
    files = [greedy(f"{name}/package-lock.json") for name in "abcdef"]
    rules, left_out = await analyzed(change_of(*files, DOWNGRADE), limits=_TIGHT)
    assert "dependency/lowered" not in rules
    assert "size/extent" in rules
    assert len(left_out) == 6 and "(all other files)" in left_out


async def test_a_sandbox_can_be_used_again() -> None:
    async with Sandbox() as sandbox:
        for _ in range(2):
            insights = (await sandbox.analyze(change_of(DOWNGRADE))).insights
            assert "dependency/lowered" in [one.rule for one in insights]


async def test_an_unused_child_ends_with_the_sandbox() -> None:
    async with Sandbox() as sandbox:
        child = sandbox._child
        assert child is not None and child.returncode is None
    assert child.returncode is not None


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
async def test_the_child_has_no_secret_in_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_WEBHOOK_SECRET", "do-not-pass-on")
    async with Sandbox() as sandbox:
        assert sandbox._child is not None
        started_with = Path(f"/proc/{sandbox._child.pid}/environ").read_text(encoding="utf-8")
    assert {entry.partition("=")[0] for entry in started_with.rstrip("\0").split("\0")} == {"LC_ALL", "PYTHONHASHSEED"}


@pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's")
def test_the_child_has_no_network() -> None:
    script = (
        "import socket, bot.sandbox.child as child\n"
        "child.leave_network()\n"
        "try:\n"
        "    socket.create_connection(('127.0.0.1', PORT), 5)\n"
        "    print('connected')\n"
        "except OSError as error:\n"
        "    print(error.errno)\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-I", "-c", script.replace("PORT", str(port))], capture_output=True, text=True, check=True
        )
    if done.stdout.strip() == "connected":
        pytest.skip("this kernel forbids network namespaces")
    assert done.stdout.strip() == "101"  # ENETUNREACH: not even the loopback is up


def test_the_child_cannot_write_files(tmp_path: Path) -> None:
    target = tmp_path / "x"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"open({str(target)!r}, 'w').write('x' * 100_000)"],
        capture_output=True, check=False, preexec_fn=limiter(LIMITS),
    )  # fmt: skip
    assert done.returncode != 0
    assert not target.exists() or target.stat().st_size == 0


def test_the_child_imports_expensive_modules_only_when_needed() -> None:
    """Its start delays the analysis. Modules that only some files need are imported later."""
    listing = "import sys, bot.sandbox.child; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-I", "-c", listing], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    expensive = {"asyncio", "requests", "kingfisher_sdk", "yaml", "lizard", "packaging.requirements", "aiohttp"}
    assert loaded & expensive == set()


async def test_a_dead_child_is_an_error() -> None:
    """A child that dies before it gets its task is an error, not an empty report."""
    sandbox = Sandbox()
    async with sandbox:
        assert sandbox._child is not None
        sandbox._child.kill()
        await sandbox._child.wait()
        with pytest.raises(Exception, match="crashed"):
            await sandbox.analyze(change_of(DOWNGRADE))


def test_an_analyzer_that_raises_loses_only_its_own_insights() -> None:
    def broken(*arguments: object) -> list[Insight]:
        raise ZeroDivisionError("of `@octocat`")

    working = next(one for one in ANALYZERS if one.name == "dependency")
    analyzers: list[Analyzer[Any]] = [
        Analyzer(name="early", analyze=lambda change, facts: [], measure=broken),
        Analyzer(name="late", analyze=broken),
        working,
    ]
    insights = run_analyzers(change_of(DOWNGRADE), measure_files(change_of(DOWNGRADE), analyzers))
    failures = [one for one in insights if one.standing is Standing.FAILURE]
    assert [one.rule for one in failures] == ["early/failed", "late/failed"]
    assert {one.evidence["error"] for one in failures} == {"ZeroDivisionError"}
    assert "dependency/lowered" in [one.rule for one in insights]


def test_a_task_is_unchanged_after_encoding_and_decoding() -> None:
    task = Task(change_of(DOWNGRADE, changed("a.py", "\ufeff\u2028", None, old_path="b.py")), (3,))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(task), type=Task) == task
