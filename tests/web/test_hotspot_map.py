"""The hotspot map: areas in proportion, nothing outside, folders, and hostile paths."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.snapshots import Hotspots
from bot.web.pages.folder_tree import Folder, folder_tree
from bot.web.pages.hotspot_map import hotspot_map
from bot.web.pages.squarify import Box, squarified
from tests.snapshots import HOT
from tests.web.filled import HOSTILE


def test_the_example_of_the_paper() -> None:
    """Figure 4: 6, 6, 4, 3, 2, 2, 1 in a rectangle of 6 times 4."""
    boxes = squarified([6, 6, 4, 3, 2, 2, 1], Box(0, 0, 6, 4))
    assert boxes[:2] == [Box(0, 0, 3, 2), Box(0, 2, 3, 2)]
    assert [round(box.width * box.height, 6) for box in boxes] == [6, 6, 4, 3, 2, 2, 1]
    assert boxes[2].height == boxes[3].height == pytest.approx(7 / 3)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 10**7), max_size=80), st.integers(0, 900), st.integers(0, 500))
def test_areas_are_in_proportion_and_inside(sizes: list[int], width: int, height: int) -> None:
    sizes.sort(reverse=True)
    boxes = squarified(sizes, Box(3, 4, width, height))
    assert len(boxes) == len(sizes)
    total = sum(sizes)
    for size, box in zip(sizes, boxes, strict=True):
        if total:
            assert box.width * box.height == pytest.approx(size * width * height / total, rel=1e-6, abs=1e-6)
        assert min(box.width, box.height) >= -1e-6 and box.left >= 3 and box.top >= 4
        assert box.left + box.width <= 3 + width + 1e-6 and box.top + box.height <= 4 + height + 1e-6


def names(folder: Folder) -> object:
    return (folder.name, [names(one) for one in folder.folders.values()], [name for name, _ in folder.files])


def test_folders_with_nothing_else_are_joined_and_deep_ones_are_names() -> None:
    paths = ["a/b/c/one.py", "a/b/c/d/two.py", "a/b/c/d/e/f/g/three.py"]
    files = [replace(HOT, path=path) for path in paths]
    assert names(folder_tree(files)) == ("a/b/c", [("d", [], ["two.py", "e/f/g/three.py"])], ["one.py"])
    assert names(folder_tree([replace(HOT, path="one.py")])) == ("", [], ["one.py"])


def test_each_file_is_a_tile_with_its_page_on_both_papers() -> None:
    files = tuple(replace(HOT, path=f"app/{name}.py", lines=lines, score=score) for name, lines, score in
                  (("hot", 900, 0.9), ("warm", 400, 0.3), ("cold", 0, 0.0)))  # fmt: skip
    drawn = str(hotspot_map(Hotspots(changes=3, files=files), lambda path: f"/files?path={path}"))
    assert drawn.count("<a ") == 6 and drawn.count('tabindex="-1"') == 6
    for name, colour, sign in (("hot", "bad", "▲"), ("warm", "warn", "◆"), ("cold", "link", "")):
        assert f'href="/files?path=app/{name}.py"' in drawn and f'class="tile {colour}"' in drawn
        assert f"{sign} {name}.py" in drawn or not sign
    assert "app/hot.py: 900 lines, 12 changes in a year, 3 fixes, score of 0.5 and more" in drawn
    assert hotspot_map(Hotspots(changes=3, files=()), str) is None


def test_hostile_paths_stay_text() -> None:
    file = replace(HOT, path=f"{HOSTILE}/{HOSTILE}\u202e.py", lines=10**9)
    drawn = str(hotspot_map(Hotspots(changes=3, files=(file, HOT)), lambda _: '"><script>'))
    assert "<script" not in drawn and "<img" not in drawn and "\u202e" not in drawn
