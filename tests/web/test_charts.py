"""What the drawn charts show, where their marks crowd."""

import re

from bot.web.pages.charts import Axis, Mark, scatter

WIDE = Axis("changes", 0, 100)


def labels(*marks: Mark) -> list[str]:
    return re.findall(r'<text class="row"[^>]*>([^<]*)<', scatter("a map", WIDE, WIDE, marks))


def test_a_label_that_would_lie_on_another_is_left_out_and_its_mark_is_not() -> None:
    near = Mark(51, 50, "second", label="src/second.py")
    drawn = scatter("a map", WIDE, WIDE, [Mark(50, 50, "first", label="src/first.py"), near])
    assert "src/first.py" in drawn and "src/second.py" not in drawn
    assert drawn.count("<circle") == 2 and "<title>second</title>" in drawn


def test_labels_with_room_between_them_stay() -> None:
    apart = [Mark(10, 10, "", label="a"), Mark(10, 20, "", label="b"), Mark(60, 10, "", label="c"), Mark(90, 10, "")]
    assert labels(*apart) == ["a", "b", "c"]


def test_a_label_at_the_right_edge_goes_to_the_left_of_its_mark() -> None:
    assert labels(Mark(95, 50, "", label="x" * 30), Mark(60, 50, "", label="y" * 12)) == ["x" * 30]


def test_a_count_is_written_where_it_lies() -> None:
    counts = Axis("changes", 0, 9, root=True)
    assert counts.ticks() == [0, 1, 2, 5, 9]
    assert counts.at(counts.ticks()[1]) == 1 / 3
    assert Axis("changes", 0, 2, root=True).ticks() == [0, 1, 2]
