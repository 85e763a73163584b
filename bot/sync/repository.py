"""Brings the facts of a repository up to date: its name, whether it is private, its counts.

Webhooks tell them, too, but GitHub does not deliver a webhook again by itself.
"""

from dataclasses import replace

from bot.db.engine import Database
from bot.db.orders import carry_out, save_repositories
from bot.db.repository_views import RepositoryView
from bot.domain.orders import InstallationRef, UpdateRepository
from bot.errors import RetryLater
from bot.github.repository_json import read_repository
from bot.sync.source import Refused, Source


async def update_facts(db: Database, source: Source, view: RepositoryView) -> None:
    """Read the repository from GitHub and store what has changed. `source` goes on under its current name.

    Raises Refused if GitHub does not show it any more, RetryLater for temporary failures.
    """
    answer = await source.get(source.url(""))
    try:
        found = read_repository(answer.content, InstallationRef(source.place.installation_id, source.place.account))
    except (KeyError, TypeError, ValueError, AttributeError) as misfit:
        raise RetryLater(f"GitHub's answer is no repository: {misfit!r}", after=15) from misfit
    if found.github_id != view.github_id:
        raise Refused(404, "Under this name GitHub has another repository now.")
    source.place = replace(source.place, full_name=found.full_name)
    if (found.private, found.full_name) != (view.private, view.full_name):
        await carry_out(db, [UpdateRepository(found)])  # also forgets what users could see
        return
    async with db.writing() as session:
        await save_repositories(session, [found])
