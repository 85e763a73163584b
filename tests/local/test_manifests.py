"""The stand-in's ends of the manifest flow: for whom an App is made, and for whom not."""

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
async def test_a_code_is_given_to_the_app_alone_and_only_where_there_is_a_key_to_give(
    repository: Repository, tmp_path: Path, given: dict[str, Any], changed: dict[str, Any], status: int
) -> None:
    repository.commit("first", {"a.py": "x = 1\n"})
    async with running_stand_in(repository.path, tmp_path, **given) as github, aiohttp.ClientSession() as session:
        url, sent = f"{github.url}/settings/apps/new", {"manifest": json.dumps(manifest(APP) | changed)}
        async with session.post(url, data=sent, allow_redirects=False) as answer:
            assert answer.status == status
            assert answer.headers.get("Location", APP).startswith(APP)
