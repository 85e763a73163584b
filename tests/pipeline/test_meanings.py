"""What a language model adds to an analysis: a tiny one made here, and the packaged one where it is installed."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from bot.db import items
from bot.db.engine import Database
from bot.db.schema import migrate
from bot.history.index import opened
from bot.history.proposal import ProposedChange, as_of
from bot.learning.similar_changes import Candidate, candidates, texts_path, update_texts, vectors_path
from bot.ml.embeddings import NO_MODEL, Embedder
from bot.ml.model_folder import BadModelFolder, model_files
from bot.pipeline.meanings import Meanings, fill_meanings, read_meanings
from bot.process import MIB, Limits
from tests.history.fixtures import index_of, indexed
from tests.jobs.test_similar_items import ALL, Project, item, stored
from tests.ml.test_embeddings import WORDS, table, tokenizer
from tests.repository import Repository
from tests.web.filled import fill

# "crash" and "parser" mean the same to this model.
VECTORS = np.eye(len(WORDS), 8, dtype=np.float32)
VECTORS[WORDS.index("parser")] = VECTORS[WORDS.index("crash")]
NOTHING_STARTS = Limits(memory=MIB)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model = tmp_path / "model"
    model.mkdir()
    (model / "tokenizer.json").write_text(tokenizer())
    (model / "model.safetensors").write_bytes(table(VECTORS))
    return model


@pytest.fixture
async def project(database_url: str, repository: Repository) -> AsyncIterator[Project]:
    """40 changes of one file with two sorts of titles."""
    await asyncio.to_thread(migrate, database_url)
    db = Database(database_url)
    for number in range(40):
        title = "crash" if number == 20 else f"cache docs {'fix ' * (number % 7)}{'x' * number}"
        repository.commit(title, {"app/part.py": f"a = {number}\n"})
    indexed(repository)
    yield Project(db, repository, (await fill(db)).public)
    await db.close()


async def filled(project: Project, embedder: Embedder) -> None:
    await fill_meanings(embedder, project.db, index_of(project.repository), project.id)


async def meanings(project: Project, embedder: Embedder, title: str, body: str = "") -> Meanings:
    return await read_meanings(embedder, index_of(project.repository), title, body)


async def ranked(project: Project, embedder: Embedder, title: str) -> list[Candidate]:
    path, head = index_of(project.repository), project.repository.head()
    meaning = (await meanings(project, embedder, title)).title
    with opened(path) as index:
        texts = update_texts(index, texts_path(path))
        change = ProposedChange(head, (), ("Bo", "bo@example.org"), title, project.repository.clock)
        return candidates(as_of(index, head), texts, change, meaning)


async def test_a_title_in_other_words_comes_first(project: Project, folder: Path) -> None:
    embedder = Embedder(str(folder), folder)
    assert (await meanings(project, embedder, "parser")).title is None  # nothing is computed before the job has run
    await filled(project, embedder)
    with_model = {one.row.subject: one for one in await ranked(project, embedder, "parser crashes")}
    without = {one.row.subject: one for one in await ranked(project, NO_MODEL, "parser crashes")}
    assert with_model["crash"].signals.meaning > 0.15
    assert without["crash"].signals.meaning == 0
    assert with_model["crash"].score > without["crash"].score
    assert embedder.problem == ""


async def test_an_analysis_gives_the_child_its_own_texts_only(project: Project, folder: Path) -> None:
    await filled(project, Embedder(str(folder), folder))
    assert (await meanings(project, Embedder(str(folder), folder), "parser")).title is not None
    without_child = Embedder(str(folder), folder, limits=NOTHING_STARTS)
    known = await meanings(project, without_child, "parser")
    assert known.title is not None and known.text is not None
    assert known.title.z_scores(["crash", "never seen"])[1] == 0


@pytest.mark.parametrize("harm", ["child", "missing", "half", "damaged"])
async def test_a_model_that_fails_is_one_line_and_characters_go_on(
    project: Project, folder: Path, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    await filled(project, Embedder(str(folder), folder))
    model, kept = folder / "model.safetensors", vectors_path(index_of(project.repository))
    limits = NOTHING_STARTS if harm == "child" else Limits(memory=6144 * MIB, cpu=60, file=0, files=128)
    if harm == "missing":
        model.unlink()
    elif harm == "half":
        model.write_bytes(model.read_bytes()[:-7])
    elif harm == "damaged":
        kept.write_bytes(b"not a database" * 900)
    embedder = Embedder(str(folder), folder, limits=limits)
    with caplog.at_level(logging.WARNING):
        found = await ranked(project, embedder, "crash of the parser")
    assert found[0].row.subject == "crash"
    assert all(one.signals.meaning == 0 for one in found)
    assert len(caplog.records) == (0 if harm == "damaged" else 1)


async def test_vectors_of_another_model_and_of_deleted_texts_go(project: Project, folder: Path) -> None:
    await stored(project.db, project.id, [item(5, "docs")])
    await filled(project, Embedder(str(folder), folder))
    (folder / "model.safetensors").write_bytes(table(np.eye(len(WORDS), 4, dtype=np.float32)))
    changed = Embedder(str(folder), folder)
    await filled(project, changed)
    known = (await meanings(project, changed, "fix")).title
    assert known is not None and known.vector.shape == (4,)
    assert known.store.read([known.store.key("docs ")])
    async with project.db.writing() as session:
        await items.delete_item(session, project.id, 5)
    await filled(project, changed)
    assert not known.store.read([known.store.key("docs ")])


async def test_the_packaged_model_finds_an_issue_in_other_words(database_url: str, repository: Repository) -> None:
    try:
        model_files("minilm", Path())
    except BadModelFolder as missing:
        pytest.skip(str(missing))
    await asyncio.to_thread(migrate, database_url)
    db = Database(database_url)
    repository.commit("first", {"app/cache.py": "a = 1\n"})
    repository.branch("topic")
    repository.commit("Expire them", {"app/cache.py": "a = 2\n"})
    repository.checkout("main")
    indexed(repository)
    project = Project(db, repository, (await fill(db)).public)
    others = [item(1000 + at, f"Translate chapter {at} of the manual into Welsh") for at in range(40)]
    wanted = item(11, "Entries of the session cache are kept forever")
    unlike = item(12, "Entries of the session list are sorted wrongly")
    await stored(db, project.id, [*others, wanted, unlike], ALL)
    await project.index()
    title = "Let entries of the session cache time out"
    assert await project.numbers(title, "") == []
    embedder = Embedder("minilm", Path())
    await filled(project, embedder)
    project.embedder = embedder
    assert await project.numbers(title, "") == [11]
    await db.close()
