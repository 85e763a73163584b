"""Badges: what they say, who may see them, and text of strangers in them."""

from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import pytest
from sqlalchemy import update

from bot.db.snapshots import save_snapshots
from bot.db.tables import Analysis, InsightRow, Repository
from bot.web.auth import Role
from tests.snapshots import CARD, JUDGED
from tests.tokens import token_for
from tests.web.conftest import Web
from tests.web.filled import HOSTILE, Filled, fill
from tests.web.visiting import get

PUBLIC, PRIVATE = "/badge/octo/public.svg", "/badge/octo/secret.svg"


@pytest.fixture
async def rows(web: Web) -> Filled:
    return await fill(web.db)


async def words(web: Web, path: str, status: int = 200) -> str:
    """What the badge says; it is well-formed XML."""
    seen = await get(web, path)
    assert seen.status == status and seen.headers["Content-Type"].startswith("image/svg+xml")
    assert "default-src 'none'" in seen.headers["Content-Security-Policy"]
    texts = ElementTree.fromstring(seen.text).findall(".//{http://www.w3.org/2000/svg}text")
    return ": ".join(one.text or "" for one in texts)


async def test_the_health_follows_the_open_remarks(web: Web, rows: Filled) -> None:
    assert await words(web, PUBLIC) == "GitInsight: not known yet"
    async with web.db.writing() as session:
        await session.execute(update(Analysis).values(kind="full", pull_number=None))
    assert await words(web, f"{PUBLIC}?show=health") == "GitInsight: poor, 5 open remarks"
    async with web.db.writing() as session:
        await session.execute(update(InsightRow).values(standing="note"))
    assert await words(web, PUBLIC) == "GitInsight: no open remarks"
    assert (await get(web, PUBLIC)).headers["Cache-Control"] == "public, max-age=300"


async def test_the_risk_model_shows_what_it_was_judged_by(web: Web, rows: Filled) -> None:
    path = f"{PUBLIC}?show=risk-model"
    assert await words(web, path) == "risk model: not judged yet"
    await save_snapshots(web.db, rows.public, "a" * 40, [CARD])
    assert await words(web, path) == "risk model: not judged yet"
    await save_snapshots(web.db, rows.public, "a" * 40, [JUDGED])
    assert await words(web, path) == "risk model: ROC-AUC 0.80 on 9 changes (chance: 0.50)"


async def test_the_badge_of_a_private_repository_needs_the_key_of_its_settings_page(web: Web, rows: Filled) -> None:
    unknown = (await get(web, "/badge/octo/nothing.svg")).text
    for path in (PRIVATE, f"{PRIVATE}?key=", f"{PRIVATE}?key={'0' * 40}", f"{PRIVATE}?key=%C3%A9"):
        assert await words(web, path, 404) == "GitInsight: not found"
        assert (await get(web, path)).text == unknown
    token = await token_for(web.settings, web.db, "mia", Role.MAINTAINER)
    page = (await get(web, f"/repositories/{rows.private}/settings", token)).text
    address = urlsplit(page.partition("![GitInsight: health](")[2].partition(")")[0].replace("&amp;", "&"))
    assert await words(web, f"{address.path}?{address.query}") == "GitInsight: not known yet"
    assert (await get(web, f"{address.path}?{address.query}")).headers["Cache-Control"].startswith("private")
    async with web.db.writing() as session:
        await session.execute(update(Repository).where(Repository.id == rows.public).values(private=True))
    assert await words(web, f"{PUBLIC}?{address.query}", 404) == "GitInsight: not found"


async def test_names_of_strangers_stay_text(web: Web, rows: Filled) -> None:
    name = f"octo/\u202e{HOSTILE.replace('/', '')}"
    async with web.db.writing() as session:
        await session.execute(update(Repository).where(Repository.id == rows.public).values(full_name=name))
    path = f"/badge/octo/{quote(name.removeprefix('octo/'), safe='')}.svg"
    assert await words(web, path) == "GitInsight: not known yet"
    shown = (await get(web, path)).text
    assert "<script" not in shown and "<img" not in shown and "\u202e" not in shown and "&lt;script&gt;" in shown
    for other in ("/badge/octo/%00.svg", "/badge/%3Cscript%3E/x.svg", f"{PUBLIC}?show=nonsense", "/badge/octo/public"):
        assert (await get(web, other)).status == 404
