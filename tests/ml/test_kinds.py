"""The kinds of changes and issues: what the shipped model says, its own one of a repository, and hostile text."""

import subprocess
import sys
import time
from io import BytesIO

import numpy as np
import pytest

from bot.domain.issue_kinds import LABELS, IssueKind, kind_by_labels
from bot.domain.kinds import Described, FileMix, Kind
from bot.ml.issue_kinds import IssueText, issue_kinds
from bot.ml.kind_features import told
from bot.ml.kinds import FILE, FIX, KINDS, from_bytes, shipped, to_bytes
from bot.ml.learn_kinds import temperature_of
from bot.ml.members import BadModel
from bot.ml.ngrams import MAX_TEXT, tokens

CODE = FileMix(production=1, test=1, added=20, deleted=3)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (Described("Handle None in the header parser", files=CODE), Kind.FIX),
        (Described("Don't crash on an empty body", rule=Kind.FIX, files=CODE), Kind.FIX),
        (Described("add support for zstd", rule=Kind.FEATURE, files=CODE), Kind.FEATURE),
        (Described("explain how to configure a proxy", files=FileMix(docs=2, added=30, deleted=2)), Kind.DOCS),
        (Described("cover the edge cases of the parser", files=FileMix(test=2, added=60)), Kind.TEST),
        (Described("bump actions/checkout", rule=Kind.CHORE, files=FileMix(build=1, added=1, deleted=1)), Kind.CHORE),
    ],
)
def test_a_clear_change_is_told(change: Described, kind: Kind) -> None:
    assert shipped().kinds([change]) == [kind]


def test_it_says_nothing_where_nothing_tells() -> None:
    assert shipped().kinds([Described("x")]) == [None]
    assert shipped().kinds([]) == []


def test_probabilities_add_up_and_do_not_depend_on_the_batch() -> None:
    changes = [Described("fix it", files=CODE), Described("", ""), Described("docs", "the body\nof it")] * 50
    together = shipped().probabilities(changes)
    assert together.sum(axis=1) == pytest.approx(np.ones(150), abs=1e-5)
    alone = np.concatenate([shipped().probabilities([change]) for change in changes[:3]])
    assert together[:3] == pytest.approx(alone, abs=1e-5)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 60_000, "a.b(" * 15_000, "0" * 60_000, "#1 @a " * 10_000, "- fixes:\n" * 7_000,
        "\0\x02\x01\x1b[31m" * 9_000,
        "修复空指针异常" * 5_000, "исправить ошибку " * 3_000, "\ud800\udfff" * 20, "https://" * 8_000, "", " \n\t ",
    ],
)  # fmt: skip
def test_hostile_text_is_bounded(text: str) -> None:
    begun = time.process_time()
    shipped().kinds([Described(text, text, files=CODE), Described("fix the crash", files=CODE)])
    issue_kinds([IssueText(text, text, (text,))], shipped())
    assert time.process_time() - begun < 0.5
    assert sum(len(part.buckets) for part in tokens([text])) < 25 * MAX_TEXT


def test_a_text_cannot_reach_into_the_next_one() -> None:
    change = Described("remove the deprecated argument", files=CODE)
    others = [Described("\0\x02 fix a crash\0", "\0fix"), change, Described("\x02", "\0" * 50)]
    assert shipped().scores(others)[1] == pytest.approx(shipped().scores([change])[0], abs=1e-5)


def test_texts_of_other_scripts_have_tokens() -> None:
    assert all(len(part.buckets) for part in tokens(["修复空指针 异常"]))


def test_thirty_thousand_changes_take_less_than_a_second() -> None:
    subjects = [
        Described(f"Fix the order of frames in parser {number} (#{number})", files=CODE) for number in range(30_000)
    ]
    shipped().kinds(subjects[:100])
    begun = time.process_time()
    shipped().kinds(subjects)
    assert time.process_time() - begun < 2.0  # about 0.6 s on an idle core


def test_a_body_tells_without_trailers_types_and_fragments() -> None:
    body = "fix(core): the parser\nSigned-off-by: A <a@b.c>\nSee CHANGES/12.bugfix.rst\nCo-authored-by: fix <a@b.c>"
    assert told(body) == "the parser See CHANGES/12 .rst"


def test_it_is_small_and_needs_no_learning_library() -> None:
    assert FILE.stat().st_size < 500_000
    code = (
        "import sys; from bot.ml.kinds import shipped; from bot.domain.kinds import Described;"
        " shipped().kinds([Described('fix')]); print(sorted({'sklearn', 'scipy', 'pickle5'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_stored_model_is_the_same_model() -> None:
    model = shipped()
    changes = [Described("Handle None", files=CODE), Described("Add an option", "It is for all.")]
    assert from_bytes(to_bytes(model)).scores(changes) == pytest.approx(model.scores(changes), abs=1e-3)


def test_a_damaged_model_is_refused() -> None:
    content = FILE.read_bytes()
    pickled = BytesIO()
    np.savez(pickled, words=np.array([object()], dtype=object))
    other = BytesIO()
    np.savez(other, format=np.zeros(3), words=np.zeros(3))
    for damaged in (b"", b"{}", content[: len(content) // 2], pickled.getvalue(), other.getvalue(), b"x" * 5_000_000):
        with pytest.raises(BadModel):
            from_bytes(damaged)


def test_the_temperature_undoes_overconfidence() -> None:
    generator = np.random.default_rng(0)
    scores = np.zeros((4_000, len(KINDS)), dtype=np.float32)
    scores[:, FIX] = generator.normal(0, 2, 4_000)
    odds = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    kinds = [KINDS[int(generator.choice(len(KINDS), p=row.astype(float) / row.astype(float).sum()))] for row in odds]
    assert temperature_of(scores, kinds) == pytest.approx(1, abs=0.15)
    assert temperature_of(3 * scores, kinds) == pytest.approx(3, abs=0.4)


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("bug", IssueKind.BUG), ("Type: Bug", IssueKind.BUG), ("kind/bug", IssueKind.BUG), ("C-bug", IssueKind.BUG),
        ("🐛 bug", IssueKind.BUG), ("enhancement", IssueKind.FEATURE), ("feature-request", IssueKind.FEATURE),
        ("type:feature", IssueKind.FEATURE), ("T-Documentation", IssueKind.DOCS), ("question", IssueKind.QUESTION),
        ("debugger", None), ("good first issue", None), ("", None), ("x" * 60_000, None),
    ],
)  # fmt: skip
def test_a_label_names_the_kind(label: str, kind: IssueKind | None) -> None:
    assert kind_by_labels([label]) is kind


def test_each_label_belongs_to_one_kind() -> None:
    names = [name for group in LABELS.values() for name in group]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("issue", "kind"),
    [
        (IssueText("How can this crash?", labels=("question",)), IssueKind.QUESTION),
        (IssueText("Parser crashes on an empty file"), IssueKind.BUG),
        (IssueText("[Feature request] dark mode"), IssueKind.FEATURE),
        (IssueText("Docs: the example is outdated"), IssueKind.DOCS),
        (IssueText("How to set a proxy"), IssueKind.QUESTION),
        (IssueText("Thoughts"), None),
        (IssueText(""), None),
    ],
)
def test_an_issue_is_told_by_labels_then_by_its_title(issue: IssueText, kind: IssueKind | None) -> None:
    assert issue_kinds([issue], shipped()) == [kind]
