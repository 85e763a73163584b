"""Recommendations on what had to be repaired: causes of fixes, and fixes without a test. Pure."""

from collections.abc import Iterator, Sequence

from bot.domain.fix_patterns import FixCause, FixedPart
from bot.domain.history import PastCommit
from bot.domain.insights import InsightType, Location
from bot.domain.patterns import Patterns
from bot.insights.advice import LEAST_MEASURED, Advice, Measure
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
from bot.insights.receipts import commits_words, repaired_words
from bot.text import code, count

_LEAST_EXCESS = 1.5
_MOSTLY = 0.7
# What is said of many files at once is no piece of code; and where hardly any fix has a test, one is hard to write.
_ONE_PLACE = 0.6
_ONE_FUNCTION = 0.4
_LEAST_TESTED = 0.15
_LEAST_FIXES = 12
_LEAST_UNTESTED = 3
_NEWEST = 10


def cause_advice(findings: Findings) -> Iterator[Advice]:
    """What the titles of fixes name, and those of other changes do not, in one file.

    benefit: the fixes of the last year above those that as many other changes need; effort: the functions.
    """
    patterns = findings.past.patterns
    for cause in patterns.fix_causes if patterns else ():
        named = findings.get(fix_pattern_fingerprint(cause))
        usual = cause.rest_fixes / max(1, cause.rest_changes)
        excess = cause.fixes_year - cause.changes_year * usual
        place = _place(cause)
        if patterns is None or named is None or excess < _LEAST_EXCESS or not place or not cause.tests:
            continue
        is_tested = cause.tested >= _MOSTLY * cause.fixes
        if not (_is_worth_a_whole_test(cause) if is_tested else _is_worth_single_tests(cause)):
            continue
        yield Advice(
            name="fix-cause",
            target=(cause.path, cause.words[0]),
            title=_whole_title(cause, place) if is_tested else _single_title(cause, place),
            first=_whole_step(cause) if is_tested else add_tests(cause.untested, cause.tests),
            facts=_cause_facts(cause),
            effect=f"In the last year {cause.fixes_year:,} of {count(cause.changes_year, 'such commit')} were fixes; "
            f"at the rate of the other commits it would be about {cause.changes_year * usual:.0f}.",
            measure=_cause_measure(cause, usual, patterns, is_tested),
            findings=(named, *(findings.on_file(cause.path, InsightType.HOTSPOT) if cause.path else [])),
            benefit=excess,
            effort=max(1, len(cause.functions), len(cause.files)),
            locations=(Location(place, 1, 1),),
            receipts=tuple(receipts_of(cause, patterns.changes.until)),
        )


def _place(cause: FixCause) -> str:
    """The file in which most of the fixes are; empty without one."""
    if cause.path:
        return cause.path
    most = cause.files[0] if cause.files else None
    return most.name if most is not None and most.fixes >= _ONE_PLACE * cause.fixes else ""


def _is_worth_a_whole_test(cause: FixCause) -> bool:
    most = cause.functions[0].fixes if cause.functions else 0
    return cause.fixes >= _LEAST_FIXES and cause.changes_year >= LEAST_MEASURED and most >= _ONE_FUNCTION * cause.fixes


def _is_worth_single_tests(cause: FixCause) -> bool:
    """Whether tests are missing. Where nearly all of the newest fixes have one, that is the habit already."""
    newest = {one.sha for one in cause.commits[:_NEWEST]}
    return (
        sum(one.sha in newest for one in cause.untested) >= _LEAST_UNTESTED
        and cause.fixes >= LEAST_MEASURED
        and cause.tested >= _LEAST_TESTED * cause.fixes
    )


def _whole_title(cause: FixCause, place: str) -> str:
    return (
        f"Test {code(cause.functions[0].name, 60)} in {code(place, 80)} with generated inputs: {cause.fixes:,} fixes "
        f"of {cause_words(cause)}"
    )


