"""The page of a file: what is stored is shown, what is not is said; its path is a stranger's."""

from dataclasses import replace
from urllib.parse import quote

import pytest
from sqlalchemy import update

from bot.db.snapshots import save_snapshots
from bot.db.tables import InsightRow
from bot.domain.snapshots import SnapshotContent
from tests.snapshots import CORE, EVERY_KIND, FILES, HOT, HOTSPOTS
from tests.web.conftest import Web
from tests.web.filled import HOSTILE, Filled, fill
from tests.web.visiting import Seen, get

HARD = f"a b/../\u202e'\"{HOSTILE}.py"


@pytest.fixture
async def rows(web: Web) -> Filled:
    return await fill(web.db)


async def file(web: Web, rows: Filled, path: str) -> Seen:
    return await get(web, f"/repositories/{rows.public}/files?path={quote(path, safe='')}")


async def test_a_hotspot_has_its_changes_owners_companions_and_fixes(web: Web, rows: Filled) -> None:
    await save_snapshots(web.db, rows.public, "a" * 40, EVERY_KIND)
    seen = await file(web, rows, "app/core.py")
    base = "https://github.com/octo/public"
    for words in (
        f'href="{base}/blob/{"a" * 40}/app/core.py"',
        f'href="{base}/commits/{"a" * 40}/app/core.py"',
        f'href="{base}/commit/{"c" * 40}"',
        f'href="{base}/pull/12"',
        "Dec 2025: 2 fixes",
        "Fix the core",
        "4 of 5 changes (80%)",
        f'href="/repositories/{rows.public}/files?path=app/other.bin"',
        "<td>Ann</td>",
        "And 1 more.",
        "Not known. The full analysis stores the hardest functions",
    ):
        assert words in seen.text, words
    listed = await get(web, f"/repositories/{rows.public}/history")
    assert f'href="/repositories/{rows.public}/files?path=app/core.py"' in listed.text


async def test_a_file_with_insights_only_says_what_is_not_stored(web: Web, rows: Filled) -> None:
    async with web.db.writing() as session:
        place = [{"path": "app/hard.py", "start_line": 3, "end_line": 9}]
        values = {"ccn": 31, "cognitive": 44, "nloc": 80}
        await session.execute(
            update(InsightRow)
            .where(InsightRow.id == rows.insights[0])
            .values(locations=place, rule="repository/function", evidence=values, title="`settle` is hard")
        )
    seen = await file(web, rows, "app/hard.py")
    assert seen.status == 200 and "is not among the most changed files" in seen.text
    assert "<code>settle</code> is hard</a></td>" in seen.text and "<td>44</td><td>31</td><td>80</td>" in seen.text
    assert f"https://github.com/octo/public/blob/{'a' * 40}/app/hard.py?plain=1#L3-L9" in seen.text


@pytest.mark.parametrize("path", ["app/none.py", "../../etc/passwd", HOSTILE + "x", "x" * 4096, "%"])
async def test_a_file_of_which_nothing_is_stored_has_no_page(web: Web, rows: Filled, path: str) -> None:
    seen = await file(web, rows, path)
    assert seen.status == 404 and path[:20] not in seen.text


async def test_bad_paths_are_refused(web: Web, rows: Filled) -> None:
    for path in ("", "\x00", "x" * 4097):
        assert (await file(web, rows, path)).status == 422
    assert (await get(web, f"/repositories/{rows.private}/files?path=app/core.py")).status == 404


async def test_a_hostile_path_stays_text(web: Web, rows: Filled) -> None:
    contents: list[SnapshotContent] = [
        replace(HOTSPOTS, files=(replace(HOT, path=HARD),)),
        replace(FILES, files=(replace(CORE, path=HARD),)),
    ]
    await save_snapshots(web.db, rows.public, "a" * 40, contents)
    seen = await file(web, rows, HARD)
    assert seen.status == 200 and "/blob/" not in seen.text, "a path with .. has no page on GitHub"
    shown = seen.text.replace('<script type="module" src="/static/charts.js"></script>', "")
    assert not any(tag in shown.lower() for tag in ("<script", "</script", "<img", "\u202e"))
    place = f"/repositories/{rows.public}/charts/file"
    assert (await get(web, f"{place}?path={quote(HARD, safe='')}")).status == 200
    assert (await get(web, f"{place}?path=other")).status == 404
