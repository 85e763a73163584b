"""Recommendations on what had to be repaired: causes of fixes, missing tests, forgotten options, flaky tests, CI. Pure."""

from collections.abc import Iterator, Sequence

from bot.domain.fix_patterns import FixCause, ForgottenNames, PipelineRepairs
from bot.domain.insights import Insight, InsightType, Location
from bot.domain.patterns import Patterns
from bot.domain.periods import YEAR
from bot.insights.advice import Advice, Measure
from bot.insights.evidence import joined
from bot.insights.findings import Findings
from bot.insights.fix_patterns import cause_words, days_late, fix_pattern_fingerprint, parts_words, scope_words
from bot.insights.fix_receipts import receipts_of
from bot.insights.patterns import pattern_fingerprint
from bot.insights.receipts import commits_words, day, repaired_words
from bot.text import code, count

_LEAST_EXCESS = 1.5
_PERIOD_YEARS = 3


def next_look(patterns: Patterns) -> str:
    """The day on which the number is compared: a year after the newest change."""
    return day(patterns.changes.until + YEAR)


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
            title=f"Pin down with tests what {words} must do in {where}",
            first=_cause_step(cause),
            facts=f"{_cause_facts(cause)} The newest fixes: {commits_words(cause.commits, 5)}.",
            effect=f"In the last year {cause.fixes_year:,} of {count(cause.changes_year, 'such change')} were fixes. If "
            f"they were as seldom fixes as other changes of {where} ({usual:.0%}), about {excess:.0f} fixes a year would "
            "not be needed.",
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
            receipts=tuple(receipts_of(cause)),
        )


def _cause_step(cause: FixCause) -> str:
    places = cause.functions or cause.files
    where = f" Most of the fixes changed {parts_words(places)}." if places else ""
    if not cause.untested:
        return f"put the cases of the newest fixes into one table of tests, and add the cases between them.{where}"
    return f"write one test for each of these fixes, which came without one: {commits_words(cause.untested, 3)}.{where}"


