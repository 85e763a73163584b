"""Changes whose messages name an earlier change, from any repository: what their authors themselves held for related.

Each is asked for as of its base: the history index ends there, and the titles are read without numbers. Reverts do not
count, because their titles are copies.
"""

import asyncio
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bot.domain.kinds import Kind
from bot.git.change import read_change
from bot.git.history_stream import HistorySource
from bot.git.read_file import commit_of
from bot.history.build import update
from bot.history.index import opened
from bot.history.messages import read_message
from bot.history.proposal import ProposedChange
from bot.learning.similar_changes import Candidate, candidates
from bot.learning.titles import bare_title, texts_path, update_texts
from bot.ml.embeddings import NO_MODEL, Embedder

_OWN = re.compile(r"\(#(\d{1,9})\)\s*$|^Merge pull request #(\d{1,9})\b")
_NAMED = re.compile(r"\B#(\d{1,9})\b|/pull/(\d{1,9})\b|\b([0-9a-f]{8,40})\b")
_BY_BOT = re.compile(
    r"\[bot\]|\bbot$|^(?:Bump |Deploying to |\[automated\]|\[pre-commit)", re.IGNORECASE | re.MULTILINE
)
# For the vectors of all titles of a repository.
_SECONDS = 3_600.0
_SILENT = {Kind.REVERT, Kind.REAPPLY, Kind.RELEASE, Kind.MERGE}


@dataclass(frozen=True, slots=True)
class Link:
    """A change and the shas of the earlier ones that its message names."""

    sha: str
    base: str
    title: str
    named: frozenset[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A link with the candidates that were found as of its base, best first, and whether each is named."""

    link: Link
    found: list[Candidate]

    @property
    def right(self) -> list[bool]:
        return [one.row.sha in self.link.named for one in self.found]


def find_links(repository: Path, most: int) -> tuple[list[Link], list[str]]:
    """Return the newest links, oldest first, and the titles of all changes."""
    form = "--format=format:%H%x00%P%x00%an%x00%B"
    argv = ["git", f"--git-dir={repository}", "log", "--first-parent", "--reverse", "-z", form, "HEAD"]
    output = subprocess.run(argv, capture_output=True, check=True).stdout.decode("utf-8", "replace")
    by_number: dict[str, str] = {}
    by_prefix: dict[str, str] = {}
    found, titles = [], []
    fields = output.split("\0")
    for sha, parents, author, text in zip(*(fields[place::4] for place in range(4)), strict=True):
        message = read_message(text, merge=" " in parents)
        titles.append(message.subject)
        own = _OWN.search(text.partition("\n")[0])
        numbers = {one or two for one, two, _ in _NAMED.findall(text)} - {own and (own[1] or own[2])}
        named = {by_number[number] for number in numbers if number in by_number}
        named |= {by_prefix[short[:8]] for *_, short in _NAMED.findall(text) if short[:8] in by_prefix}
        silent = message.kind in _SILENT or "revert" in text.lower() or _BY_BOT.search(f"{author}\n{message.subject}")
        if parents and named and len(named) <= 3 and not silent:
            found.append(Link(sha, parents.split(" ")[0], message.subject, frozenset(named)))
        if own:
            by_number[own[1] or own[2]] = sha
        by_prefix[sha[:8]] = sha
    return found[-most:], titles


def ask(repository: Path, most: int, embedder: Embedder = NO_MODEL, kept: Path | None = None) -> list[Asked]:
    """Find the candidates of the newest links of a bare repository. kept: the file of the vectors of its titles."""
    links, titles = find_links(repository, most)
    asked = []
    with tempfile.TemporaryDirectory() as folder:
        path, vectors = Path(folder, "index"), kept or Path(folder, "vectors")
        wanted = [*(link.title for link in links), *reversed(titles)]
        asyncio.run(embedder.fill(list(map(bare_title, wanted)), vectors, _SECONDS))
        for link in links:
            update(path, HistorySource(repository, link.base), mailmap=b"", wait=10)
            change = asyncio.run(_proposed(repository, link))
            [meaning] = asyncio.run(embedder.meanings_of([bare_title(link.title)], vectors))
            with opened(path) as index:
                texts = update_texts(index, texts_path(path))
                asked.append(Asked(link, candidates(index, texts, change, meaning)))
    return asked


async def _proposed(repository: Path, link: Link) -> ProposedChange:
    read, commit = await read_change(repository, link.base, link.sha), await commit_of(repository, link.sha)
    return ProposedChange(link.base, read.files, commit.author, link.title, commit.when or 0)
