"""The child process that embeds texts: it reads a task from standard input and writes vectors to standard output.

It has bounded memory and time (`embeddings.py`), no network where the kernel allows that, and may write no file.
"""

import ctypes
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from bot.ml.model_folder import MAX_DIMENSIONS, BadModelFolder, check_table
from bot.ml.vector_store import Vectors

THREADS = 2
BATCH = 32
MAX_TOKENS = 128
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


@dataclass(frozen=True, slots=True)
class Task:
    """The files of a checked model, and the texts."""

    tokenizer: str
    table: str | None
    network: str | None
    texts: list[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """problem: one sentence, or empty. vectors: float32, row by row, each of length 1 (or 0 without a known word)."""

    problem: str
    dimensions: int
    vectors: bytes


def main() -> None:
    """Run one task."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    task = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Task)
    try:
        vectors = embed(task)
        answer = Answer("", vectors.shape[1], vectors.astype("<f4").tobytes())
    except BadModelFolder as problem:
        answer = Answer(str(problem), 0, b"")
    except Exception as problem:
        answer = Answer(f"the model cannot be run: {type(problem).__name__}: {str(problem)[:200]}", 0, b"")
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer))


def embed(task: Task) -> Vectors:
    """Return the vectors of texts in batches of similar length. Raises BadModelFolder, and what the libraries raise."""
    from transformers import PreTrainedTokenizerFast

    # From the one JSON file: no class that a configuration names, and nothing of a hub.
    load: Any = PreTrainedTokenizerFast
    tokenizer = load(tokenizer_file=task.tokenizer)
    tokens = [ids[:MAX_TOKENS] for ids in tokenizer(task.texts, truncation=False, padding=False)["input_ids"]]
    run = _static(Path(task.table)) if task.table else _network(Path(task.network or ""))
    order = sorted(range(len(tokens)), key=lambda position: len(tokens[position]))
    found: Vectors | None = None
    for start in range(0, len(order), BATCH):
        positions = order[start : start + BATCH]
        vectors = run([tokens[position] for position in positions])
        if vectors.ndim != 2 or not 0 < vectors.shape[1] <= MAX_DIMENSIONS or not np.isfinite(vectors).all():
            raise BadModelFolder("the model does not answer with one vector of numbers per text")
        found = np.zeros((len(tokens), vectors.shape[1]), dtype=np.float32) if found is None else found
        found[positions] = vectors
    if found is None:
        return np.zeros((0, 1), dtype=np.float32)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    np.divide(found, lengths, out=found, where=lengths > 0)
    return found


def _static(path: Path) -> Any:
    """Return a function from token ids to means of the vectors of their words, as in Model2Vec."""
    kind, words, dimensions, start = check_table(path)
    table = np.memmap(path, "<f4" if kind == "F32" else "<f2", "r", start, (words, dimensions))

    def run(batch: Sequence[Sequence[int]]) -> Vectors:
        known = [[one for one in ids if one < words] for ids in batch]
        return np.stack(
            [table[ids].astype(np.float32).mean(axis=0) if ids else np.zeros(dimensions, np.float32) for ids in known]
        )

    return run


def _network(path: Path) -> Any:
    """Return a function from token ids to means of the vectors that an ONNX model gives to each token."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
    options.log_severity_level = 4
    # Threads that wait in a loop starve other processes on the same cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # From bytes, so that the model cannot name other files.
    session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    wanted = {one.name for one in session.get_inputs()}
    if not wanted <= {"input_ids", "attention_mask", "token_type_ids"} or "input_ids" not in wanted:
        raise BadModelFolder(f"the model takes other inputs than a text: {', '.join(sorted(wanted))[:200]}")

    def run(batch: Sequence[Sequence[int]]) -> Vectors:
        longest = max(1, *map(len, batch)) if batch else 1
        ids, mask = np.zeros((2, len(batch), longest), dtype=np.int64)
        for row, own in enumerate(batch):
            ids[row, : len(own)], mask[row, : len(own)] = own, 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        output = np.asarray(session.run(None, {name: inputs[name] for name in wanted})[0], dtype=np.float32)
        if output.ndim != 3:
            return output
        weights = mask[:, :, None].astype(np.float32)
        mean: Vectors = (output * weights).sum(axis=1) / np.maximum(1, weights.sum(axis=1))
        return mean

    return run


if __name__ == "__main__":
    main()
