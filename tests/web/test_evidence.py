"""The evidence of an insight in words: bounded, without control characters, tables for lists of things."""

from bot.web.pages.evidence import Table, readable


def test_nested_values_have_names_and_numbers_are_written_for_people() -> None:
    shown = readable(
        {
            "before": {"ccn": 9, "nested": {"cognitive_sum": 14}},
            "churn_year": 12345,
            "share": 0.123456,
            "is_new": True,
            "nothing": None,
            "none": [],
            "commits": ["abc", "def"],
        }
    )
    assert shown.pairs == (
        ("before, ccn", "9"),
        ("before, nested, cognitive sum", "14"),
        ("churn year", "12,345"),
        ("share", "0.1235"),
        ("is new", "yes"),
        ("commits", "abc; def"),
    )
    assert shown.tables == ()


def test_a_list_of_things_is_a_table_with_the_columns_of_all_rows() -> None:
    shown = readable({"files": [{"path": "a.py", "n": 1}, {"path": "b.py", "fixes": {"year": 2}}]})
    assert shown.pairs == ()
    assert shown.tables == (
        Table("files", ("path", "n", "fixes, year"), (("a.py", "1", ""), ("b.py", "", "2")), left_out=0),
    )


def test_everything_is_bounded_and_plain() -> None:
    shown = readable({"text": "a\x1b[31m\u202e" + "x" * 1000, "many": list(range(100)), "rows": [{"n": 1}] * 80})
    texts = dict(shown.pairs)
    assert len(texts["text"]) <= 300 and "\x1b" not in texts["text"] and "\u202e" not in texts["text"]
    assert texts["many"].endswith("; 19; and 80 more")
    assert (len(shown.tables[0].rows), shown.tables[0].left_out) == (50, 30)
    deep: dict[str, object] = {"n": 1}
    for _ in range(50):
        deep = {"in": deep}
    assert readable(deep).pairs[0][1] == "1"


def test_a_moment_is_a_date() -> None:
    found = readable({"fix": {"when": 1_716_544_800}, "when": 10**18})
    assert found.pairs == (("fix, when", "2024-05-24 10:00 UTC"), ("when", f"{10**18:,}"))
