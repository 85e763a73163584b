"""Lines of manifests that are made to hold a regular expression up cost little time."""

import re
import time

import pytest

from bot.analysis.dependency import gradle, ruby

SPACES = " " * 20_000


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (ruby._GEM, f"gem{SPACES}x"),
        (ruby._SOURCE, f"source{SPACES}x"),
        (ruby._GROUP, f"group{SPACES}x"),
        (ruby._GROUP, f"group a{SPACES}x"),
        (gradle._COORDINATES, f"implementation{SPACES}x"),
        (gradle._PLUGIN, f"id{SPACES}x"),
        (gradle._PLUGIN, f"id 'a'{SPACES}x"),
        (gradle._REPOSITORY, f"url{SPACES}x"),
    ],
)
def test_a_line_of_spaces(pattern: re.Pattern[str], line: str) -> None:
    begin = time.process_time()
    assert pattern.search(line) is None
    assert time.process_time() - begin < 0.3
