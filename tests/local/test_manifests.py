"""The registration of an App from a manifest: which requests get a code."""

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.github.manifest import manifest
from tests.repository import Repository
from tests.standin import running_stand_in
from tests.web.setting_up import giving_out_an_app

APP = "http://127.0.0.1:7"


@pytest.mark.parametrize(
    ("given", "changed", "status"),
    [
        (giving_out_an_app(APP), {}, 302),
        ({"app_url": APP}, {}, 404),
        (giving_out_an_app(APP), {"redirect_url": "http://127.0.0.1:70/setup/callback"}, 422),
        (giving_out_an_app(APP), {"hook_attributes": {"url": "localhost"}}, 422),
        (giving_out_an_app(APP), {"name": "n" * 35}, 422),
    ],
)
async def test_only_the_app_gets_a_code_and_only_if_a_private_key_is_configured(
    repository: Repository, tmp_path: Path, given: dict[str, Any], changed: dict[str, Any], status: int
) -> None:
    repository.commit("first", {"a.py": "x = 1\n"})
    async with running_stand_in(repository.path, tmp_path, **given) as github, aiohttp.ClientSession() as session:
        url, sent = f"{github.url}/settings/apps/new", {"manifest": json.dumps(manifest(APP) | changed)}
        async with session.post(url, data=sent, allow_redirects=False) as response:
            assert response.status == status
            assert response.headers.get("Location", APP).startswith(APP)
