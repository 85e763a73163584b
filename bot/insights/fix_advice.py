"""Recommendations on what had to be repaired: causes of fixes, missing tests, flaky tests, CI. Pure."""

from collections.abc import Iterator

from bot.domain.fix_patterns import FixCause, PipelineRepairs
from bot.domain.insights import Insight, InsightType, Location
from bot.domain.patterns import Patterns
from bot.insights.advice import Advice, Measure
from bot.insights.evidence import joined
from bot.insights.findings import Findings
from bot.insights.fix_patterns import (
    cause_words,
    fix_pattern_fingerprint,
    next_look,
    parts_words,
    repairs_of,
    scope_words,
)
from bot.insights.fix_receipts import receipts_of
from bot.insights.patterns import pattern_fingerprint
from bot.insights.receipts import commits_words, repaired_words
from bot.text import code, count

_LEAST_EXCESS = 1.5
_MOSTLY = 0.7


def cause_advice(findings: Findings) -> Iterator[Advice]:
    """What the titles of fixes name, and those of other changes do not.

    benefit: the fixes of the last year above those that as many other changes need; effort: the functions.
    """
    patterns = findings.past.patterns
    for cause in patterns.fix_causes if patterns else ():
        named = findings.get(fix_pattern_fingerprint(cause))
        usual = cause.rest_fixes / max(1, cause.rest_changes)
        excess = cause.fixes_year - cause.changes_year * usual
        if patterns is None or named is None or excess < _LEAST_EXCESS:
            continue
        words, where = cause_words(cause), scope_words(cause.path)
        yield Advice(
            name="fix-cause",
            target=(cause.path, cause.words[0]),
            title=_cause_title(cause),
            first=_cause_step(cause),
            facts=_cause_facts(cause),
            effect=f"In the last year {cause.fixes_year:,} of {count(cause.changes_year, 'such change')} were fixes. "
            f"With the share of the other changes of {where} ({usual:.0%}) it would be about "
            f"{cause.changes_year * usual:.0f}.",
            measure=Measure(
                name=f"fixes among the changes of {where} whose title names {words}, in 365 days",
                today=cause.fixes_year,
                unit=f"of {cause.changes_year:,}",
                usual=round(cause.changes_year * usual),
                until=next_look(patterns),
            ),
            findings=(named, *_same_file(findings, patterns, cause.path)),
            benefit=excess,
            effort=max(1, len(cause.functions), len(cause.files)),
            locations=(Location(cause.path, 1, 1),) if cause.path else (),
            receipts=tuple(receipts_of(cause, patterns.changes.until)),
        )


def _is_tested(cause: FixCause) -> bool:
    """Whether most of the fixes brought a test: more tests of single cases are not what is missing."""
    return cause.tested >= _MOSTLY * cause.fixes


def _cause_title(cause: FixCause) -> str:
    where = f" in {code(cause.path, 80)}" if cause.path else ""
    how = "as a whole, not case by case" if _is_tested(cause) else "with tests"
    verb = "Test" if _is_tested(cause) else "Cover"
    return (
        f"{verb} {cause_words(cause)}{where} {how}: {cause.fixes:,} of {cause.changes:,} changes that name it are fixes"
    )


def _cause_step(cause: FixCause) -> str:
    places = cause.functions or cause.files
    where = f" Most of the fixes changed {parts_words(places)}." if places else ""
    if _is_tested(cause):
        return (
            "most of these fixes brought a test for their own case, and the next one came nevertheless. Write one test "
            "that makes its inputs (property-based, a fuzz target, or a table that crosses all values), and give it "
            f"the cases of the newest fixes to begin with: {commits_words(cause.commits, 4)}.{where}"
        )
    return f"write one test for each of these fixes, which came without one: {commits_words(cause.untested, 4)}.{where}"


def _cause_facts(cause: FixCause) -> str:
    soon = repairs_of(cause.repaired)
    parts = "; ".join(
        f"{code(part.name, 40)} in {part.fixes:,} of them, as in {commits_words(part.newest, 2)}"
        for part in cause.parts
        if part.newest
    )
    return (
        f"In three years, {cause.fixes:,} of {cause.changes:,} changes that name it were fixes, of the others "
        f"{cause.rest_fixes:,} of {cause.rest_changes:,}; {cause.tested:,} of the {cause.fixes:,} changed a test."
        + (f" By their titles: {parts}." if parts else "")
        + (
            f" {soon:,} of them repaired something that was changed at most 30 days before: "
            f"{repaired_words(cause.repaired, 2)}."
            if soon > 1
            else ""
        )
    )