def _cause_facts(cause: FixCause) -> str:
    parts = f" Besides, their titles speak of {parts_words(cause.parts)}." if cause.parts else ""
    soon = (
        f" {cause.soon:,} of them repaired something that was changed at most 30 days before." if cause.soon > 1 else ""
    )
    return (
        f"In {_PERIOD_YEARS} years, {cause.fixes:,} of {cause.changes:,} changes that name it were fixes, of the others "
        f"{cause.rest_fixes:,} of {cause.rest_changes:,}; {cause.tested:,} of the {cause.fixes:,} changed a test."
        f"{soon}{parts}"
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
        path, repairs = code(file.path, 80), len({one.repair.sha for one in file.repaired})
        where = f" in {parts_words(file.functions)}" if file.functions else ""
        begin = f": begin with {code(file.functions[0].name, 60)}" if file.functions else ""
        yield Advice(
            name="untested-fixes",
            target=(file.path,),
            title=f"Write the tests that {path} lacks{begin}",
            first=f"turn what these fixes mended{where} into tests: {commits_words(file.commits, 4)}.",
            facts=f"{file.fixes - file.tested:,} of its {file.fixes:,} fixes of two years changed no test; elsewhere "
            f"{file.rest_fixes - file.rest_tested:,} of {file.rest_fixes:,}. {count(repairs, 'change')} had to be repaired "
            f"within 30 days: {repaired_words(file.repaired, 3)}.",
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
            receipts=tuple(receipts_of(file)),
        )


def options_advice(findings: Findings) -> Iterator[Advice]:
    """Options that a manual page or a shell completion gets late, or lacks.

    benefit: the changes of a year that added late options, and the missing options over the years of the period;
    effort: one test.
    """
    patterns = findings.past.patterns
    for names in patterns.forgotten_names if patterns else ():
        named = findings.get(fix_pattern_fingerprint(names))
        if patterns is None or named is None:
            continue
        absent = [one.name for one in names.missing] or list(names.lacking)
        source, listing = code(names.source, 80), code(names.listing, 80)
        yield Advice(
            name="listed-options",
            target=(names.source, names.listing),
            title=f"Let a test compare the options of {listing} with those of {source}",
            first=_options_step(names, absent),
            facts=_options_facts(names, absent),
            effect="The test fails in the pull request that brings an option, so that nobody has to catch up later.",
            measure=_options_measure(names, absent, patterns),
            findings=(named,),
            benefit=(len(names.repairs) + len(absent)) / _PERIOD_YEARS,
            effort=1,
            locations=(Location(names.listing, 1, 1), Location(names.source, 1, 1)),
            receipts=tuple(receipts_of(names)),
        )


def _options_step(names: ForgottenNames, absent: Sequence[str]) -> str:
    listing = code(names.listing, 80)
    test = "let the test read the long options of both files, with a list of those that are left out on purpose"
    if not absent:
        return f"{test}."
    shown = joined([code(name, 40) for name in absent[:6]], len(absent) - 6, "option")
    return f"add {shown} to {listing}, or decide that they stay out. Then {test}."


def _options_facts(names: ForgottenNames, absent: Sequence[str]) -> str:
    parts = []
    if names.late:
        parts.append(
            f"Of {count(names.brought, 'option')} that came in three years, {names.in_time:,} were listed at once, "
            f"{len(names.late):,} later (after {count(days_late(names), 'day')}, median), and "
            f"{len(names.missing):,} {'is' if len(names.missing) == 1 else 'are'} missing."
        )
        parts.append(f"They were added later by {commits_words(names.repairs, 4)}.")
    else:
        parts.append(f"Both files have {names.common:,} options; {len(absent):,} are in one only.")
    if names.missing:
        newest = names.missing[0]
        parts.append(
            f"The newest missing one, {code(newest.name, 40)}, came with {commits_words([newest.brought], 1)}."
        )
    return " ".join(parts)


def _options_measure(names: ForgottenNames, absent: Sequence[str], patterns: Patterns) -> Measure:
    listing = code(names.listing, 80)
    if names.late:
        return Measure(
            name=f"options of the last three years that {listing} got late or lacks",
            today=len(names.late) + len(names.missing),
            unit=f"of {names.brought:,}",
            usual=None,
            goal="of those that come from now on: 0",
            until=next_look(patterns),
        )
    return Measure(
        name=f"options that {listing} lacks", today=len(absent), unit="", goal="0", until=next_look(patterns)
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
        first=f"repeat {files} a hundred times every night, in random order and on a loaded machine, and open one issue "
        "for each test that fails once. What the newest repairs changed (a fixed port, a sleep, a deadline, a name that is "
        "resolved) can be searched in the other tests.",
        facts=f"Most often repaired: {parts_words(tests.files)}."
        + (f" In them: {parts_words(tests.functions)}." if tests.functions else "")
        + f" The newest: {commits_words(tests.commits, 5)}.",
        effect=f"In the year before there were {tests.repairs_before:,} repairs. Each was a run of the CI that failed in "
        "somebody's pull request first.",
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
        receipts=tuple(receipts_of(tests)),
    )


def pipeline_advice(findings: Findings) -> Iterator[Advice]:
    """Files of the CI that are repaired soon after they were changed. benefit: the repairs of a year; effort: the changes."""
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
            facts=f"{len(file.repaired):,} of {count(file.changes, 'change')} of the last year repaired the one before, "
            f"at most three days later: {repaired_words(file.repaired, 4)}.",
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
            receipts=tuple(receipts_of(file)),
        )


def _pipeline_step(file: PipelineRepairs) -> str:
    if file.path.startswith(".github/"):
        return (
            "add a `pull_request` trigger with `paths:` of this file, in which the steps that publish or push are left "
            "out, and check workflows with `actionlint`, which finds wrong keys, expressions and permissions."
        )
    return "let a pull request that changes it run all steps that need no secrets, as a dry run."
