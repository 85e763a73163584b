"""`gitinsight explain`: an insight recomputed from what was stored of it, with its evidence."""

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
    """Print the insight, its evidence, and whether it is said again from the same commits and configuration.

    Raises GiveUp when it is unknown, or when its commits are not in the mirror any more.
    """
    db = Database(settings.database_url, pool_size=1)
    try:
        row, analysis, github_id, name = await _stored(db, identifier)
    finally:
        await db.close()
    if analysis.wanted:
        _print_stored(Console(), row, analysis, name)
        raise GiveUp("It is of a full analysis, which only a new full analysis recomputes (POST …/analyze).")
    mirror = mirror_path(settings.data_dir / "mirrors", github_id)
    base = analysis.merge_base or EMPTY_TREE
    needed = [row.head_sha, *([base] if base != EMPTY_TREE else [])]
    if not mirror.exists() or not await has_objects(mirror, needed):
        raise GiveUp(f"{name} at {row.head_sha[:10]} is not in the mirror any more; nothing can be recomputed.")
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
    again = [one for one in report.insights if (one.rule, one.fingerprint) == (row.rule, row.fingerprint)]
    _print_verdict(console, row, again[0] if again else None, report.engine)


async def _stored(db: Database, identifier: str) -> tuple[InsightRow, Analysis, int, str]:
    try:
        row = await queries.get_insight(db, UUID(identifier))
    except ValueError:
        row = None
    if row is None:
        raise GiveUp(
            f"There is no insight {plain(identifier, 60)}; the REST API and the analysis pages show their ids."
        )
    analysis = await queries.get_analysis(db, row.analysis_id)
    repository = await queries.get_repository(db, row.repository_id)
    if analysis is None or repository is None:
        raise GiveUp("Its analysis was deleted meanwhile.")
    return row, analysis, repository.github_id, repository.full_name


def _config(analysis: Analysis) -> RepositoryConfig:
    """The configuration under which it was said."""
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


def _print_verdict(console: Console, row: InsightRow, again: Insight | None, engine: str) -> None:
    by = f"by {engine}" if engine == row.model_version else f"by {engine} (then: {row.model_version})"
    if again is None and row.type == InsightType.COLLISION:
        console.print(
            f"It cannot be recomputed {by}: it rests on other pull requests as they were then.", highlight=False
        )
        return
    if again is None:
        console.print(f"[yellow]It is not said again[/] {by}.", highlight=False)
        return
    differing = _differences(row.evidence, dict(again.evidence))
    if not differing:
        console.print(f"[green]Recomputed[/] {by}: the same.", highlight=False)
        return
    console.print(f"[yellow]Recomputed[/] {by}: it is said again, with other evidence.", highlight=False)
    for key, (then, now) in differing.items():
        console.print(f"  {escape(key)}: {escape(plain(str(then)))} → {escape(plain(str(now)))}", highlight=False)


def _differences(then: dict[str, Any], now: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    now = msgspec.json.decode(msgspec.json.encode(now))  # as the database gives it back
    keys = sorted(then.keys() | now.keys())
    return {key: (then.get(key), now.get(key)) for key in keys if then.get(key) != now.get(key)}
