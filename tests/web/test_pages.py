"""The pages: access, hostile text, headers."""

from uuid import uuid4

import pytest

from tests.tokens import token_for
from tests.web.conftest import Web
from tests.web.filled import HOSTILE, Filled, fill


@pytest.fixture
async def rows(web: Web) -> Filled:
    return await fill(web.db)


async def page(web: Web, path: str, *, token: bool = False) -> tuple[int, str]:
    bearer = await token_for(web.settings, web.db)
    async with web.client.get(path, headers={"Authorization": f"Bearer {bearer}"} if token else {}) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        return answer.status, await answer.text()


async def test_public_pages_are_public_and_private_ones_need_a_token(web: Web, rows: Filled) -> None:
    status, index = await page(web, "/")
    assert status == 200
    assert "octo/public" in index
    assert "octo/secret" not in index
    assert "octo/secret" in (await page(web, "/", token=True))[1]
    for path in (f"/repositories/{rows.private}", f"/repositories/{rows.private}/analyses/{rows.private_analysis}"):
        assert await page(web, path) == await page(web, f"/repositories/{uuid4()}")
        assert (await page(web, path))[0] == 404
        assert (await page(web, path, token=True))[0] == 200
    for path in (f"/repositories/{rows.public}", f"/repositories/{rows.public}/analyses/{rows.analysis}"):
        assert (await page(web, path))[0] == 200


async def test_an_analysis_is_not_shown_under_another_repository(web: Web, rows: Filled) -> None:
    assert (await page(web, f"/repositories/{rows.public}/analyses/{rows.private_analysis}", token=True))[0] == 404


@pytest.mark.parametrize("path", ["/repositories/x", "/repositories/%00", "/nonsense", "/static/../application.py"])
async def test_unknown_pages_are_404(web: Web, path: str) -> None:
    assert (await page(web, path))[0] == 404


async def test_hostile_text_stays_text(web: Web, rows: Filled) -> None:
    _, shown = await page(web, f"/repositories/{rows.public}/analyses/{rows.analysis}")
    assert HOSTILE not in shown
    for tag in ("<script", "<img"):
        assert tag not in shown.lower()
    assert "&lt;script&gt;alert(1)" in shown
    assert "Remarks" in shown
    assert "confidence 75 %" in shown
