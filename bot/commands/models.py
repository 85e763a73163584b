"""`gitinsight models`: fetch an embedding model from the hub once, pinned by revision and sha256; list the models.

The three requests are those of huggingface.co/docs/hub/api: the revision with its files, and each file of it. Files go
to a folder of their own, which gets its name when all are complete and checked. What is there already is continued.
"""

import asyncio
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bot.environment import address
from bot.errors import GiveUp, RetryLater
from bot.ml.model_folder import (
    MANIFEST,
    MAX_MODEL,
    MAX_TOKENIZER,
    NETWORKS,
    PACKAGED,
    TABLE,
    TOKENIZER,
    BadModelFolder,
    digest_of,
    model_files,
    model_folder,
)
from bot.process import MIB
from bot.storage import data_dir
from bot.text import plain

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
# A commit, a branch or a tag. What a name may be is less than git allows, and never a path that leads elsewhere.
_REVISION = re.compile(r"(?!.*\.\.)[A-Za-z0-9][\w.-]{0,95}(?:/[A-Za-z0-9][\w.-]{0,95}){0,4}")
_SHA = re.compile(r"[0-9a-f]{40}")
_CHUNK = MIB
_TIMEOUT = aiohttp.ClientTimeout(total=3_600, sock_connect=20, sock_read=60)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a model on the hub. sha256: as the hub says, for large files; None for small ones."""

    path: str
    size: int
    sha256: str | None


async def pull_model(env: Mapping[str, str], name: str, revision: str) -> Path:
    """Fetch the tokenizer and the model, and return their folder. Raises GiveUp and RetryLater."""
    if not _NAME.fullmatch(name):
        raise GiveUp("The name of a model is OWNER/NAME, as on the hub, such as minishlab/potion-code-16M-v2.")
    if not _REVISION.fullmatch(revision):
        raise GiveUp("The revision of a model is a branch, a tag or the sha of a commit, such as main.")
    if env.get("HF_HUB_OFFLINE", "").lower() in {"1", "true", "yes", "on"}:
        raise GiveUp("HF_HUB_OFFLINE is set, so nothing is fetched.")
    hub = address(env, "HF_ENDPOINT", "https://huggingface.co")
    target = model_folder(name, data_dir(env))
    try:
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            described = f"{hub}/api/models/{name}/revision/{quote(revision, safe='')}"
            sha, files = await _find(session, described, name)
            # Names of models do not begin with a point. Files of another revision must not be continued.
            part = target.with_name(f".{target.name}.{sha}.part")
            part.mkdir(parents=True, exist_ok=True)
            with _progress() as progress:
                for file in files:
                    await _fetch(session, f"{hub}/{name}/resolve/{sha}/{file.path}", file, part, progress)
    except (aiohttp.ClientError, TimeoutError) as problem:
        raise RetryLater(f"The hub could not be reached: {problem}. Run the command again; it continues.") from problem
    digests = {file.path: digest_of(part / file.path) for file in files}
    content = {"name": name, "revision": sha, "files": digests}
    (part / MANIFEST).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    try:
        model_files(str(part.absolute()), data_dir(env))
    except BadModelFolder as problem:
        shutil.rmtree(part, ignore_errors=True)
        raise GiveUp(f"{name} was fetched, but cannot be used: {problem}. What was there before is kept.") from problem
    _replace(target, part)
    return target


def _replace(target: Path, new: Path) -> None:
    """Put a folder in the place of another one. In between there is none for a moment: folders cannot be exchanged."""
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.replace(old)
    try:
        new.replace(target)
    except OSError:
        if old.exists():
            old.replace(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


async def _find(session: aiohttp.ClientSession, url: str, name: str) -> tuple[str, list[RemoteFile]]:
    """Return the sha of the revision, and its tokenizer and model."""
    async with session.get(url, params={"blobs": "true"}) as response:
        if response.status in {401, 403, 404}:
            raise GiveUp(f"The hub has no public model {name} with this revision.")
        response.raise_for_status()
        try:
            content: Any = json.loads(await response.content.read(8 * MIB))
            sha, listed = str(content["sha"]), {str(one["rfilename"]): one for one in content["siblings"]}
            chosen = next((path for path in (*NETWORKS, TABLE) if path in listed), None)
            if chosen is None or TOKENIZER not in listed or not _SHA.fullmatch(sha):
                raise GiveUp(f"{name} has no {TOKENIZER} with an ONNX model or a {TABLE}. Other formats are not used.")
            files = [_remote(path, listed[path]) for path in (TOKENIZER, chosen)]
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise GiveUp("The hub's answer is not the description of a model.") from problem
    for file in files:
        most = MAX_TOKENIZER if file.path == TOKENIZER else MAX_MODEL
        if not 0 < file.size <= most:
            raise GiveUp(f"{file.path} has {file.size:,} bytes; at most {most:,} are allowed.")
    return sha, files


def _remote(path: str, entry: Mapping[str, Any]) -> RemoteFile:
    return RemoteFile(path, int(entry["size"]), (entry.get("lfs") or {}).get("sha256"))


async def _fetch(session: aiohttp.ClientSession, url: str, file: RemoteFile, folder: Path, progress: Progress) -> None:
    """Fetch one file, or the rest of it, and check its size and sha256."""
    path = folder / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    have = path.stat().st_size if path.is_file() else 0
    if have > file.size:
        path.unlink()
        have = 0
    bar = progress.add_task(file.path, total=file.size, completed=have)
    if have < file.size:
        async with session.get(url, headers={"Range": f"bytes={have}-"} if have else {}) as response:
            response.raise_for_status()
            with path.open("ab" if response.status == 206 else "wb") as written:
                async for chunk in response.content.iter_chunked(_CHUNK):
                    written.write(chunk)
                    progress.update(bar, completed=written.tell())
                    if written.tell() > file.size:
                        break
    if path.stat().st_size != file.size or (file.sha256 and digest_of(path) != file.sha256):
        path.unlink()
        raise RetryLater(f"{file.path} arrived damaged. Run the command again.")


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True))


def print_models(env: Mapping[str, str]) -> None:
    """Print a table of the models that are there, and whether each can be used."""
    folder, chosen = data_dir(env) / "models", env.get("EMBEDDING_MODEL", "")
    names = [PACKAGED, *sorted(path.name.replace("--", "/", 1) for path in folder.glob("*--*") if _is_complete(path))]
    if chosen and chosen not in names:
        names.append(chosen)
    table = Table("model", "revision", "size", "state", "chosen", box=None)
    for name in names:
        path = model_folder(name, data_dir(env))
        try:
            files = model_files(name, data_dir(env))
            size, state = (files.table or files.network or files.tokenizer).stat().st_size / MIB, "ready"
        except BadModelFolder as problem:
            size, state = 0.0, str(problem)
        table.add_row(plain(name), _revision(path)[:10], f"{size:.0f} MB", state, "yes" if name == chosen else "")
    Console(width=None if Console().is_terminal else 200).print(table)


def _is_complete(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith(".")


def _revision(folder: Path) -> str:
    try:
        return str(json.loads((folder / MANIFEST).read_bytes())["revision"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def run_pull(env: Mapping[str, str], name: str, revision: str) -> None:
    """Fetch a model, and say how to use it."""
    folder = asyncio.run(pull_model(env, name, revision))
    print_line = Console().print
    print_line(f"{plain(name)} is in {folder}. Set EMBEDDING_MODEL={plain(name)} to use it.", soft_wrap=True)
