"""The demo repository of `up --demo`: the same commits every time, and every analyzer speaks in its branches."""

import asyncio
from dataclasses import replace
from pathlib import Path

from bot.analysis import collision
from bot.analysis.measured import UNPROVEN
from bot.analysis.registry import ANALYZERS
from bot.commands.demo import branches, make_demo
from bot.domain.change import Report
from bot.domain.insights import Standing
from bot.domain.open_pulls import OpenPull
from bot.git.change import read_change
from bot.git.read_file import resolve
from bot.git.run import git
from bot.pipeline.history import update_index
from bot.pipeline.make_report import ReadConfig, ReportRequest, make_report
from bot.sandbox import Sandbox
from tests.analysis.changes import change_of, said

# The rules of the analyzers of the past are named after what they read, not after the analyzer.
_RULES = {name: f"history/{name}" for name in ("undone-fix", "relanded", "cleared-before")}
# What they say of the demo is a note: `size` has no remark for an extent alone, `similarity` none at all, and the risk
# is one only above the 95th percentile and beyond what the size says. Rules that reading did not prove are notes.
_NOTES = {"size", "similarity", "risk"} | {rule.partition("/")[0] for rule in UNPROVEN}


async def reports_of(folder: Path) -> dict[str, Report]:
    git_dir = await make_demo(folder) / ".git"
    base = await resolve(git_dir, "refs/heads/main")
    assert base is not None
    index = folder / "history.db"
    assert await update_index(git_dir, index, base)
    found = {}
    async with Sandbox() as sandbox:
        for branch in branches():
            head = await resolve(git_dir, f"refs/heads/{branch.name}")
            assert head is not None
            request = ReportRequest(
                git_dir=git_dir, base=base, head=head, repository="demo", config=ReadConfig(), index=index
            )
            found[branch.name] = await make_report(request, sandbox)
    return found


async def test_every_analyzer_speaks(tmp_path: Path) -> None:
    reports = await reports_of(tmp_path)
    remarks: set[str] = set()
    notes: set[str] = set()
    for report in reports.values():
        for insight in report.insights:
            assert insight.standing is not Standing.FAILURE, insight.title
            (remarks if insight.standing is Standing.REMARK else notes).add(insight.rule)
    git_dir = tmp_path / "corner-shop" / ".git"
    gift, express = reports["wrap-gifts"], reports["express-orders"]
    files = (await read_change(git_dir, express.merge_base, express.head_sha)).files
    other = OpenPull(1, gift.head_sha, gift.touched)
    beside = said(collision.ANALYZER, replace(change_of(*files), open_pulls=(other,)))
    remarks |= {insight.rule for insight in beside if insight.standing is Standing.REMARK}
    for analyzer in ANALYZERS:
        rules = remarks | notes if analyzer.name in _NOTES else remarks
        prefix = _RULES.get(analyzer.name, f"{analyzer.name}/")
        assert any(rule.startswith(prefix) for rule in rules), analyzer.name


async def test_the_same_commits_are_made_every_time_and_checked_out(tmp_path: Path) -> None:
    heads = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        path = await make_demo(tmp_path / name)
        heads.append(await git(path / ".git", "for-each-ref"))
        assert (path / "shop" / "orders.py").is_file()
        changed = await git(path / ".git", "status", "--porcelain", env={"GIT_WORK_TREE": str(path)})
        assert changed == b""
    assert heads[0] == heads[1]
    assert heads[0].count(b"\n") == 1 + len(branches())
    (path / "shop" / "orders.py").write_text("edited\n")
    assert await make_demo(tmp_path / "other") == path
    assert await asyncio.to_thread((path / "shop" / "orders.py").read_text) == "edited\n"
