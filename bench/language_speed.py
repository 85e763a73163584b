"""How fast the embeddings are: the code of the app against the same model in plain ONNX Runtime."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from language_pairs import BadInput

from bot.ml.embedding_child import BATCH, MAX_TOKENS, THREADS, Task, embed
from bot.ml.embeddings import Embedder
from bot.ml.model_folder import model_files


def embeddings(model: str, data: Path, titles: Sequence[str], turns: int = 2) -> None:
    """Print texts per second in turns: plain ONNX Runtime, our loop, and the whole way with its child and its file."""
    files = model_files(model, data)
    if files.network is None:
        raise BadInput(f"{model} is no ONNX model")
    task = Task(str(files.tokenizer), None, str(files.network), list(titles))
    taken: dict[str, list[float]] = {"plain ONNX Runtime": [], "our loop": [], "with child and file": []}
    for _ in range(turns):
        with tempfile.TemporaryDirectory() as folder:
            begun = time.perf_counter()
            asyncio.run(Embedder(model, data).fill(titles, Path(folder, "vectors"), 3_600))
            taken["with child and file"].append(time.perf_counter() - begun)
        begun = time.perf_counter()
        embed(task)
        taken["our loop"].append(time.perf_counter() - begun)
        begun = time.perf_counter()
        _plain(task)
        taken["plain ONNX Runtime"].append(time.perf_counter() - begun)
    plain = float(np.median(taken["plain ONNX Runtime"]))
    for name, seconds in taken.items():
        rates = ", ".join(f"{len(titles) / one:.0f}" for one in seconds)
        print(f"{name:22} {rates} texts per second; {plain / np.median(seconds):.2f} of plain")


def _plain(task: Task) -> None:
    """Embed in the given order, in batches of the same size, padded by the tokenizer: what one writes at first."""
    import onnxruntime
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(task.tokenizer)
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(task.network, options, providers=["CPUExecutionProvider"])
    wanted = {one.name for one in session.get_inputs()}
    for start in range(0, len(task.texts), BATCH):
        batch = tokenizer.encode_batch(task.texts[start : start + BATCH])
        ids, mask = np.array([one.ids for one in batch]), np.array([one.attention_mask for one in batch])
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        output = session.run(None, {name: inputs[name] for name in wanted})[0]
        (output * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
