"""Levels of indentation, whatever a level looks like."""

import pytest

from bot.analysis.indentation import indentation


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("a\nb\n", 0),
        ("if a:\n    b\n    if c:\n        d\n", 4),
        ("if (a) {\n  b;\n  if (c) {\n    d;\n  }\n}\n", 5),
        ("if a {\n\tb\n\tif c {\n\t\td\n\t}\n}\n", 5),
        ("a\n\n    \n", 0),
        ("", 0),
    ],
    ids=["flat", "four spaces", "two spaces", "tabs", "blank", "empty"],
)
def test_levels_are_counted(text: str, levels: int) -> None:
    assert indentation(text) == levels


def test_a_line_far_to_the_right_counts_little() -> None:
    assert indentation("a\n" + " " * 100_000 + "b\n") == 20
