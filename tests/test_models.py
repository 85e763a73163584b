"""`gitinsight models`: a pull from a hub over HTTP, real files, a cut connection, a liar; and the list."""

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from aiohttp import web

from bot.commands.models import print_models, pull_model
from bot.errors import GiveUp, RetryLater
from bot.ml.embeddings import Embedder
from bot.ml.model_folder import MANIFEST, digest_of
from tests.ml.test_embeddings import WORDS, table, tokenizer

NAME = "acme/small"
SHA = "5" * 40


@dataclass
class Hub:
    """A server that answers as the hub does. cut: after so many bytes of the model it hangs up, once."""

    files: dict[str, bytes]
    url: str = ""
    cut: int = 0
    asked: list[str] = field(default_factory=list)
    described: list[str] = field(default_factory=list)

    async def describe(self, request: web.Request) -> web.Response:
        siblings = [
            {"rfilename": name, "size": len(content), "lfs": {"sha256": hashlib.sha256(content).hexdigest()}}
            for name, content in self.files.items()
        ]
        self.described.append(request.rel_url.raw_path.rpartition("/")[2])
        return web.json_response({"sha": SHA, "siblings": siblings})

    async def resolve(self, request: web.Request) -> web.StreamResponse:
        content = self.files[request.match_info["path"]]
        start = int(request.headers.get("Range", "bytes=0-")[6:-1])
        self.asked.append(f"{request.match_info['revision']} {request.match_info['path']} {start}")
        response = web.StreamResponse(status=206 if start else 200)
        response.content_length = len(content) - start
        await response.prepare(request)
        if self.cut and request.match_info["path"].startswith("model"):
            await response.write(content[start : start + self.cut])
            self.cut = 0
            assert request.transport is not None
            request.transport.close()
            return response
        await response.write(content[start:])
        return response


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    hub = Hub(
        {"tokenizer.json": tokenizer().encode(), "model.safetensors": table(np.eye(len(WORDS), 8, dtype=np.float32))}
    )
    hub.files["evil.bin"] = b"\x80\x04cos\nsystem\n"
    application = web.Application()
    application.router.add_get(f"/api/models/{NAME}/revision/{{revision:[^/]+}}", hub.describe)
    application.router.add_get(f"/{NAME}/resolve/{{revision}}/{{path:.+}}", hub.resolve)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    hub.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield hub
    await runner.cleanup()


@pytest.fixture
def env(hub: Hub, tmp_path: Path) -> dict[str, str]:
    return {"HF_ENDPOINT": hub.url, "DATA_DIR": str(tmp_path)}


async def test_a_model_is_pinned_and_works_without_the_hub(
    hub: Hub, env: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = await pull_model(env, NAME, "main")
    assert folder == tmp_path / "models" / "acme--small"
    assert sorted(path.name for path in folder.iterdir()) == [MANIFEST, "model.safetensors", "tokenizer.json"]
    manifest = json.loads((folder / MANIFEST).read_text())
    assert manifest["revision"] == SHA
    assert manifest["files"]["model.safetensors"] == digest_of(folder / "model.safetensors")
    assert hub.asked == [f"{SHA} tokenizer.json 0", f"{SHA} model.safetensors 0"]
    assert await Embedder(NAME, tmp_path).embed(["fix"], tmp_path / "kept") is not None
    print_models(env | {"EMBEDDING_MODEL": NAME})
    line = next(line for line in capsys.readouterr().out.splitlines() if NAME in line)
    assert "ready" in line and "yes" in line and SHA[:10] in line


async def test_a_cut_download_leaves_no_model_and_is_continued(hub: Hub, env: dict[str, str], tmp_path: Path) -> None:
    hub.cut = 100
    with pytest.raises(RetryLater, match="Run the command again"):
        await pull_model(env, NAME, "main")
    assert not (tmp_path / "models" / "acme--small").exists()
    assert "models pull" in str(await _problem(tmp_path))
    folder = await pull_model(env, NAME, "main")
    assert hub.asked[-1] == f"{SHA} model.safetensors 100"
    assert (folder / "model.safetensors").read_bytes() == hub.files["model.safetensors"]


async def _problem(folder: Path) -> str:
    from bot.ml.model_folder import BadModelFolder, model_files

    with pytest.raises(BadModelFolder) as found:
        model_files(NAME, folder)
    return str(found.value)


async def test_other_content_than_described_is_refused(hub: Hub, env: dict[str, str], tmp_path: Path) -> None:
    class Liar(dict[str, bytes]):
        def __getitem__(self, name: str) -> bytes:
            return super().__getitem__(name)[:-1] + b"!"

    hub.files = Liar(hub.files)
    with pytest.raises(RetryLater, match="damaged"):
        await pull_model(env, NAME, "main")
    assert not (tmp_path / "models" / "acme--small").exists()


@pytest.mark.parametrize("name", ["small", "../../etc", "a/b/c", "acme/../x", "", "acme/sm all"])
async def test_a_name_that_is_none_is_refused(env: dict[str, str], name: str) -> None:
    with pytest.raises(GiveUp, match="OWNER/NAME"):
        await pull_model(env, name, "main")


@pytest.mark.parametrize("revision", ["", "..", "../../evil", "a/../b", "-x", "a b", "main?x=1", "a%2fb", "/main", "é"])
async def test_a_revision_that_is_none_is_refused(hub: Hub, env: dict[str, str], revision: str) -> None:
    with pytest.raises(GiveUp, match="branch, a tag"):
        await pull_model(env, NAME, revision)
    assert hub.described == []


async def test_a_branch_with_a_slash_and_a_sha_are_one_part_of_the_address(hub: Hub, env: dict[str, str]) -> None:
    await pull_model(env, NAME, "refs/pr/1")
    await pull_model(env, NAME, SHA)
    assert hub.described == ["refs%2Fpr%2F1", SHA]


async def test_a_new_model_that_cannot_be_used_does_not_replace_the_old_one(
    hub: Hub, env: dict[str, str], tmp_path: Path
) -> None:
    folder = await pull_model(env, NAME, "main")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    hub.files["model.safetensors"] = b"no table"
    with pytest.raises(GiveUp, match="What was there before is kept"):
        await pull_model(env, NAME, "main")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    hub.files["model.safetensors"] = table(np.zeros((len(WORDS), 4), dtype=np.float32))
    assert await pull_model(env, NAME, "main") == folder
    assert (folder / "model.safetensors").read_bytes() == hub.files["model.safetensors"]
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["acme--small"]


async def test_what_cannot_be_used_is_not_fetched(hub: Hub, env: dict[str, str]) -> None:
    with pytest.raises(GiveUp, match="no public model"):
        await pull_model(env, "acme/other", "main")
    with pytest.raises(GiveUp, match="HF_HUB_OFFLINE"):
        await pull_model(env | {"HF_HUB_OFFLINE": "1"}, NAME, "main")
    del hub.files["model.safetensors"]
    with pytest.raises(GiveUp, match="Other formats"):
        await pull_model(env, NAME, "main")
    assert hub.asked == []


async def test_without_a_hub_the_message_says_so(env: dict[str, str]) -> None:
    with pytest.raises(RetryLater, match="could not be reached"):
        await pull_model(env | {"HF_ENDPOINT": "http://127.0.0.1:9"}, NAME, "main")
