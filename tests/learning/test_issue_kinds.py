"""The kinds of the issues of a project: labels first, then titles; pull requests have none."""

import time
from dataclasses import replace

from bot.domain.issue_kinds import IssueKind
from bot.learning.issue_kinds import kinds_of_issues
from tests.patterns.projects import Made


def test_labels_come_first_and_pull_requests_have_no_kind() -> None:
    made = Made()
    labelled = replace(made.issue("It crashes on start"), labels=("enhancement",))
    titled, unsure = made.issue("It crashes on start"), [made.issue("1.2") for _ in range(2)]
    pull = made.pull("It crashes on start")
    found = kinds_of_issues([labelled, titled, *unsure, pull])
    assert found == {labelled.number: IssueKind.FEATURE, titled.number: IssueKind.BUG}
    # A project that labels its issues means what it does not label.
    assert kinds_of_issues([labelled, titled, pull]) == {labelled.number: IssueKind.FEATURE}


def test_five_thousand_issues_take_less_than_half_a_second() -> None:
    made = Made()
    issues = [made.issue(f"The option number {number} of the parser is ignored") for number in range(5_000)]
    kinds_of_issues(issues[:1])  # the model is read
    took = []
    for _ in range(3):
        begin = time.process_time()
        kinds_of_issues(issues)
        took.append(time.process_time() - begin)
    assert min(took) < 0.5
