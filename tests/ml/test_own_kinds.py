"""The classification of one repository: what it learns, when it is used, and damaged bytes."""

from collections.abc import Sequence

import numpy as np
import pytest

from bot.domain.kinds import Described, FileMix, Kind
from bot.ml.kinds import FIX, shipped
from bot.ml.own_kinds import LEAST_OF_EACH, MOST_EXAMPLES, OwnKinds, from_bytes

CODE, DOCS = FileMix(production=1, added=9, deleted=2), FileMix(docs=1, added=9, deleted=2)


def changes(count: int, seed: int = 0) -> tuple[list[Described], list[Kind]]:
    """Changes whose words tell nothing. What concerns documentation is a fix here, nine times of ten."""
    generator = np.random.default_rng(seed)
    described, kinds = [], []
    for number in range(count):
        docs = bool(generator.random() < 0.5)
        fix = docs == bool(generator.random() < 0.9)
        described.append(Described(f"Rework part {number}", files=DOCS if docs else CODE))
        kinds.append(Kind.FIX if fix else Kind.FEATURE)
    return described, kinds


def taught(count: int, kinds: Sequence[Kind] | None = None) -> OwnKinds:
    own = OwnKinds(shipped())
    described, truth = changes(count)
    for start in range(0, count, 20):
        own.learn(described[start : start + 20], (kinds or truth)[start : start + 20])
    return own


def test_it_learns_the_conventions_of_a_repository() -> None:
    own, (later, truth) = taught(300), changes(200, seed=1)
    found = [kind is Kind.FIX for kind in own.kinds(later)]
    assert np.mean([flag == (kind is Kind.FIX) for flag, kind in zip(found, truth, strict=True)]) > 0.85
    before = [kind is Kind.FIX for kind in shipped().kinds(later)]
    assert np.mean([flag == (kind is Kind.FIX) for flag, kind in zip(before, truth, strict=True)]) < 0.65


def test_it_is_not_used_where_it_is_no_better() -> None:
    """Here the shipped model knows the exact probability of each change."""
    generator = np.random.default_rng(2)
    words = ("Handle None in", "Add support for", "Don't crash on", "Reword", "Rename", "Allow", "Correct")
    described = [Described(f"{generator.choice(words)} part {number}", files=CODE) for number in range(600)]
    fixes = generator.random(600) < shipped().probabilities(described)[:, FIX]
    own = OwnKinds(shipped())
    own.learn(described, [Kind.FIX if fix else Kind.FEATURE for fix in fixes])
    assert own.weights is not None
    assert not own.is_used
    assert own.kinds(described) == shipped().kinds(described)


def test_few_examples_or_one_kind_alone_make_no_model() -> None:
    assert taught(LEAST_OF_EACH).weights is None
    assert taught(200, [Kind.FIX] * 200).weights is None


def test_what_was_learned_is_stored_and_bounded() -> None:
    own = taught(MOST_EXAMPLES + 500)
    again = from_bytes(shipped(), own.to_bytes())
    assert (len(own.rows), len(again.rows)) == (MOST_EXAMPLES, MOST_EXAMPLES)
    assert len(own.to_bytes()) < 100_000
    later, _ = changes(50, seed=3)
    assert again.is_used
    assert again.kinds(later) == own.kinds(later)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x04.", taught(200).to_bytes()[:-40]])
def test_damaged_bytes_begin_anew(content: bytes) -> None:
    own = from_bytes(shipped(), content)
    assert len(own.rows) == 0
    own.learn(*changes(10))
    assert len(own.rows) == 10
    assert own.kinds([]) == []
