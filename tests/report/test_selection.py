"""What is shown of a report, and what the check run concludes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.change import LeftOut
from bot.domain.insights import Insight, Severity, Standing
from bot.domain.published import Conclusion
from bot.report.check import annotations, check_output, ended
from bot.report.markdown import MAX_TITLE
from bot.report.selection import Selection, conclusion, select, worth_a_comment
from tests.report.making import HOSTILE, URL, insight, report, selection

LOW = insight(severity=Severity.LOW)
HIGH = insight(severity=Severity.HIGH)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (selection(), "success"),
        (selection(insight(standing=Standing.NOTE), insight(standing=Standing.PRAISE)), "success"),
        (selection(LOW), "neutral"),
        (selection(insight(severity=Severity.CRITICAL)), "neutral"),
        (selection(insight(standing=Standing.FAILURE)), "neutral"),
        (selection(problem="`.github/gitinsight.yml`, line 2: …"), "neutral"),
        (selection(HIGH, gate=Severity.HIGH), "failure"),
        (selection(insight(severity=Severity.CRITICAL), gate=Severity.HIGH), "failure"),
        (selection(LOW, gate=Severity.HIGH), "neutral"),
        (selection(insight(severity=Severity.INFO), gate=Severity.INFO), "failure"),
        (selection(insight(severity=Severity.HIGH, standing=Standing.NOTE), gate=Severity.LOW), "success"),
        (selection(files=0, left_out=[LeftOut("logo.png", "binary")]), "skipped"),
        (selection(files=0), "skipped"),
        (selection(insight(standing=Standing.FAILURE), files=0), "neutral"),
    ],
)
def test_conclusion(made: Selection, expected: str) -> None:
    assert conclusion(made) == expected
    assert check_output(made, URL).conclusion == expected


def test_remarks_are_ranked_by_severity_then_confidence_whatever_their_order() -> None:
    ordered = [
        insight(severity=Severity.CRITICAL, confidence=0.2, number=4),
        insight(severity=Severity.HIGH, confidence=0.9, number=3),
        insight(severity=Severity.HIGH, confidence=0.5, number=1),
        insight(severity=Severity.HIGH, confidence=0.5, number=2),
        insight(severity=Severity.INFO, confidence=1.0, number=0),
    ]
    assert list(select(report(*reversed(ordered))).remarks) == ordered
    assert list(select(report(*ordered)).remarks) == ordered


def dismissed(*insights: Insight, gone: Sequence[Insight], **config: Any) -> Selection:
    made = report(*insights, *gone, **config)
    return select(replace(made, dismissed=frozenset(one.fingerprint for one in gone)))


def test_dismissed_remarks_count_for_nothing_and_the_check_run_says_so() -> None:
    gone = [insight(severity=Severity.CRITICAL, number=7), insight(severity=Severity.LOW, number=8)]
    made = dismissed(gone=gone, gate=Severity.HIGH)
    assert (made.remarks, made.dismissed) == ((), tuple(gone))
    assert conclusion(made) is Conclusion.SUCCESS
    assert not worth_a_comment(made)
    output = check_output(made, URL)
    assert output.title == "No remarks on 4 files."
    assert "2 dismissed remarks" in output.summary and "1 would have failed the check" in output.summary
    assert "settle" not in output.summary and output.annotations == ()


def test_the_gate_is_named_only_where_it_would_have_counted_a_dismissed_remark() -> None:
    low = insight(severity=Severity.LOW, number=7)
    for made in (dismissed(LOW, gone=[insight(number=7)]), dismissed(LOW, gone=[low], gate=Severity.HIGH)):
        summary = check_output(made, URL).summary
        assert "1 dismissed remark<" in summary
        assert "gate" not in summary
    assert "dismissed" not in check_output(selection(LOW), URL).summary


def test_dismissed_notes_and_praise_are_only_left_out() -> None:
    gone = [insight(standing=Standing.NOTE, number=7), insight(standing=Standing.PRAISE, number=8)]
    made = dismissed(LOW, gone=gone)
    assert (made.notes, made.praise, made.dismissed, made.remarks) == ((), (), (), (LOW,))


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (selection(LOW), False),
        (selection(insight(severity=Severity.MEDIUM)), True),
        (selection(LOW, HIGH), True),
        (selection(HIGH, comment=False), False),
        (selection(insight(severity=Severity.HIGH, standing=Standing.PRAISE)), False),
        (selection(), False),
    ],
)
def test_a_comment_needs_a_remark_of_medium_severity(made: Selection, expected: bool) -> None:
    assert worth_a_comment(made) is expected


def test_annotations_are_the_worst_remarks_that_have_a_place() -> None:
    mild = [insight(severity=Severity.LOW, path=f"mild{number}.py", number=number) for number in range(30)]
    worst = insight(severity=Severity.CRITICAL, path="worst.py", number=40)
    nowhere = insight(severity=Severity.CRITICAL, path=None, number=41)
    shown = annotations(selection(*mild, nowhere, worst))
    assert len(shown) == 10
    assert shown[0].path == "worst.py"
    assert [one.path for one in shown[1:4]] == ["mild0.py", "mild1.py", "mild2.py"]
    assert len(annotations(selection(*mild, worst, max_annotations=3))) == 3
    assert annotations(selection(worst, max_annotations=0)) == ()
    assert annotations(selection(insight(standing=Standing.NOTE), insight(standing=Standing.PRAISE))) == ()


@pytest.mark.parametrize(
    ("severity", "level"),
    [("info", "notice"), ("low", "notice"), ("medium", "warning"), ("high", "warning"), ("critical", "failure")],
)
def test_levels(severity: str, level: str) -> None:
    (shown,) = annotations(selection(insight(severity=Severity(severity))))
    assert shown.level == level
    assert shown.title == "settle became harder to follow"
    assert shown.message.splitlines() == [
        "The cognitive complexity of settle went from 4 to 25.",
        "Move the loop of settle into a function of its own.",
        "Confidence 90%: counted in both versions.",
        "complexity/function-grew. If it is intended, say so; a maintainer can dismiss it under Details.",
    ]


def test_what_an_annotation_says_is_within_githubs_limits() -> None:
    for name in HOSTILE:
        long = insight(name, title="x" * 1000, description="y" * 100_000, line=0)
        (shown,) = annotations(selection(long))
        assert len(shown.title) <= MAX_TITLE
        assert 0 < len(shown.message.encode("utf-8", "surrogatepass")) <= 64 * 1024
        assert 1 <= shown.start_line <= shown.end_line
        (shown,) = annotations(selection(insight(name)))
        assert len(shown.title.splitlines()) == 1
        assert len(shown.message.splitlines()) == 4


def test_a_run_without_a_report_has_a_title_within_the_limit() -> None:
    assert len(ended(Conclusion.CANCELLED, "t" * 1000, "why").title) == MAX_TITLE
