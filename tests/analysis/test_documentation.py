"""Code that `.gitattributes` marks as documentation is no production code, whoever asks."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.analysis import coupling, missing_tests, ownership, risk, size, split
from bot.analysis.analyzer import Analyzer
from bot.domain.files import PastChange, PastFile
from bot.domain.history import ChangeRisk, Companion, Contributor, FileHistory
from bot.domain.insights import Insight, Standing
from bot.domain.periods import INACTIVE
from tests.analysis.changes import NOW, change_of, changed, file_history, history_of, said

SAMPLE = changed("lib/core.py", "x = 1\n" * 40, "".join(f"y{number} = {number}\n" for number in range(5_000)))
GONE = Contributor(
    person=1, name="Ada", email="a@x", lines=300, share=1.0, changes=1, last_active=NOW - INACTIVE - 1
)  # fmt: skip
COMPANION = Companion(path="app/schema.py", together=18, changes=20, confidence=0.9, lift=9.0)
HISTORY: FileHistory = file_history("lib/core.py", lines=300, contributors=(GONE,), companions=(COMPANION,))
RISK = ChangeRisk(model_version="own 1", probability=0.4, percentile=0.97, compared=500)
PAST = tuple(
    PastChange("a" * 40, NOW, "x", (PastFile("lib/a.py", 30, 2), PastFile("tests/test_a.py", 9, 0))) for _ in range(50)
)


def told(analyzer: Analyzer[object], *, documentation: bool) -> Sequence[Insight]:
    file = replace(SAMPLE, documentation=documentation)
    return said(analyzer, change_of(file, past=PAST, history=history_of(HISTORY, risk=RISK)))


@pytest.mark.parametrize("module", [coupling, missing_tests, ownership, risk], ids=lambda module: module.__name__)
def test_samples_that_are_documentation_are_asked_for_nothing(module: object) -> None:
    analyzer: Analyzer[object] = module.ANALYZER  # type: ignore[attr-defined]
    assert told(analyzer, documentation=False)
    assert not told(analyzer, documentation=True)


def test_they_make_no_change_too_large() -> None:
    found = [told(size.ANALYZER, documentation=marked)[0] for marked in (False, True)]
    assert [one.standing for one in found] == [Standing.REMARK, Standing.NOTE]
    assert [one.evidence["production_lines"] for one in found] == [5_040, 0]


def test_they_are_no_part_of_a_change() -> None:
    assert split.ANALYZER.measure is not None
    found = [split.ANALYZER.measure(replace(SAMPLE, documentation=marked)) for marked in (False, True)]
    assert [one is None for one in found] == [False, True]