def _whole_step(cause: FixCause) -> str:
    return (
        f"write one test in {files_words(cause.tests)} that makes the inputs (property-based, or a table that crosses "
        f"their values), and begin with the inputs of these fixes: {commits_words(cause.commits, 4)}."
    )


def _single_title(cause: FixCause, place: str) -> str:
    return (
        f"Add tests for {len(cause.untested):,} fixes of {cause_words(cause)} in {code(place, 80)} that "
        "came without one"
    )


def add_tests(commits: Sequence[PastCommit], tests: Sequence[FixedPart]) -> str:
    """The step that gives fixes their tests."""
    where = f" in {files_words(tests)}" if tests else ""
    return f"add a case{where} for each of these, unless there is one by now: {commits_words(commits, 5)}."


def files_words(files: Sequence[FixedPart]) -> str:
    """Files in a sentence."""
    return " or ".join(code(one.name, 80) for one in files)


def _cause_facts(cause: FixCause) -> str:
    share = cause.rest_fixes / max(1, cause.rest_changes)
    where = f"of {code(cause.path, 80)}" if cause.path else "of the production code"
    functions = f" They changed most often {parts_words(cause.functions)}." if cause.functions else ""
    return (
        f"{cause.fixes / max(1, cause.changes):.0%} of the commits {where} in three years whose title mentions "
        f"{cause_words(cause)} are fixes ({cause.fixes:,} of {cause.changes:,}), against {share:.0%} of the others "
        f"({cause.rest_fixes:,} of {cause.rest_changes:,}). {cause.fixes - cause.tested:,} of the {cause.fixes:,} came "
        f"without a test.{functions}"
    )


def _cause_measure(cause: FixCause, usual: float, patterns: Patterns, is_tested: bool) -> Measure:
    where = scope_words(cause.path)
    if not is_tested:
        return Measure(
            name=f"fixes of {where} whose title mentions {cause_words(cause)} that changed a test, in three years",
            today=cause.tested,
            unit=f"of {cause.fixes:,}",
            goal="every new one",
            until=next_look(patterns),
        )
    return Measure(
        name=f"fixes among the commits of {where} whose title mentions {cause_words(cause)}, in 365 days",
        today=cause.fixes_year,
        unit=f"of {cause.changes_year:,}",
        usual=round(cause.changes_year * usual),
        until=next_look(patterns),
    )


def untested_advice(findings: Findings) -> Iterator[Advice]:
    """Files whose fixes come without tests, and are repaired soon.

    benefit: the repairs of a year that followed within 30 days; effort: one file.
    """
    patterns = findings.past.patterns
    for file in patterns.untested_fixes if patterns else ():
        named = findings.get(fix_pattern_fingerprint(file))
        if patterns is None or named is None or file.fixes < LEAST_MEASURED or not file.tests:
            continue
        path, repairs = code(file.path, 80), repairs_of(file.repaired)
        shown = file.commits[:5]
        yield Advice(
            name="untested-fixes",
            target=(file.path,),
            title=f"Add tests for {len(shown):,} fixes of {path} that came without one",
            first=add_tests(shown, file.tests),
            facts=f"{file.fixes - file.tested:,} of its {file.fixes:,} fixes of two years changed no test; elsewhere "
            f"{file.rest_fixes - file.rest_tested:,} of {file.rest_fixes:,}. {repairs:,} fixes of it "
            f"mended what was at most 30 days old: {repaired_words(file.repaired, 2)}.",
            effect=f"There were {file.fixes_year:,} fixes of it in the last year.",
            measure=Measure(
                name=f"fixes of {path} that change a test, in two years",
                today=file.tested,
                unit=f"of {file.fixes:,}",
                usual=round(file.fixes * file.rest_tested / max(1, file.rest_fixes)),
                until=next_look(patterns),
            ),
            findings=(named, *findings.on_file(file.path, InsightType.HOTSPOT)),
            benefit=repairs / 2,
            effort=1,
            locations=(Location(file.path, 1, 1),),
            receipts=tuple(receipts_of(file, patterns.changes.until)),
        )
