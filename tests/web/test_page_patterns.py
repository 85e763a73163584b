"""Recommendations and patterns on the history page: with pictures, legends and links to what they rest on."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.db.audit import COMMAND_LINE
from bot.db.dismissals import save_dismissal
from bot.db.snapshots import save_snapshots
from bot.db.tables import InsightRow
from bot.domain.dismissals import DismissReason
from bot.domain.patterns import Patterns
from bot.domain.snapshots import SnapshotContent
from bot.insights.patterns import pattern_insights
from bot.web.pages.interval_chart import IntervalChart, IntervalRow, interval_drawing
from bot.web.pages.pattern_charts import (
    cluster_chart,
    fix_area_chart,
    follow_up_chart,
    slow_review_chart,
    topic_chart,
)
from tests.patterns.samples import AREA, CLUSTER, PATTERNS, PERIOD, TOPIC
from tests.snapshots import COUPLING, HOTSPOTS, OWNERSHIP
from tests.web.conftest import Web
from tests.web.filled import HOSTILE, Filled, fill
from tests.web.visiting import get


@pytest.fixture
async def rows(web: Web) -> Filled:
    return await fill(web.db)


async def shown(web: Web, rows: Filled, patterns: Patterns | None) -> str:
    known: list[SnapshotContent] = [HOTSPOTS, OWNERSHIP, COUPLING]
    known += [patterns] if patterns else []
    await save_snapshots(web.db, rows.public, "a" * 40, known)
    seen = await get(web, f"/repositories/{rows.public}/history")
    assert seen.status == 200
    return seen.text


async def test_recommendations_come_first_and_link_to_their_findings(web: Web, rows: Filled) -> None:
    text = await shown(web, rows, PATTERNS)
    assert text.index('id="recommendations"') < text.index('id="patterns"') < text.index('id="hotspots"')
    advice = text[text.index('id="recommendations"') : text.index('id="patterns"')]
    assert (
        'one by now: <a href="https://github.com/octo/public/commit/cccccccccc">' in advice
        and "How we will know: fixes of" in advice
    )
    assert "Add tests for 3 fixes of <code>preview</code> in <code>app/screen.py</code> that came" in advice
    assert "<summary>Count it again</summary>" in advice and "<code>TZ=UTC git log --no-walk" in advice
    links = set(re.findall(r'href="#([\w-]+)"', advice))
    assert links and all(f'id="{link}"' in text for link in links)


async def test_each_kind_of_pattern_has_its_picture_legend_and_period(web: Web, rows: Filled) -> None:
    text = await shown(web, rows, PATTERNS)
    for title in (
        "Fixes compared with code of the same size and activity",
        "Changes of several files of a cluster",
        "Issues by topic",
        "How long pull requests wait",
    ):
        assert text.count(f'aria-label="{title}"') == 2, "one for wide pages, and one for phones"
    assert "95 % interval, corrected for the number of groups" in text
    assert "1,190 changes from 2023-11-14 to 2026-05-28" in text and "300 issues" in text


async def test_a_page_without_patterns_says_so(web: Web, rows: Filled) -> None:
    for patterns in (None, Patterns(changes=PERIOD)):
        text = await shown(web, rows, patterns)
        assert "The findings are too thin to recommend anything." in text
        assert "Nothing returns often enough to be more than chance." in text


async def test_text_of_strangers_is_only_text(web: Web, rows: Filled) -> None:
    example = replace(TOPIC.examples[0], title=HOSTILE)
    hostile = replace(
        PATTERNS,
        fix_areas=(replace(AREA, path=HOSTILE),),
        clusters=(replace(CLUSTER, files=(HOSTILE, HOSTILE + "2")),),
        topics=(replace(TOPIC, words=(HOSTILE, "x"), examples=(example,)),),
    )
    text = await shown(web, rows, hostile)
    assert "<script>alert" not in text and "<img" not in text and "&lt;script&gt;" in text


async def test_a_dismissed_pattern_and_what_rests_on_it_are_gone(web: Web, rows: Filled) -> None:
    area = next(one for one in pattern_insights(PATTERNS) if one.rule == "repository/pattern/fix-area")
    async with web.db.writing() as session:
        row = await session.scalar(select(InsightRow).where(InsightRow.repository_id == rows.public))
        assert row is not None
        row.fingerprint, row.rule, row.evidence = area.fingerprint, area.rule, dict(area.evidence)
    assert await save_dismissal(web.db, row.id, DismissReason.NOT_USEFUL, "", COMMAND_LINE)
    text = await shown(web, rows, PATTERNS)
    assert "times the fixes of other code" not in text and "common cause of the fixes" not in text


def test_an_interval_is_drawn_between_its_ends() -> None:
    row = IntervalRow("src/terminal.go", value=2.0, low=1.0, high=4.0, usual=1.0, text="99 fixes")
    drawn = interval_drawing(IntervalChart("Fixes", "times the usual fixes", (row,)))
    line = re.search(r'class="interval" x1="([\d.]+)" y1="[\d.]+" x2="([\d.]+)"', drawn)
    mark = re.search(r'class="value" cx="([\d.]+)"', drawn)
    usual = re.search(r'class="usual" x1="([\d.]+)"', drawn)
    assert line and mark and usual
    low, high, value = float(line[1]), float(line[2]), float(mark[1])
    assert low < value < high and value - low == pytest.approx((high - low) / 3, abs=0.2)
    assert float(usual[1]) == pytest.approx(low, abs=0.1)
    assert "<title>99 fixes</title>" in drawn and "times the usual fixes" in drawn


def test_a_very_long_interval_ends_at_the_edge() -> None:
    rows = tuple(IntervalRow(f"{high}", 2.0, 1.0, high, 1.0, "") for high in (3.0, 4000.0))
    ends = [
        float(end)
        for end in re.findall(r'class="interval" [^>]*x2="([\d.]+)"', interval_drawing(IntervalChart("", "", rows)))
    ]
    assert ends[0] < ends[1] == 736.0


def test_there_is_no_picture_of_nothing() -> None:
    nothing = Patterns(changes=PERIOD)
    charts = (fix_area_chart, follow_up_chart, slow_review_chart, cluster_chart, topic_chart)
    assert [chart(nothing) for chart in charts] == [None] * 5
    assert all(chart(PATTERNS) is not None for chart in charts)
