"""The judged set: what two readers together say, their agreement, and that the stored files can be read."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bench"))

from judged import FOLDER, Judged, agreement, read


def judged(first: str, second: str) -> Judged:
    return Judged("a/b", "1" * 40, "", "", "x/y", "", "", "", "a.py", 1, (first, second), ("", ""))


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ("useful", "useful", "useful"),
        ("useful", "minor", "minor"),
        ("minor", "minor", "minor"),
        ("useful", "wrong", "wrong"),
        ("wrong", "minor", "wrong"),
    ],
)
def test_useful_needs_both_and_wrong_needs_one(first: str, second: str, verdict: str) -> None:
    assert judged(first, second).verdict == verdict


def test_the_agreement_is_that_beyond_chance() -> None:
    assert agreement([("useful", "useful"), ("wrong", "wrong")]) == 1
    # By hand: 3 of 4 agree; by chance (.5 × .75 + .5 × .25) = .5.
    pairs = [("useful", "useful"), ("useful", "useful"), ("minor", "minor"), ("minor", "useful")]
    assert agreement(pairs) == pytest.approx(0.5)


def test_the_stored_sets_are_whole() -> None:
    sets = {file.stem: read(file) for file in FOLDER.glob("*.jsonl")}
    assert "tuned" in sets
    for found in sets.values():
        assert len({(*one.key, one.line, one.title) for one in found}) == len(found)
        assert all(verdict in {"useful", "minor", "wrong"} for one in found for verdict in one.verdicts)
        assert all(reason for one in found for reason in one.reasons)
