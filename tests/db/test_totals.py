"""Totals of long lists are counted every few seconds; those of short ones each time."""

from bot.db.totals import LARGE, Totals


def test_only_long_lists_are_remembered_and_not_for_long() -> None:
    moment, counted = 0.0, LARGE + 1

    def count() -> int:
        return counted

    totals = Totals(lambda: moment)
    assert totals.get("a", count) == LARGE + 1
    counted = 3
    assert totals.get("a", count) == LARGE + 1
    assert totals.get("b", count) == 3
    counted = 4
    assert totals.get("b", count) == 4
    moment = 5.1
    assert totals.get("a", count) == 4
    counted = 5
    assert totals.get("a", count) == 5
