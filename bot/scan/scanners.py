"""ruff's security rules on Python files and zizmor on workflow files. Their output is parsed by pure functions.

https://docs.astral.sh/ruff/rules/#flake8-bandit-s · https://docs.zizmor.sh/audits/
"""

import asyncio
import re
import shutil
import sysconfig
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from bot.domain.change import LeftOut
from bot.domain.files import FileChange, Side, ToolFinding
from bot.domain.insights import Severity
from bot.process import MIB, Completed, Limits, ProcessFailed, run
from bot.scan.workspace import Workspace, workspace

_WORKFLOW = re.compile(r"^\.github/workflows/[^/]+\.ya?ml$|(^|/)action\.ya?ml$")
_LIMITS = Limits(memory=4096 * MIB, cpu=60)
_SECONDS = 60
_MAX_ALONE = 60
_CONFIDENCE = {"High": 0.9, "Medium": 0.7, "Low": 0.4}
_SEVERITY = {"High": Severity.HIGH, "Medium": Severity.MEDIUM, "Low": Severity.LOW}


async def scan(files: Sequence[FileChange]) -> tuple[tuple[ToolFinding, ...], tuple[LeftOut, ...]]:
    """What the scanners say of both ends of the changed files, and which scanner could not be run and why."""
    results = await asyncio.gather(_ruff(files), _zizmor(files), return_exceptions=True)
    findings: list[ToolFinding] = []
    left_out = []
    for name, result in zip(("ruff", "zizmor"), results, strict=True):
        if isinstance(result, list):
            findings.extend(result)
        elif isinstance(result, (ProcessFailed, OSError, ValueError, KeyError)):
            left_out.append(LeftOut(f"({name})", f"the scanner {name} did not finish: {type(result).__name__}"))
        else:
            raise result
    return tuple(findings), tuple(left_out)


async def _ruff(files: Sequence[FileChange]) -> list[ToolFinding]:
    python = [file for file in files if PurePosixPath(file.path).suffix in {".py", ".pyi"} and file.after is not None]
    try:
        return await _ruff_on(python)
    except ProcessFailed:
        if len(python) > _MAX_ALONE:
            raise
    # One file broke it, by its depth for example. Each on its own: what breaks costs its own findings.
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
    with workspace(python, "src", ".py") as place:
        arguments = ("check", "--isolated", "--no-cache", "--quiet", "--exit-zero", "--select=S")
        done = await _run("ruff", *arguments, "--output-format=json", str(place.root), cwd=place.root)
        if done.returncode:
            raise ProcessFailed(f"ruff ended with {done.returncode}")
        return parse_ruff(done.stdout, place)


async def _zizmor(files: Sequence[FileChange]) -> list[ToolFinding]:
    workflows = [file for file in files if _WORKFLOW.search(file.path) and file.after is not None]
    if not workflows:
        return []
    with workspace(workflows, ".github/workflows", ".yml") as place:
        arguments = ("--offline", "--no-config", "--no-progress", "--no-exit-codes", "--quiet")
        done = await _run("zizmor", *arguments, "--format=json-v1", str(place.root), cwd=place.root)
        return parse_zizmor(done.stdout, place)


async def _run(program: str, *arguments: str, cwd: Path) -> Completed:
    """Run a scanner that came with our own installation, in an environment of its own."""
    found = shutil.which(program, path=sysconfig.get_path("scripts"))
    if found is None:
        raise FileNotFoundError(program)
    environment = {"HOME": str(cwd), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "RAYON_NUM_THREADS": "2"}
    return await run([found, *arguments], env=environment, cwd=cwd, timeout=_SECONDS, limits=_LIMITS)


def parse_ruff(output: bytes, place: Workspace) -> list[ToolFinding]:
    """Findings of `ruff check --output-format=json`; syntax errors are not findings.

    A file whose base has syntax errors gives none: what was found in its head might have been there before.
    """
    items = [(item, *place.names[Path(item["filename"]).name]) for item in orjson.loads(output or b"[]")]
    unread = {path for item, side, path in items if side is Side.BASE and not _is_finding(item)}
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
        if _is_finding(item) and path not in unread
    ]


def _is_finding(item: dict[str, Any]) -> bool:
    return (item.get("code") or "").startswith("S")


def parse_zizmor(output: bytes, place: Workspace) -> list[ToolFinding]:
    """Findings of `zizmor --format=json-v1` at their primary location; rows there are 0-based."""
    return [
        _zizmor_finding(item, location, place)
        for item in orjson.loads(output or b"[]")
        if not item.get("ignored")
        for location in item["locations"]
        if location["symbolic"]["kind"] == "Primary"
    ]


def _zizmor_finding(item: dict[str, Any], location: dict[str, Any], place: Workspace) -> ToolFinding:
    key = location["symbolic"]["key"]["Local"]
    side, path = place.names[Path(key.get("verbatim_path") or key["given_path"]).name]
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
