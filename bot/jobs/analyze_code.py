"""The job that analyzes some files of a mirror for a request of `POST /ai/analyze-code`, which waits for the reply."""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from redis.asyncio import Redis

from bot.analysis.functions.facts import FileFunctions
from bot.analysis.registry import ANALYZERS
from bot.db import repository_views
from bot.db.repository_views import RepositoryView
from bot.db.snapshots import get_snapshot
from bot.domain.change import Change, RepositoryConfig
from bot.domain.files import FileChange
from bot.domain.insights import Insight
from bot.domain.snapshots import Hotspots
from bot.errors import GiveUp, RetryLater
from bot.git.mirror import mirror_path
from bot.git.read_file import resolve
from bot.git.run import GitError
from bot.git.tree import TreeFile, list_tree, read_files
from bot.jobs.placing import bring_mirror, has_mirror
from bot.pipeline.context import Context
from bot.process import MIB
from bot.queue import replies
from bot.sandbox import Sandbox
from bot.scan.scanners import scan

MAX_BYTES = 16 * MIB
_METRICS = ("name", "start_line", "end_line", "ccn", "cognitive", "nloc", "parameters", "nesting")
log = logging.getLogger(__name__)


class Refused(Exception):
    """The request cannot be answered. The kind and the message are sent to the client."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


async def analyze_code(
    context: Context,
    redis: Redis,
    request_id: UUID,
    repository_id: UUID,
    paths: Sequence[str],
    metrics: Sequence[str],
    deadline: float,
) -> None:
    """Answer one request. deadline: Unix seconds; after it the client no longer waits."""
    if time.time() > deadline:
        return
    try:
        answer: Mapping[str, Any] = await _answer(context, repository_id, paths, frozenset(metrics))
    except Refused as refused:
        answer = {"error": refused.kind, "detail": str(refused)}
    except Exception:
        log.exception("the analysis of code %s of %d files failed", request_id, len(paths))
        answer = {"error": "failed", "detail": "GitInsight failed; the operator's log has the details."}
    await replies.send_reply(redis, request_id, orjson.dumps(answer))


async def _answer(
    context: Context, repository_id: UUID, paths: Sequence[str], metrics: frozenset[str]
) -> Mapping[str, Any]:
    repository = await repository_views.get_repository(context.db, repository_id)
    if repository is None:
        raise Refused("not-found", "The repository has been deleted.")
    await _bring(context, repository)
    mirror = mirror_path(context.mirrors, repository.github_id)
    head = await _head(mirror, repository.default_branch)
    known = {file.path: file for file in await list_tree(mirror, head)}
    chosen = _within_limit(known[path] for path in dict.fromkeys(paths) if path in known)
    files = await read_files(mirror, chosen)
    change = Change(repository=repository.full_name, head_sha=head, merge_base=head, files=files, whole_repository=True)
    facts, failed = await _measured(change) if metrics & {"complexity", "maintainability"} else ({}, {})
    findings = await _security(change) if "security" in metrics else {}
    by_path = {file.path: file for file in files}
    return {
        "head_sha": head,
        "results": [_result(path, by_path.get(path), facts.get(path), failed, findings, metrics) for path in paths],
    }


async def _bring(context: Context, repository: RepositoryView) -> None:
    """Fetch a repository that was analyzed on another machine."""
    if await get_snapshot(context.db, repository.id, Hotspots) is None:
        return
    try:
        await bring_mirror(context, repository)
    except (GiveUp, RetryLater) as problem:
        log.info("%s could not be fetched for a request: %s", repository.full_name, problem)
        if not has_mirror(context, repository.github_id):
            raise Refused("failed", f"The repository cannot be fetched now: {problem}") from problem


def _within_limit(files: Iterable[TreeFile]) -> list[TreeFile]:
    """The files in their order; those beyond MAX_BYTES in all are left out."""
    chosen: list[TreeFile] = []
    room = MAX_BYTES
    for file in files:
        if file.left_out is None and file.size > room:
            chosen.append(replace(file, left_out=f"the files of one request may have {MAX_BYTES // MIB} MB"))
            continue
        room -= file.size if file.left_out is None else 0
        chosen.append(file)
    return chosen


async def _head(mirror: Path, branch: str) -> str:
    try:
        head = await resolve(mirror, f"refs/remotes/origin/{branch}") if mirror.exists() else None
    except GitError:
        head = None
    if head is None:
        raise Refused("not-analyzed-yet", "There is no copy of this repository yet; its first analysis creates one.")
    return head


async def _measured(change: Change) -> tuple[dict[str, FileFunctions], dict[str, str]]:
    files = tuple(file for file in change.files if file.left_out is None)
    async with Sandbox() as sandbox:
        facts, left_out = await sandbox.measure(replace(change, files=files))
    return facts, {one.path: one.reason for one in left_out}


async def _security(change: Change) -> dict[str, list[Insight]]:
    scans, _ = await scan(change.files)
    off = tuple(one.name for one in ANALYZERS if one.name != "security")
    async with Sandbox() as sandbox:
        done = await sandbox.analyze(replace(change, scans=scans, config=RepositoryConfig(analyzers_off=off)))
    found: dict[str, list[Insight]] = {}
    for insight in done.insights:
        if insight.locations:
            found.setdefault(insight.locations[0].path, []).append(insight)
    return found


def _result(
    path: str,
    file: FileChange | None,
    facts: FileFunctions | None,
    failed: Mapping[str, str],
    findings: Mapping[str, list[Insight]],
    metrics: frozenset[str],
) -> dict[str, Any]:
    result: dict[str, Any] = {
        "file_path": path,
        "language": facts.language if facts else None,
        "error": None,
        "complexity": None,
        "maintainability": None,
        "security": None,
    }
    if file is None:
        return result | {"error": "There is no such file on the default branch."}
    if file.left_out is not None:
        return result | {"error": f"Not analyzed: {file.left_out}."}
    if "security" in metrics:
        result["security"] = {"findings": [_finding(one) for one in findings.get(path, [])]}
    if facts is not None and facts.after is not None:
        functions = [{name: getattr(one, name) for name in _METRICS} for one in facts.after.functions]
        if "complexity" in metrics:
            ccn = [one.ccn for one in facts.after.functions]
            nloc = sum(one.nloc for one in facts.after.functions)
            sums = {"max_ccn": max(ccn, default=0), "total_ccn": sum(ccn), "nloc": nloc}
            result["complexity"] = {"functions": functions, **sums}
        if "maintainability" in metrics:
            index = facts.after.maintainability
            result["maintainability"] = {"index": None if index is None else round(index, 1)}
    elif metrics & {"complexity", "maintainability"}:
        result["error"] = failed.get(path, "The functions of this language are not measured") + "."
    return result


def _finding(insight: Insight) -> dict[str, Any]:
    location = asdict(insight.locations[0])
    return {
        "rule": insight.rule,
        "title": insight.title,
        "severity": insight.severity.value,
        "confidence_score": insight.confidence.score,
        "start_line": location["start_line"],
        "end_line": location["end_line"],
        "way_out": insight.remedy,
    }
