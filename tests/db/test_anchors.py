"""Places in long lists: the nearest one before an offset, for some seconds."""

from datetime import UTC, datetime
from uuid import UUID

from bot.db.anchors import Anchors, Place


def place(number: int) -> Place:
    return Place(datetime(2026, 1, 1, tzinfo=UTC), UUID(int=number))


def test_the_nearest_place_before_an_offset() -> None:
    moment = 0.0
    anchors = Anchors(lambda: moment)
    assert anchors.nearest("a", 5_000) is None
    for offset in (5_000, 1_000, 3_000, 3_000):
        anchors.put("a", offset, place(offset))
    assert anchors.nearest("a", 999) is None
    for offset, expected in ((1_000, 1_000), (2_999, 1_000), (3_000, 3_000), (90_000, 5_000)):
        assert anchors.nearest("a", offset) == (place(expected), expected)
    assert anchors.nearest("b", 5_000) is None
    moment = 5.1
    assert anchors.nearest("a", 5_000) is None


def test_the_number_of_places_and_lists_is_bounded() -> None:
    anchors = Anchors(lambda: 0.0)
    for number in range(5_000):
        anchors.put("a", number, place(number))
        anchors.put(number, 1_000, place(number))
    assert len(anchors._known) <= 200
    assert all(len(known.offsets) <= 100 for known in anchors._known.values())
