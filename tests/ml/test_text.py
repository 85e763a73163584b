"""The index of texts: its scores are scikit-learn's, it grows, and it survives bad texts and bad files."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.ml.grams import MAX_CHARACTERS
from bot.ml.text import TextIndexUnusable, best, build, extend, load, z_scores

TEXTS = [
    "Fix a crash when the response has no body (#12)",
    "Fix crash on responses without a body",
    "Add support for Python 3.14",
    "docs: explain how to stream a response",
    "Bump idna from 3.7 to 3.10",
    "a b ab",
    "",
]
QUERY = "Crash if a response's body is missing"


def test_the_scores_are_those_of_scikit_learn() -> None:
    peer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    expected = (peer.fit_transform(TEXTS[:5]) @ peer.transform([TEXTS[1]]).T).toarray().ravel()
    assert build(TEXTS[:5]).scores(TEXTS[1]) == pytest.approx(expected, abs=1e-4)


def test_the_most_alike_come_first_and_nothing_in_common_is_left_out() -> None:
    found = build(TEXTS).query(QUERY, 3)
    assert [row for row, _ in found[:2]] == [1, 0]
    assert build(TEXTS).query("ZZZZZ qqqqq", 3) == []
    assert [row for row, _ in build(TEXTS).query(TEXTS[2], 1)] == [2]
    assert build(TEXTS).scores(TEXTS[2])[2] == pytest.approx(1, abs=1e-5)


def test_an_index_that_has_grown_equals_one_that_is_built_at_once(tmp_path: Path) -> None:
    path = tmp_path / "texts"
    replace(build(TEXTS[:2]), label="of two").save(path)
    assert load(path).label == "of two"
    extend(load(path), TEXTS[2:3]).save(path)
    grown, whole = extend(load(path), TEXTS[3:]), build(TEXTS)
    assert len(grown) == len(whole) == len(TEXTS)
    assert grown.rows.tolist() == whole.rows.tolist()
    assert grown.scores(QUERY).tolist() == whole.scores(QUERY).tolist()
    assert [one.name for one in tmp_path.iterdir()] == ["texts"]


@pytest.mark.parametrize(
    "text",
    [
        "x" * 60_000,
        "wörter und 日本語のテキスト и русский",
        "<script>alert(1)</script> @everyone [a](javascript:b) " * 50,
        "\x00\x1b[31m\u202e\ud800 broken",
        " ",
        "",
        "\n\n\t",
    ],
    ids=["long", "languages", "markup", "control", "blank", "empty", "lines"],
)
def test_bad_texts_are_texts(text: str) -> None:
    index = build([*TEXTS, text])
    scores = index.scores(text)
    assert len(index) == len(TEXTS) + 1
    assert np.isfinite(scores).all()
    assert scores[-1] == pytest.approx(1 if text.strip() else 0, abs=1e-5)


def test_characters_that_nobody_sees_and_other_forms_do_not_count() -> None:
    assert build(["Fix ﬁle\u200b names", "other"]).scores("fix file names")[0] > 0.8
    assert len(build(["y" * MAX_CHARACTERS + "secret"]).query("secret", 1)) == 0


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=8), st.text(max_size=30))
def test_scores_lie_between_0_and_1(texts: list[str], query: str) -> None:
    scores = build(texts).scores(query)
    assert len(scores) == len(texts)
    assert ((scores >= 0) & (scores <= 1.0001)).all()


def test_a_missing_cut_foreign_or_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "texts"
    with pytest.raises(TextIndexUnusable):
        load(path)
    for content in (b"", b"GITEXT1", b"x" * 100):
        path.write_bytes(content)
        with pytest.raises(TextIndexUnusable):
            load(path)
    build(TEXTS).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(TextIndexUnusable, match="size"):
        load(path)
    path.write_bytes(whole[:88] + b"\xff" * 8 + whole[96:])
    with pytest.raises(TextIndexUnusable, match="order"):
        load(path)
    index = build(TEXTS)
    rows = len(whole) - len(index.rows) * 5
    path.write_bytes(whole[:rows] + b"\xff" * 4 * len(index.rows) + whole[-len(index.rows) :])
    with pytest.raises(TextIndexUnusable, match="does not have"):
        load(path).scores(TEXTS[0])


def test_the_best_rows_and_z_scores() -> None:
    scores = np.array([0.5, 0.1, 0.5, 0.9], dtype=np.float32)
    assert best(scores, 3) == [3, 0, 2]
    assert best(scores, 9) == [3, 0, 2, 1]
    assert best(scores, 0) == []
    assert z_scores(scores).tolist() == pytest.approx([0, -1.414, 0, 1.414], abs=1e-3)
    assert z_scores(np.ones(3, dtype=np.float32)).tolist() == [0, 0, 0]
