"""`gitinsight explain`: recompute a stored insight, and print its evidence."""

from typing import Any
from uuid import UUID

import msgspec
from rich.console import Console
from rich.json import JSON
from rich.markup import escape

from bot.db import queries
from bot.db.engine import Database
from bot.db.tables import Analysis, InsightRow
from bot.domain.change import RepositoryConfig
from bot.domain.insights import Insight, InsightType
from bot.errors import GiveUp
from bot.git.change import has_objects
from bot.git.mirror import mirror_path
from bot.git.run import EMPTY_TREE
from bot.history.schema import index_path
from bot.pipeline.make_report import ReadConfig, ReportRequest, make_report
from bot.sandbox import Sandbox
from bot.settings import Settings
from bot.text import plain, without_spans


async def explain_insight(settings: Settings, identifier: str) -> None:
    """Print an insight with its evidence, and whether the same commits and configuration produce it again.

    Raises GiveUp if it is unknown, is from a full analysis, or has commits that are no longer in the mirror.
    """
    db = Database(settings.database_url, pool_size=1)
    try:
        row, analysis, github_id, name = await _stored(db, identifier)
    finally:
        await db.close()
    if analysis.kind.is_whole_repository:
        _print_stored(Console(), row, analysis, name)
        raise GiveUp("This insight is from a full analysis. Only a new full analysis recomputes it (POST …/analyze).")
    mirror = mirror_path(settings.data_dir / "mirrors", github_id)
    base = analysis.merge_base or EMPTY_TREE
    needed = [row.head_sha, *([base] if base != EMPTY_TREE else [])]
    if not mirror.exists() or not await has_objects(mirror, needed):
        raise GiveUp(f"The mirror no longer contains {name} at {row.head_sha[:10]}, so nothing can be recomputed.")
    console = Console()
    _print_stored(console, row, analysis, name)
    request = ReportRequest(
        git_dir=mirror,
        base=base,
        head=row.head_sha,
        repository=name,
        config=ReadConfig(_config(analysis)),
        index=index_path(mirror) if index_path(mirror).is_file() else None,
        title=(analysis.report or {}).get("title") or "",
    )
    with Console(stderr=True).status("Analyzing again"):
        async with Sandbox() as sandbox:
            report = await make_report(request, sandbox)
    key = (row.rule, row.fingerprint)
    recomputed = next((insight for insight in report.insights if (insight.rule, insight.fingerprint) == key), None)
    _print_result(console, row, recomputed, report.engine)


async def _stored(db: Database, identifier: str) -> tuple[InsightRow, Analysis, int, str]:
    try:
        row = await queries.get_insight(db, UUID(identifier))
    except ValueError:
        row = None
    if row is None:
        raise GiveUp(f"There is no insight {plain(identifier, 60)}. The REST API and the analysis pages show the ids.")
    analysis = await queries.get_analysis(db, row.analysis_id)
    repository = await queries.get_repository(db, row.repository_id)
    if analysis is None or repository is None:
        raise GiveUp("The analysis of this insight was deleted.")
    return row, analysis, repository.github_id, repository.full_name


def _config(analysis: Analysis) -> RepositoryConfig:
    """Return the configuration of the analysis."""
    return msgspec.convert((analysis.report or {}).get("config") or {}, RepositoryConfig)


def _print_stored(console: Console, row: InsightRow, analysis: Analysis, name: str) -> None:
    console.print(f"[bold]{escape(without_spans(row.title))}[/]", highlight=False)
    console.print(escape(without_spans(row.description)), highlight=False)
    if row.remedy:
        console.print(f"[green]→ {escape(without_spans(row.remedy))}[/]", highlight=False)
    for place in row.locations:
        console.print(f"[blue]{escape(plain(place['path']))}:{place['start_line']}[/]", highlight=False)
    compared = f"{row.head_sha[:10]} against {(analysis.merge_base or EMPTY_TREE)[:10]}"
    console.print(
        f"[dim]{escape(name)} · {compared} · {row.rule} · {row.severity} · "
        f"confidence {row.confidence_score:.0%}: {escape(row.confidence_reason)} · {row.model_version}[/]",
        highlight=False,
    )
    console.print(JSON.from_data(row.evidence))


def _print_result(console: Console, row: InsightRow, recomputed: Insight | None, engine: str) -> None:
    by = f"by {engine}" if engine == row.model_version else f"by {engine} (originally by {row.model_version})"
    if recomputed is None and row.type == InsightType.COLLISION:
        console.print(
            f"It cannot be recomputed {by}: it depends on the state of other pull requests at that time.",
            highlight=False,
        )
        return
    if recomputed is None:
        console.print(f"[yellow]Not reproduced[/] {by}: the analysis no longer reports it.", highlight=False)
        return
    differences = _differences(row.evidence, dict(recomputed.evidence))
    if not differences:
        console.print(f"[green]Recomputed[/] {by}: the same.", highlight=False)
        return
    console.print(f"[yellow]Recomputed[/] {by}: the evidence differs.", highlight=False)
    for key, (before, after) in differences.items():
        console.print(f"  {escape(key)}: {escape(plain(str(before)))} → {escape(plain(str(after)))}", highlight=False)


def _differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    after = msgspec.json.decode(msgspec.json.encode(after))  # the form in which the database returns it
    keys = sorted(before.keys() | after.keys())
    return {key: (before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)}
