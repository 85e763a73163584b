"""The resources of a job. The worker creates them once per job."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from redis.asyncio import Redis

from bot.db.engine import Database
from bot.github.tokens import App, TokenCache
from bot.ml.embeddings import NO_MODEL, Embedder
from bot.pipeline.summary import Summarizer


@dataclass(frozen=True, slots=True)
class Context:
    """The resources of a job.

    github_url: of the website and of git.
    files_url: of a website with a page for each file, for links; empty for the stand-in, which has none.
    public_url: of this instance.
    mirrors: the folder of all mirrors.
    max_repository_mb: larger repositories are not fetched.
    embedder: the language model.
    summarizer: asks the model that writes summaries; None without one.
    redis: for counters (`queue/counters.py`) and the homes of mirrors; None: nothing is counted.
    machine: the id of the machine that has the mirrors (`storage.machine_id`).
    enqueue_change_analysis: enqueues the job for the id of an analysis. Raises QueueUnavailable.
    enqueue_learn_history, enqueue_back_test: enqueue the job for a repository id. They raise QueueUnavailable.
    """

    db: Database
    tokens: TokenCache
    app: App
    github_url: str
    public_url: str
    mirrors: Path
    max_repository_mb: int
    enqueue_change_analysis: Callable[[UUID], None]
    enqueue_learn_history: Callable[[UUID], None]
    enqueue_back_test: Callable[[UUID], None]
    embedder: Embedder = NO_MODEL
    summarizer: Summarizer | None = None
    redis: Redis | None = None
    machine: str = ""
    files_url: str = ""
