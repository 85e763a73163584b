"""`gitinsight explain`: recompute a stored insight, and print its evidence."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from rich.console import Console
from rich.json import JSON
from rich.markup import escape

from bot.db import repository_views, stored_analyses, stored_insights
from bot.db.engine import Database
from bot.db.stored_analyses import StoredAnalysis, StoredReport
from bot.db.stored_insights import StoredInsight
from bot.domain.insights import Insight, InsightType
from bot.errors import GiveUp
from bot.git.change import has_objects
from bot.git.mirror import mirror_path
from bot.git.run import EMPTY_TREES, empty_tree
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
        stored, analysis, github_id, name = await _stored(db, identifier)
    finally:
        await db.close()
    if analysis.kind.is_whole_repository:
        _print_stored(Console(), stored, analysis, name)
        raise GiveUp("This insight is from a full analysis. Only a new full analysis recomputes it (POST …/analyze).")
    mirror = mirror_path(settings.data_dir / "mirrors", github_id)
    base = analysis.merge_base or empty_tree(stored.head_sha)
    needed = [stored.head_sha, *([base] if base not in EMPTY_TREES else [])]
    if not mirror.exists() or not await has_objects(mirror, needed):
        raise GiveUp(f"The mirror no longer contains {name} at {stored.head_sha[:10]}, so nothing can be recomputed.")
    console = Console()
    _print_stored(console, stored, analysis, name)
    report = analysis.report or StoredReport()
    request = ReportRequest(
        git_dir=mirror,
        base=base,
        head=stored.head_sha,
        repository=name,
        config=ReadConfig(report.config),
        index=index_path(mirror) if index_path(mirror).is_file() else None,
        title=report.title,
    )
    with Console(stderr=True).status("Analyzing again"):
        async with Sandbox() as sandbox:
            made = await make_report(request, sandbox)
    key = (stored.insight.rule, stored.insight.fingerprint)
    recomputed = next((insight for insight in made.insights if (insight.rule, insight.fingerprint) == key), None)
    _print_result(console, stored, recomputed, made.engine)


async def _stored(db: Database, identifier: str) -> tuple[StoredInsight, StoredAnalysis, int, str]:
    try:
        stored = await stored_insights.get_insight(db, UUID(identifier))
    except ValueError:
        stored = None
    if stored is None:
        raise GiveUp(f"There is no insight {plain(identifier, 60)}. The REST API and the analysis pages show the ids.")
    analysis = await stored_analyses.get_analysis(db, stored.analysis_id)
    repository = await repository_views.get_repository(db, stored.repository_id)
    if analysis is None or repository is None:
        raise GiveUp("The analysis of this insight was deleted.")
    return stored, analysis, repository.github_id, repository.full_name


def _print_stored(console: Console, stored: StoredInsight, analysis: StoredAnalysis, name: str) -> None:
    insight = stored.insight
    console.print(f"[bold]{escape(without_spans(insight.title))}[/]", highlight=False)
    console.print(escape(without_spans(insight.description)), highlight=False)
    if insight.remedy:
        console.print(f"[green]→ {escape(without_spans(insight.remedy))}[/]", highlight=False)
    for place in insight.locations:
        console.print(f"[blue]{escape(plain(place.path))}:{place.start_line}[/]", highlight=False)
    compared = f"{stored.head_sha[:10]} against {(analysis.merge_base or empty_tree(stored.head_sha))[:10]}"
    confidence = f"confidence {insight.confidence.score:.0%}: {escape(insight.confidence.reason)}"
    console.print(
        f"[dim]{escape(name)} · {compared} · {insight.rule} · {insight.severity} · {confidence} · "
        f"{stored.model_version}[/]",
        highlight=False,
    )
    console.print(JSON.from_data(insight.evidence))


def _print_result(console: Console, stored: StoredInsight, recomputed: Insight | None, engine: str) -> None:
    by = f"by {engine}" if engine == stored.model_version else f"by {engine} (originally by {stored.model_version})"
    if recomputed is None and stored.insight.type == InsightType.COLLISION:
        console.print(
            f"It cannot be recomputed {by}: it depends on the state of other pull requests at that time.",
            highlight=False,
        )
        return
    if recomputed is None:
        console.print(f"[yellow]Not reproduced[/] {by}: the analysis no longer reports it.", highlight=False)
        return
    differences = _differences(stored.insight.evidence, recomputed.evidence)
    if not differences:
        console.print(f"[green]Recomputed[/] {by}: the same.", highlight=False)
        return
    console.print(f"[yellow]Recomputed[/] {by}: the evidence differs.", highlight=False)
    for key, (before, after) in differences.items():
        console.print(f"  {escape(key)}: {escape(plain(str(before)))} → {escape(plain(str(after)))}", highlight=False)


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    after = msgspec.json.decode(msgspec.json.encode(after))  # the form in which the database returns it
    keys = sorted(before.keys() | after.keys())
    return {key: (before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)}
