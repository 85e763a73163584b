"""Embeddings: a static model made here, a packaged network, and folders that are missing, half there or hostile."""

import json
import logging
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.ml.embeddings import Embedder
from bot.ml.model_folder import MANIFEST, BadModelFolder, digest_of, model_files
from bot.ml.vector_store import Vectors
from bot.process import MIB, Limits

WORDS = ["[UNK]", "crash", "fix", "cache", "parser", "docs"]


def tokenizer() -> str:
    """A tokenizer of whole words, as the library `tokenizers` writes it."""
    return json.dumps(
        {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [],
            "normalizer": {"type": "Lowercase"},
            "pre_tokenizer": {"type": "Whitespace"},
            "post_processor": None,
            "decoder": None,
            "model": {"type": "WordLevel", "vocab": {word: at for at, word in enumerate(WORDS)}, "unk_token": "[UNK]"},
        }
    )


def table(values: "np.ndarray[tuple[int, int], np.dtype[np.float32]]", name: str = "embeddings") -> bytes:
    """A safetensors file, written by hand from its description."""
    content = values.astype("<f4").tobytes()
    header = json.dumps({name: {"dtype": "F32", "shape": values.shape, "data_offsets": [0, len(content)]}}).encode()
    return struct.pack("<Q", len(header)) + header + content


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model = tmp_path / "models" / "acme--small"
    model.mkdir(parents=True)
    (model / "tokenizer.json").write_text(tokenizer())
    (model / "model.safetensors").write_bytes(table(np.eye(len(WORDS), 8, dtype=np.float32)))
    return model


async def embedded(folder: Path, texts: list[str], **options: Any) -> Vectors | None:
    return await Embedder("acme/small", folder.parents[1], **options).embed(texts, folder.parents[1] / "kept")


async def test_a_static_model_gives_the_mean_of_its_words(folder: Path) -> None:
    vectors = await embedded(folder, ["Fix crash", "fix", "cache", "", "zzz"])
    assert vectors is not None
    assert vectors.shape == (5, 8)
    assert vectors[0] == pytest.approx([0, 0.7071, 0.7071, 0, 0, 0, 0, 0], abs=1e-3)
    assert float(vectors[0] @ vectors[1]) > float(vectors[0] @ vectors[2]) == 0
    assert not vectors[3].any()


async def test_vectors_are_kept_by_content_and_bounded(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    first = await embedded(folder, ["fix crash", "docs"], most=3)
    again = await embedded(folder, ["docs", "fix crash"], most=3, limits=Limits(memory=MIB))  # no child can start
    assert first is not None and again is not None
    assert again == pytest.approx(first[::-1], abs=1e-3)
    assert await embedded(folder, ["cache", "parser"], most=3) is not None
    assert await embedded(folder, ["fix crash"], most=3, limits=Limits(memory=MIB)) is None  # the oldest one went
    (folder.parents[1] / "kept").write_bytes(b"damaged" * 1000)
    assert await embedded(folder, ["docs"]) is not None


@pytest.mark.parametrize("text", ["fix " * 20_000, "日本語 и русский", "<b>@all</b>\x00\x1b[31m", "\ud800", " "])
async def test_bad_texts_have_vectors(folder: Path, text: str) -> None:
    vectors = await embedded(folder, [text, "fix"])
    assert vectors is not None
    assert np.isfinite(vectors).all()
    assert vectors.shape == (2, 8)


def _cut(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1])


def _pickle(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04cos\nsystem\n")


def _huge_header(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", 1 << 60) + b"{}")


def _wide(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(table(np.zeros((1, 5_000), dtype=np.float32)))


def _two_tables(folder: Path) -> None:
    header = {name: {"dtype": "F32", "shape": [1, 1], "data_offsets": [0, 4]} for name in ("a", "b")}
    text = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + bytes(4))


def _not_json(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", 4) + b"null" + bytes(9))


def _sparse(folder: Path) -> None:
    with (folder / "tokenizer.json").open("ab") as file:
        file.truncate(1 << 30)


def _no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def _bad_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text('{"model": {"type": "auto_map"}}')


def _bad_network(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"\x08\x07not a network")


def _changed(folder: Path) -> None:
    pinned = {name: digest_of(folder / name) for name in ("tokenizer.json", "model.safetensors")}
    (folder / MANIFEST).write_text(json.dumps({"files": pinned | {"tokenizer.json": "0" * 64}}))


def _bad_manifest(folder: Path) -> None:
    (folder / MANIFEST).write_text("[]")


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (_cut, "incomplete"),
        (_pickle, "model.safetensors is missing"),
        (_huge_header, "header"),
        (_wide, "vectors of 5,000"),
        (_two_tables, "not one table"),
        (_not_json, "not one table"),
        (_sparse, "bytes"),
        (_no_tokenizer, "tokenizer.json is missing"),
        (_bad_tokenizer, "cannot be run"),
        (_bad_network, "cannot be run"),
        (_changed, "is not the file that was pulled"),
        (_bad_manifest, "manifest"),
    ],
)
async def test_a_bad_folder_is_one_sentence_in_the_log(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, harm: Callable[[Path], None], reason: str
) -> None:
    harm(folder)
    embedder = Embedder("acme/small", folder.parents[1])
    with caplog.at_level(logging.WARNING):
        assert await embedder.embed(["fix"], tmp_path / "kept") is None
        assert await embedder.embed(["docs"], tmp_path / "kept") is None
    assert reason in embedder.problem
    [record] = caplog.records
    assert reason in record.getMessage()
    assert "\n" not in record.getMessage()


async def test_without_a_model_there_are_no_vectors(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert await Embedder("", tmp_path).embed(["fix"], tmp_path / "kept") is None
    assert caplog.records == []
    assert await Embedder("acme/none", tmp_path).embed(["fix"], tmp_path / "kept") is None
    assert "gitinsight models pull acme/none" in caplog.text


async def test_the_packaged_network_knows_what_means_the_same(tmp_path: Path) -> None:
    try:
        model_files("minilm", tmp_path)
    except BadModelFolder as missing:
        pytest.skip(str(missing))
    texts = ["Fix a memory leak", "Free buffers that were kept", "Add a logo"]
    vectors = await Embedder("minilm", tmp_path).embed(texts, tmp_path / "kept")
    assert vectors is not None
    assert vectors.shape == (3, 384)
    assert float(vectors[0] @ vectors[1]) > float(vectors[0] @ vectors[2])
