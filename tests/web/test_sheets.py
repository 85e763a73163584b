"""The numbers of the charts as CSV: complete, and safe to open in a spreadsheet."""

import csv
import io
from dataclasses import replace

import pytest

from bot.db.snapshots import save_snapshots
from bot.web.pages.sheet import Sheet, csv_text
from tests.snapshots import EVERY_KIND, HOT, HOTSPOTS
from tests.web.conftest import Web
from tests.web.filled import fill
from tests.web.visiting import get


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r\n=1", " =1", "\u00a0=1", "\uff1d1", "|calc"],
)  # fmt: skip
def test_no_cell_begins_like_a_formula(cell: str) -> None:
    ((shown,),) = read(csv_text(Sheet(("name",), ((cell,),))))[1:]
    assert shown.startswith(("'", "\\u")), shown


def test_numbers_stay_numbers_and_texts_are_whole() -> None:
    row: tuple[str | float | None, ...] = ('a,"b"', "c\nd", "\u202ee", -1.5, 0, None)
    assert read(csv_text(Sheet(("a", "b", "c", "d", "e", "f"), (row,))))[1] == [
        'a,"b"', "c\nd", "\\u202ee", "-1.5", "0", "",
    ]  # fmt: skip


async def test_each_chart_has_its_numbers(web: Web) -> None:
    rows = await fill(web.db)
    place = f"/repositories/{rows.public}/charts"
    assert (await get(web, f"{place}/hotspots.csv")).status == 404
    hostile = replace(HOTSPOTS, files=(replace(HOT, path="=cmd|'/c calc'!A1.py"),))
    await save_snapshots(web.db, rows.public, "a" * 40, [*EVERY_KIND[1:], hostile])
    for name in ("hotspots", "ownership", "coupling", "risk", "calibration", "trends", "metric-changes"):
        async with web.client.get(f"{place}/{name}.csv") as answer:
            assert answer.status == 200 and answer.content_type == "text/csv", name
            assert answer.headers["Content-Disposition"] == f'attachment; filename="gitinsight-{name}.csv"'
            table = read(await answer.text())
        assert len(table) > 1 and len({len(line) for line in table}) == 1, name
        if name == "hotspots":
            assert table[1][:3] == ["'=cmd|'/c calc'!A1.py", "12", "1"]
    assert "5,2" in (await get(web, f"{place}/file.csv?path=app/core.py")).text
    for name in ("nonsense", "metric-nonsense", "x%22y"):
        assert (await get(web, f"{place}/{name}.csv")).status == 404
    assert (await get(web, f"/repositories/{rows.private}/charts/hotspots.csv")).status == 404
