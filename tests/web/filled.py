"""A public and a private repository with one analysis each, as the jobs would store them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from bot.db.engine import Database
from bot.db.tables import Analysis, InsightRow, Installation, Repository

BEGIN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>`x`</code><img src=x onerror=alert(2)>"


@dataclass
class Filled:
    """The ids of the stored rows. insights: those of the public repository, newest first."""

    public: UUID
    private: UUID
    analysis: UUID
    private_analysis: UUID
    insights: list[UUID]


async def fill(db: Database) -> Filled:
    """Store the rows."""
    async with db.writing() as session:
        session.add(Installation(id=5, account="octo", suspended=False, created_at=BEGIN))
        await session.flush()
        repositories = [
            _repository(11, "octo/public", private=False, language="Python"),
            _repository(12, "octo/secret", private=True, language="Go"),
        ]
        session.add_all(repositories)
        await session.flush()
        analyses = [_analysis(repository.id) for repository in repositories]
        session.add_all(analyses)
        await session.flush()
        insights = [_insight(repositories[0].id, analyses[0].id, number) for number in range(5)]
        insights.append(_insight(repositories[1].id, analyses[1].id, 0))
        session.add_all(insights)
    of_public = [insight.id for insight in insights[4::-1]]
    return Filled(repositories[0].id, repositories[1].id, analyses[0].id, analyses[1].id, of_public)


def _repository(github_id: int, full_name: str, *, private: bool, language: str) -> Repository:
    facts: dict[str, Any] = {
        "description": HOSTILE,
        "url": f"https://github.com/{full_name}",
        "language": language,
        "stars": 3,
        "forks": 2,
        "watchers": 1,
        "size": 42,
        "owner": {"id": 9, "username": "octo", "avatar_url": "https://avatars.example.org/9"},
    }
    return Repository(
        id=uuid4(),
        github_id=github_id,
        installation_id=5,
        full_name=full_name,
        private=private,
        default_branch="main",
        facts=facts,
        auto_analyze=True,
        created_at=BEGIN,
        updated_at=BEGIN,
    )


def _analysis(repository_id: UUID) -> Analysis:
    return Analysis(
        id=uuid4(),
        repository_id=repository_id,
        key="pull/7",
        subject="pull/7",
        pull_number=7,
        ref="main",
        head_sha="a" * 40,
        base_sha="b" * 40,
        merge_base="b" * 40,
        status="completed",
        conclusion="neutral",
        engine="gitinsight 1.2.3",
        report={"left_out": [{"path": HOSTILE, "reason": "binary"}], "config_problem": None},
        seconds={"read": 1.0},
        created_at=BEGIN,
        finished_at=BEGIN + timedelta(minutes=1),
    )


def _insight(repository_id: UUID, analysis_id: UUID, number: int) -> InsightRow:
    return InsightRow(
        id=uuid4(),
        repository_id=repository_id,
        analysis_id=analysis_id,
        pull_request=7 if number % 2 else None,
        head_sha="a" * 40,
        type="security" if number == 0 else "code_quality",
        rule="security/S602",
        standing="remark",
        severity="high" if number == 0 else "low",
        title=f"`{HOSTILE.replace('`', '')}` number {number}",
        description=f"See {HOSTILE}",
        remedy="Do otherwise.",
        confidence_score=0.75,
        confidence_reason="counted",
        evidence={"before": 1, "html": HOSTILE},
        locations=[{"path": HOSTILE, "start_line": 3, "end_line": 4}],
        tags=["security"],
        fingerprint=f"{number:016x}",
        model_version="gitinsight 1.2.3",
        created_at=BEGIN + timedelta(hours=number),
    )
