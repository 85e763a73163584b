"""Charts: the drawing and the data for the script come from one definition; labels of the drawing do not overlap."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from markupsafe import Markup

from bot.db.trends import Day
from bot.domain.snapshots import Hotspots
from bot.web.pages.chart import Axis, Bars, Chart, Mark, Series
from bot.web.pages.chart_data import chart_data
from bot.web.pages.history_charts import (
    calibration_chart,
    coupling_chart,
    hotspot_chart,
    ownership_chart,
    risk_chart,
)
from bot.web.pages.metric_chart import metric_chart, metric_svg, shown_points, trend_line
from bot.web.pages.paper import PAPERS, Paper
from bot.web.pages.scale import Scale
from bot.web.pages.svg import drawings, svg
from bot.web.pages.trends_chart import daily_chart, weekly_chart
from tests.snapshots import ACTIVITY, CARD, COUPLING, HOT, HOTSPOTS, JUDGED, OWNERSHIP, RISING, STEADY, UNSYNCED

CHANGES = Axis("changes", range=(0, 100))
FILES = Series("files", "link")
MONDAY = date(2026, 1, 5)
DAYS = {MONDAY: Day(analyses=3, failed=1, insights=Counter({"high": 2, "low": 1}))}


def chart(*marks: Mark) -> Chart:
    return Chart("a map", CHANGES, CHANGES, (FILES,), marks)


def mark(x: float, y: float, text: str = "", label: str = "") -> Mark:
    return Mark(FILES, x, y, text, 5.0, label)


def labels(*marks: Mark) -> list[str]:
    return re.findall(r'<text class="row"[^>]*>([^<]*)<', svg(chart(*marks)))


def test_an_overlapping_label_is_left_out_but_its_mark_is_drawn() -> None:
    near = mark(51, 50, "second", label="src/second.py")
    drawn = svg(chart(mark(50, 50, "first", label="src/first.py"), near))
    assert "src/first.py" in drawn and "src/second.py" not in drawn
    assert drawn.count("<circle") == 2 and "<title>second</title>" in drawn


def test_labels_that_do_not_overlap_are_drawn() -> None:
    apart = [mark(10, 10, label="a"), mark(10, 20, label="b"), mark(60, 10, label="c"), mark(90, 10)]
    assert labels(*apart) == ["a", "b", "c"]


def test_a_label_at_the_right_edge_is_left_of_its_mark() -> None:
    assert labels(mark(95, 50, label="x" * 30), mark(60, 50, label="y" * 12)) == ["x" * 30]


def test_ticks_of_a_compressed_axis_are_whole_numbers() -> None:
    counts = Scale(Axis("changes", compressed=True), 0, 9)
    assert counts.ticks() == [0, 1, 2, 5, 9]
    assert counts.at(counts.ticks()[1]) == 1 / 3
    assert Scale(Axis("changes", compressed=True), 0, 2).ticks() == [0, 1, 2]


def test_the_scale_contains_all_values() -> None:
    assert Scale.of(Axis("changes"), [3, 9]) == Scale(Axis("changes"), 0, 9)
    assert Scale.of(Axis("", "date"), [3, 9]) == Scale(Axis("", "date"), 3, 9)
    assert Scale.of(CHANGES, [3, 9]) == Scale(CHANGES, 0, 100)


EXPLORED = [
    hotspot_chart(HOTSPOTS),
    risk_chart(JUDGED),
    calibration_chart(JUDGED),
    weekly_chart(DAYS),
    daily_chart(DAYS, MONDAY),
]
START = date(2023, 1, 1)


@pytest.mark.parametrize("made", EXPLORED, ids=lambda made: made.title if made else "nothing")
def test_the_drawing_and_the_data_agree(made: Chart | None) -> None:
    assert made is not None
    drawn, data = svg(made), chart_data(made)
    assert f'aria-label="{data.title}"' in drawn
    assert data.y.title in drawn and data.x.title in drawn
    points = [(series.name, len(series.x), len(series.y)) for series in data.series]
    counted = Counter(mark.series.name for mark in made.marks)
    assert points == [(series.name, counted[series.name], counted[series.name]) for series in made.series]
    for series in data.series:
        for text, amount in zip(series.text, series.y, strict=False):
            assert text in drawn or not amount or series.shape == "line"


@pytest.mark.parametrize("made", [ownership_chart(OWNERSHIP), coupling_chart(COUPLING)])
def test_a_bar_is_drawn_for_each_row(made: Bars | None) -> None:
    assert made is not None
    drawn = svg(made)
    assert Markup('aria-label="{}"').format(made.title) in drawn
    assert drawn.count("<rect") == sum(len(bar.parts) for bar in made.bars)


def test_the_first_hotspot_is_drawn_last_and_colours_show_fixes() -> None:
    files = tuple(replace(HOT, path=f"{fixes}.py", fixes=fixes) for fixes in (9, 3, 0))
    made = hotspot_chart(Hotspots(changes=1, files=files))
    assert made is not None
    assert [(mark.label, mark.series.colour) for mark in made.marks] == [
        ("0.py", "link"),
        ("3.py", "warn"),
        ("9.py", "bad"),
    ]
    assert (made.x.title, chart_data(made).x.kind) == ("changes within the last year", "log")


def test_the_data_of_a_chart_has_dates_as_text_and_circles_by_diameter() -> None:
    made = risk_chart(JUDGED)
    assert made is not None
    data = chart_data(made)
    assert (data.x.kind, data.y.kind) == ("date", "percent")
    clean, fixed = data.series
    assert (clean.x, clean.y, clean.sizes) == (["2020-09-13 12:26"], [0.1], [5.0])
    assert fixed.text == ["bbbbbbbbbb: 40%, needed a fix"]


def test_the_daily_chart_has_bars_of_insights_and_a_line_of_analyses() -> None:
    made = daily_chart(DAYS, MONDAY)
    assert made is not None
    data = chart_data(made)
    assert [(series.name, series.shape, series.y) for series in data.series] == [
        ("high", "bars", [2]),
        ("low", "bars", [1]),
        ("analyses", "line", [3]),
    ]
    assert data.stacked and data.x.range == ["2025-12-06 00:00", "2026-01-06 00:00"]


def test_there_is_no_chart_without_data() -> None:
    assert hotspot_chart(Hotspots(changes=3, files=(replace(HOT, complexity=None),))) is None
    assert (risk_chart(CARD), calibration_chart(CARD)) == (None, None)
    assert ownership_chart(replace(OWNERSHIP, files=())) is None
    assert coupling_chart(replace(COUPLING, pairs=())) is None
    assert weekly_chart({MONDAY: Day(analyses=3)}) is None
    assert daily_chart({}, MONDAY) is None


def test_the_drawing_of_a_metric_has_its_points_line_and_interval() -> None:
    drawn = str(metric_svg(ACTIVITY, START, "month"))
    assert drawn.count("<circle") == 36 and drawn.count('class="series"') == 35
    assert drawn.count('class="trend"') == 1 and drawn.count('class="band"') == 1
    assert 'aria-label="Changes, changes per week, trend: up"' in drawn
    assert "01 Jan 2023: 2 changes per week (n = 9)" in drawn


def test_a_metric_without_a_trend_has_no_line() -> None:
    drawn = str(metric_svg(STEADY, START, "month"))
    assert drawn.count("<circle") == 36 and 'class="trend"' not in drawn and "no trend" in drawn
    assert metric_svg(UNSYNCED, START, "month") is None and metric_chart(UNSYNCED, START) is None


def test_a_month_without_a_value_is_a_gap() -> None:
    gap = replace(ACTIVITY, points=(*ACTIVITY.points[:10], *ACTIVITY.points[12:]))
    assert str(metric_svg(gap, START, "month")).count('class="series"') == 32


def test_the_trend_line_goes_through_its_ends_and_within_its_interval() -> None:
    found = trend_line(RISING, list(ACTIVITY.points))
    assert found is not None
    tested, line = found
    assert len(tested) == 36 and line.value == pytest.approx((2.0, 5.5), abs=0.02)
    assert line.low[0] > line.value[0] > line.high[0] and line.low[1] < line.value[1] < line.high[1]
    shorter = trend_line(RISING, shown_points(ACTIVITY, date(2025, 1, 1)))
    assert shorter and (len(shorter[0]), shorter[1].value[1]) == (12, line.value[1])
    assert trend_line(RISING, list(ACTIVITY.points[-1:])) is None


def test_the_explored_metric_has_the_same_points_and_lines() -> None:
    made = metric_chart(ACTIVITY, START)
    assert made is not None
    data = chart_data(made)
    assert [(series.name, len(series.x)) for series in data.series] == [
        ("value", 36),
        ("trend line", 2),
        ("95 % interval, low", 2),
        ("95 % interval, high", 2),
    ]
    assert (data.y.title, data.x.kind) == ("changes per week", "date")


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_the_values_of_the_x_axis_are_within_the_paper(paper: Paper) -> None:
    dates = Chart("dates", Axis("day", "date"), CHANGES, (FILES,), (mark(1.7e9, 1), mark(1.6e9, 9)))
    drawn = svg(dates, paper)
    places = [float(x) for x in re.findall(r'class="tick" x="([0-9.]+)" y="[0-9]+" text-anchor="middle"', drawn)]
    assert len(places) == paper.ticks and all(25 <= place <= paper.width - 25 for place in places)


def test_what_a_colour_means_is_told_by_a_shape_or_a_texture_too() -> None:
    files = tuple(replace(HOT, path=f"{fixes}.py", fixes=fixes) for fixes in (9, 3, 0))
    made = hotspot_chart(Hotspots(changes=1, files=files))
    assert made is not None
    both = str(drawings(made))
    assert both.count('<svg class="chart wide"') == both.count('<svg class="chart narrow"') == 1
    kinds = ('<circle class="mark link"', '<polygon class="mark warn"', '<polygon class="mark bad"')
    assert [both.count(kind) for kind in kinds] == [3, 3, 3], "two drawings and the legend"
    assert "changes within the last year (square-root scale)" in both and "The larger a mark" in both
    weekly = weekly_chart(DAYS)
    assert weekly is not None
    bars = str(drawings(weekly))
    assert 'fill="url(#stripes-wide)"' in bars and 'id="stripes-wide"' in bars and 'id="stripes-narrow"' in bars
