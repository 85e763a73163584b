"""Recommendations on flaky tests and on the CI, where nothing looks for their faults yet. Pure."""

from collections.abc import Iterator

from bot.domain.fix_patterns import PipelineRepairs
from bot.domain.insights import Location
from bot.insights.advice import LEAST_MEASURED, Advice, Measure
from bot.insights.evidence import joined
from bot.insights.findings import Findings
from bot.insights.fix_patterns import fix_pattern_fingerprint, next_look, parts_words
from bot.insights.fix_receipts import receipts_of
from bot.insights.receipts import commits_words, repaired_words
from bot.text import code, count


def flaky_advice(findings: Findings) -> Iterator[Advice]:
    """Tests that are repaired because they are flaky, where nothing looks for them yet.

    benefit: the repairs of a year in files that were repaired at least twice; effort: these files.
    """
    patterns = findings.past.patterns
    tests = patterns.flaky_tests if patterns else None
    named = findings.get(fix_pattern_fingerprint(tests)) if tests else None
    if patterns is None or tests is None or named is None or not tests.files:
        return
    if not tests.unsought or tests.repairs < LEAST_MEASURED:
        return
    files = joined([code(one.name, 60) for one in tests.files], 0, "file")
    yield Advice(
        name="flaky-tests",
        target=("flaky",),
        title=f"Repeat {files} in a scheduled job: flaky tests were repaired {tests.repairs:,} times in a year",
        first="add a workflow with a `schedule:` that runs these files many times in random order, and reports each "
        "test that fails once. No file of the CI runs at set times or repeats failed tests today.",
        facts=f"Most often repaired: {parts_words(tests.files)}. The newest: {commits_words(tests.commits, 4)}.",
        effect=f"In the year before there were {tests.repairs_before:,} repairs.",
        measure=Measure(
            name="changes of tests whose title calls them flaky, in 365 days",
            today=tests.repairs,
            unit="",
            goal="fewer",
            until=next_look(patterns),
        ),
        findings=(named,),
        benefit=sum(one.fixes for one in tests.files),
        effort=len(tests.files),
        locations=tuple(Location(one.name, 1, 1) for one in tests.files),
        receipts=tuple(receipts_of(tests, patterns.changes.until)),
    )


def pipeline_advice(findings: Findings) -> Iterator[Advice]:
    """Files of the CI that are repaired soon after they were changed.

    benefit: the repairs of a year; effort: the changes of a year.
    """
    patterns = findings.past.patterns
    for file in patterns.pipeline_repairs if patterns else ():
        named = findings.get(fix_pattern_fingerprint(file))
        if patterns is None or named is None or not file.untried or file.changes < LEAST_MEASURED:
            continue
        path = code(file.path, 80)
        yield Advice(
            name="try-pipeline",
            target=(file.path,),
            title=f"Run {path} before a change of it is merged",
            first=_pipeline_step(file),
            facts=f"{len(file.repaired):,} of {count(file.changes, 'change')} of the last year came at most three days "
            f"after the one before, and their titles mend something: {repaired_words(file.repaired, 3, 'followed')}.",
            effect="Most of its changes come by pull requests, and no trigger of it lets these run it.",
            measure=Measure(
                name=f"changes of {path} that mend something at most three days after the one before, in 365 days",
                today=len(file.repaired),
                unit=f"of {file.changes:,}",
                goal="1 at most",
                until=next_look(patterns),
            ),
            findings=(named,),
            benefit=len(file.repaired),
            effort=file.changes,
            locations=(Location(file.path, 1, 1),),
            receipts=tuple(receipts_of(file, patterns.changes.until)),
        )


def _pipeline_step(file: PipelineRepairs) -> str:
    if file.path.startswith(".github/"):
        return (
            "add a `pull_request` trigger with `paths:` of this file, in which the steps that publish or push are left "
            "out, and check workflows with `actionlint`, which finds wrong keys, expressions and permissions."
        )
    return "let a pull request that changes it run all steps that need no secrets, as a dry run."