def _same_file(findings: Findings, patterns: Patterns, path: str) -> list[Insight]:
    """The fix area and the hotspot of the file."""
    areas = (findings.get(pattern_fingerprint(one)) for one in patterns.fix_areas if path and one.path == path)
    return [*(one for one in areas if one is not None), *(findings.on_file(path, InsightType.HOTSPOT) if path else [])]


def untested_advice(findings: Findings) -> Iterator[Advice]:
    """Files whose fixes come without tests, and are repaired soon.

    benefit: the repairs of a year that followed within 30 days; effort: one file.
    """
    patterns = findings.past.patterns
    for file in patterns.untested_fixes if patterns else ():
        named = findings.get(fix_pattern_fingerprint(file))
        if patterns is None or named is None:
            continue
        path, repairs = code(file.path, 80), repairs_of(file.repaired)
        where = f" in {parts_words(file.functions)}" if file.functions else ""
        begin = f": begin with {code(file.functions[0].name, 60)}" if file.functions else ""
        yield Advice(
            name="untested-fixes",
            target=(file.path,),
            title=f"Write the tests that {path} lacks{begin}",
            first=f"turn what these fixes mended{where} into tests: {commits_words(file.commits, 4)}.",
            facts=f"{file.fixes - file.tested:,} of its {file.fixes:,} fixes of two years changed no test; elsewhere "
            f"{file.rest_fixes - file.rest_tested:,} of {file.rest_fixes:,}. {count(repairs, 'change')} had to be "
            f"repaired within 30 days: {repaired_words(file.repaired, 3)}.",
            effect=f"There were {file.fixes_year:,} fixes of it in the last year. A test would have stopped repairs of "
            "what had just been changed.",
            measure=Measure(
                name=f"fixes of {path} that change a test, in two years",
                today=file.tested / file.fixes,
                unit="%",
                usual=file.rest_tested / max(1, file.rest_fixes),
                until=next_look(patterns),
            ),
            findings=(named, *_same_file(findings, patterns, file.path)),
            benefit=repairs / 2,
            effort=1,
            locations=(Location(file.path, 1, 1),),
            receipts=tuple(receipts_of(file, patterns.changes.until)),
        )


def flaky_advice(findings: Findings) -> Iterator[Advice]:
    """Tests that are repaired because they are flaky.

    benefit: the repairs of a year in files that were repaired at least twice; effort: these files.
    """
    patterns = findings.past.patterns
    tests = patterns.flaky_tests if patterns else None
    named = findings.get(fix_pattern_fingerprint(tests)) if tests else None
    if patterns is None or tests is None or named is None or not tests.files:
        return
    files = joined([code(one.name, 60) for one in tests.files], 0, "file")
    yield Advice(
        name="flaky-tests",
        target=("flaky",),
        title=f"Find flaky tests in a scheduled job: they were repaired {tests.repairs:,} times in a year",
        first=f"repeat {files} a hundred times every night, in random order and on a loaded machine, and open one "
        "issue for each test that fails once. Search the other tests for what the newest repairs changed (a fixed "
        "port, a sleep, a deadline, a name that is resolved).",
        facts=f"Most often repaired: {parts_words(tests.files)}."
        + (f" The titles name {parts_words(tests.parts)}." if tests.parts else "")
        + f" The newest: {commits_words(tests.commits, 5)}.",
        effect=f"In the year before there were {tests.repairs_before:,} repairs. Before each of them, the CI had "
        "failed without a fault in the change.",
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
        if patterns is None or named is None:
            continue
        path = code(file.path, 80)
        yield Advice(
            name="try-pipeline",
            target=(file.path,),
            title=f"Run {path} before a change of it is merged",
            first=_pipeline_step(file),
            facts=f"{len(file.repaired):,} of {count(file.changes, 'change')} of the last year repaired the one "
            f"before, at most three days later: {repaired_words(file.repaired, 4)}.",
            effect=f"About {len(file.repaired):,} changes of a year would not be needed, and what failed until then "
            "(a release, a scheduled run) would not fail.",
            measure=Measure(
                name=f"changes of {path} that repair the one before within three days, in 365 days",
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
