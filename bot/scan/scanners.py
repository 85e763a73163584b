"""Runs ruff's security rules on Python files, zizmor on workflow files, and the secret scanner on all. Pure functions
parse the output of the first two.

https://docs.astral.sh/ruff/rules/#flake8-bandit-s · https://docs.zizmor.sh/audits/
"""

import asyncio
import re
import shutil
import sysconfig
from collections.abc import Awaitable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from bot.domain.change import LeftOut
from bot.domain.files import FileChange, Side, ToolFinding
from bot.domain.insights import Severity
from bot.process import MIB, Completed, Limits, ProcessFailed, run
from bot.scan.secrets import find_secrets
from bot.scan.workspace import Workspace, create_workspace

_WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml\Z")
_ACTION = re.compile(r"(.*/)?action\.ya?ml\Z", re.DOTALL)
_LIMITS = Limits(memory=4096 * MIB, cpu=60)
_TIMEOUT = 60
# At most so many files are scanned one by one after a scan of all of them has failed.
_MAX_SINGLE_SCANS = 60
_CONFIDENCE = {"High": 0.9, "Medium": 0.7, "Low": 0.4}
_SEVERITY = {"High": Severity.HIGH, "Medium": Severity.MEDIUM, "Low": Severity.LOW}


def is_scanned(path: str) -> bool:
    """Return whether a scanner reads files of this name."""
    return PurePosixPath(path).suffix in {".py", ".pyi"} or bool(_zizmor_name(path))


async def scan(files: Sequence[FileChange]) -> tuple[tuple[ToolFinding, ...], tuple[LeftOut, ...]]:
    """Return the findings on the base and the head of the changed files, and the scanners that failed."""
    (findings, left_out), *others = await asyncio.gather(
        find_secrets(files), _or_failed("ruff", _ruff(files)), _or_failed("zizmor", _zizmor(files))
    )
    for result in others:
        if isinstance(result, LeftOut):
            left_out.append(result)
        else:
            findings += result
    return tuple(findings), tuple(left_out)


async def _or_failed(name: str, scanner: Awaitable[list[ToolFinding]]) -> list[ToolFinding] | LeftOut:
    try:
        return await scanner
    except (ProcessFailed, OSError, ValueError, KeyError) as problem:
        return LeftOut(f"({name})", f"the scanner {name} failed: {type(problem).__name__}")


async def _ruff(files: Sequence[FileChange]) -> list[ToolFinding]:
    python = [file for file in files if PurePosixPath(file.path).suffix in {".py", ".pyi"} and file.after is not None]
    try:
        return await _ruff_on(python)
    except ProcessFailed:
        if len(python) > _MAX_SINGLE_SCANS:
            raise
    # A single file can make ruff fail, for example by deep nesting. If each file is scanned alone, only that file's
    # findings are lost.
    findings = []
    for file in python:
        try:
            findings += await _ruff_on([file])
        except ProcessFailed:
            continue
    return findings


async def _ruff_on(python: Sequence[FileChange]) -> list[ToolFinding]:
    if not python:
        return []
    with create_workspace(python, lambda path: "src/{}.py") as workspace:
        arguments = ("check", "--isolated", "--no-cache", "--quiet", "--exit-zero", "--select=S")
        done = await run_scanner("ruff", *arguments, "--output-format=json", str(workspace.root), cwd=workspace.root)
        if done.returncode:
            raise ProcessFailed(f"ruff ended with exit status {done.returncode}")
        return parse_ruff(done.stdout, workspace)


async def _zizmor(files: Sequence[FileChange]) -> list[ToolFinding]:
    workflows = [file for file in files if file.after is not None and _zizmor_name(file.path)]
    if not workflows:
        return []
    with create_workspace(workflows, _zizmor_name) as workspace:
        arguments = ("--offline", "--no-config", "--no-progress", "--no-exit-codes", "--quiet")
        done = await run_scanner("zizmor", *arguments, "--format=json-v1", str(workspace.root), cwd=workspace.root)
        return parse_zizmor(done.stdout, workspace)


def _zizmor_name(path: str) -> str:
    """Return the name under which zizmor takes a file for what it is: a workflow or an action; else empty."""
    if _WORKFLOW.match(path):
        return ".github/workflows/{}.yml"
    return "{}/action.yml" if _ACTION.match(path) else ""


async def run_scanner(program: str, *arguments: str, cwd: Path) -> Completed:
    """Run a scanner of our own installation in a minimal environment."""
    found = shutil.which(program, path=sysconfig.get_path("scripts"))
    if found is None:
        raise FileNotFoundError(program)
    environment = {"HOME": str(cwd), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "RAYON_NUM_THREADS": "2"}
    return await run([found, *arguments], env=environment, cwd=cwd, timeout=_TIMEOUT, limits=_LIMITS)


def parse_ruff(output: bytes, workspace: Workspace) -> list[ToolFinding]:
    """Parse the output of `ruff check --output-format=json`. Syntax errors are not findings.

    A file with syntax errors in its base has no findings, because those in its head may not be new.
    """
    items = [(item, *workspace.source(item["filename"])) for item in orjson.loads(output or b"[]")]
    unparsed = {path for item, side, path in items if side is Side.BASE and not _is_finding(item)}
    return [
        ToolFinding(
            tool="ruff",
            rule=item["code"],
            side=side,
            path=path,
            line=item["location"]["row"],
            end_line=item["end_location"]["row"],
            message=item["message"],
            severity=Severity.MEDIUM,
            confidence=0.7,
            url=item.get("url"),
        )
        for item, side, path in items
        if _is_finding(item) and path not in unparsed
    ]


def _is_finding(item: dict[str, Any]) -> bool:
    return (item.get("code") or "").startswith("S")


def parse_zizmor(output: bytes, workspace: Workspace) -> list[ToolFinding]:
    """Parse the output of `zizmor --format=json-v1`: the findings at their primary locations. Rows are 0-based."""
    return [
        _zizmor_finding(item, location, workspace)
        for item in orjson.loads(output or b"[]")
        if not item.get("ignored")
        for location in item["locations"]
        if location["symbolic"]["kind"] == "Primary"
    ]


def _zizmor_finding(item: dict[str, Any], location: dict[str, Any], workspace: Workspace) -> ToolFinding:
    key = location["symbolic"]["key"]["Local"]
    side, path = workspace.source(key.get("verbatim_path") or key["given_path"])
    concrete = location["concrete"]["location"]
    return ToolFinding(
        tool="zizmor",
        rule=item["ident"],
        side=Side(side),
        path=path,
        line=concrete["start_point"]["row"] + 1,
        end_line=concrete["end_point"]["row"] + 1,
        message=item["desc"],
        severity=_SEVERITY.get(item["determinations"]["severity"], Severity.INFO),
        confidence=_CONFIDENCE.get(item["determinations"]["confidence"], 0.3),
        url=item.get("url"),
    )
