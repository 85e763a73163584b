"""A minute of `bench/fuzz.py`: no parser of strangers' bytes raises what it does not document, or takes a second."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))

from fuzz import TooSlow, fuzz
from fuzz_inputs import texts
from fuzz_targets import TARGETS, Target

SECONDS = 50 / len(TARGETS)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_no_input_breaks_a_parser(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    # A core that others share counts more seconds; `bench/fuzz.py` itself allows one.
    monkeypatch.setattr("fuzz.MOST_SECONDS", 3.0)
    outcome = fuzz(target, SECONDS, seed=1)
    assert not outcome.failure, outcome.failure
    if outcome.inputs >= 50:  # not on a machine that is very busy
        assert outcome.inputs > outcome.refused, "every input is refused: the rest of the parser is never reached"


def _never(text: str) -> None:
    if "\0" in text:
        raise LookupError(text)


def test_what_is_not_documented_is_found_and_shown_small() -> None:
    outcome = fuzz(Target("broken", texts("a b c d e f g h"), _never), 20, seed=1)
    assert outcome.failure.startswith("LookupError") and "\\x00" in outcome.failure
    assert outcome.failure == fuzz(Target("broken", texts("a b c d e f g h"), _never), 20, seed=1).failure
    assert not fuzz(Target("fine", texts("a"), _never, (LookupError,)), 0.2, seed=1).failure


def test_what_is_slow_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fuzz.MOST_SECONDS", 0.0)
    assert TooSlow.__name__ in fuzz(Target("slow", texts("a"), len), 20, seed=1).failure
