"""What a language model adds to an analysis: a tiny one made here, and the packaged one where it is installed."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from bot.db import items
from bot.db.engine import Database
from bot.db.item_texts import ItemText
from bot.db.schema import migrate
from bot.history.index import opened
from bot.history.proposal import ProposedChange, as_of
from bot.learning.similar_changes import Candidate, candidates
from bot.learning.similar_items import FLOOR, ChangeText, ItemIndex, similar_items, whole_text
from bot.learning.titles import texts_path, update_texts, vectors_path
from bot.ml.embeddings import NO_MODEL, Embedder
from bot.ml.model_folder import BadModelFolder, model_files
from bot.ml.text import build
from bot.pipeline.meanings import Meanings, fill_meanings, read_meanings
from bot.process import MIB, Limits
from tests.history.fixtures import index_of, indexed
from tests.jobs.test_similar_items import Project, item, stored
from tests.ml.test_embeddings import WORDS, table, tokenizer
from tests.repository import Repository
from tests.web.filled import fill

# "crash" and "parser" mean the same to this model.
VECTORS = np.eye(len(WORDS), 8, dtype=np.float32)
VECTORS[WORDS.index("parser")] = VECTORS[WORDS.index("crash")]
NOTHING_STARTS, SOME = Limits(memory=MIB), Limits(memory=6144 * MIB, cpu=60, file=0, files=128)


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
    assert (await meanings(project, Embedder(str(folder), folder), "parser docs")).title is not None
    without_child = Embedder(str(folder), folder, limits=NOTHING_STARTS)
    known = await meanings(project, without_child, "parser docs")
    assert known.title is not None and known.text is not None
    assert known.title.z_scores(["crash", "never seen"])[1] == 0


async def test_a_model_that_fails_is_one_line_and_characters_go_on(
    project: Project, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await filled(project, Embedder(str(folder), folder))
    whole = (folder / "model.safetensors").read_bytes()
    title = "crash of the parser"
    for content, limits in ((whole, NOTHING_STARTS), (whole[:-7], SOME), (None, SOME)):
        (folder / "model.safetensors").unlink()
        if content is not None:
            (folder / "model.safetensors").write_bytes(content)
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            found = await ranked(project, Embedder(str(folder), folder, limits=limits), title)
        assert found[0].row.subject == "crash"
        assert all(one.signals.meaning == 0 for one in found)
        assert len(caplog.records) == 1
        (folder / "model.safetensors").touch()
    vectors_path(index_of(project.repository)).write_bytes(b"not a database" * 900)
    (folder / "model.safetensors").write_bytes(whole)
    assert (await meanings(project, Embedder(str(folder), folder), title)).title is None


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


async def test_the_packaged_model_finds_an_issue_in_other_words(tmp_path: Path) -> None:
    try:
        model_files("minilm", tmp_path)
    except BadModelFolder as missing:
        pytest.skip(str(missing))
    verbs = "Translate/Speed up/Document/Remove/Rename/Test/Print/Sort/Lint/Draw/Add/Drop/Check/Split/Merge/Explain"
    nouns = "the manual/the parser/colours/an old protocol/names/the proxy/a plugin/Windows paths/tables/the licence/"
    nouns += "the release notes/fonts/the build/a logo/the calendar"
    others = [f"{verb} {noun} " for verb in verbs.split("/") for noun in nouns.split("/")]
    titles = ["Entries of the session cache stay forever", "Entries of the session list are sorted wrongly"]
    texts = [whole_text(title, "") for title in titles]
    index = ItemIndex(build([*others, *texts]), range(242))
    embedder, kept = Embedder("minilm", tmp_path), tmp_path / "kept"
    title = "Entries of the session cache time out"
    await embedder.fill([*others, *texts], kept, 60)
    [meaning] = await embedder.meanings_of([whole_text(title, "")], kept)
    change = ChangeText(number=50, title=title, body="", messages="", base_ref="main", head_sha="")
    items = [
        ItemText(number=at, is_pull=False, is_open=True, title=one, body="", base_ref="", head_sha="")
        for at, one in enumerate(titles)
    ]
    assert similar_items(index, change, items) == ()
    [found] = similar_items(index, change, items, meaning)
    assert (found.number, found.score >= FLOOR) == (0, True)
