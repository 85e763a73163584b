"""Insights on what had to be repaired: causes of fixes, fixes without tests, forgotten options, flaky tests, CI.

Pure, and light enough for the web process.
"""

from collections.abc import Sequence
from dataclasses import asdict
from statistics import median

from bot.domain.fix_patterns import (
    FixCause,
    FixedPart,
    FlakyTests,
    ForgottenNames,
    PipelineRepairs,
    Repaired,
    UntestedFixes,
)
from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, fingerprint
from bot.domain.patterns import Patterns, Period
from bot.domain.periods import DAY, YEAR
from bot.insights.evidence import TESTED, period_facts
from bot.insights.fix_receipts import FixPattern, absent_options, receipts_of
from bot.insights.receipts import commits_words, day, in_evidence, repaired_words
from bot.text import code, count

_COUNTED = Confidence(0.9, "counted in the repository's own history")
_TITLED = Confidence(0.8, "by the titles of the changes")
# What a dismissal holds for: the numbers and names that change slowly. The commits are in the description.
_KEPT = {
    FixCause: ("path", "words", "changes", "fixes", "fixes_year", "rest_changes", "rest_fixes"),
    UntestedFixes: ("path", "fixes", "tested", "fixes_year", "rest_fixes", "rest_tested"),
    ForgottenNames: ("source", "listing", "brought", "in_time", "lacking"),
    FlakyTests: ("repairs", "repairs_before"),
    PipelineRepairs: ("path", "changes"),
}


def fix_pattern_insights(patterns: Patterns) -> list[Insight]:
    """All patterns of repairs as insights."""
    period = patterns.changes
    return [
        *(_cause(one, period) for one in patterns.fix_causes),
        *(_untested(one, period) for one in patterns.untested_fixes),
        *(_forgotten(one, period) for one in patterns.forgotten_names),
        *([_flaky(patterns.flaky_tests, period)] if patterns.flaky_tests else []),
        *(_pipeline(one, period) for one in patterns.pipeline_repairs),
    ]


def fix_pattern_fingerprint(pattern: FixPattern) -> str:
    """The fingerprint of the insight on a pattern of repairs. It is the same if only the numbers change."""
    match pattern:
        case FixCause():
            return fingerprint("repository/pattern/fix-cause", pattern.path, pattern.words[0])
        case UntestedFixes():
            return fingerprint("repository/pattern/untested-fixes", pattern.path)
        case ForgottenNames():
            return fingerprint("repository/pattern/forgotten-options", pattern.source, pattern.listing)
        case FlakyTests():
            return fingerprint("repository/pattern/flaky-tests")
        case PipelineRepairs():
            return fingerprint("repository/pattern/pipeline-repairs", pattern.path)


def scope_words(path: str) -> str:
    """Where a cause lies, as it stands in a sentence."""
    return code(path, 80) if path else "the production code"


def parts_words(parts: tuple[FixedPart, ...]) -> str:
    """Functions, files or words with their counts: `a` (7), `b` (4)."""
    return ", ".join(f"{code(one.name, 80)} ({one.fixes:,})" for one in parts)


def cause_words(cause: FixCause) -> str:
    """The words of a cause: `preview` or `window`."""
    named = [code(word, 30) for word in cause.words]
    return " or ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


def repairs_of(repaired: Sequence[Repaired]) -> int:
    """How many fixes repaired something."""
    return len({one.repair.sha for one in repaired})


def next_look(patterns: Patterns) -> str:
    """The day on which the number is compared: a year after the newest change."""
    return day(patterns.changes.until + YEAR)


def days_late(names: ForgottenNames) -> int:
    """The median of the days that the late options came late."""
    days = [(one.added.when - one.brought.when) / DAY for one in names.late if one.added is not None]
    return round(median(days)) if days else 0


def _cause(cause: FixCause, period: Period) -> Insight:
    rest = cause.rest_fixes / max(1, cause.rest_changes)
    return _insight(
        cause,
        period,
        title=f"{cause.fixes:,} of {count(cause.changes, 'change')} of {scope_words(cause.path)} that name "
        f"{cause_words(cause)} are fixes",
        description=f"Of its other changes, {rest:.0%} are ({cause.rest_fixes:,} of {cause.rest_changes:,}), in three "
        f"years. {repairs_of(cause.repaired):,} of these fixes repaired something that was changed at most 30 days "
        f"before; {cause.tested:,} changed a test. The newest: {commits_words(cause.commits, 3)}.",
        remedy="Write a test for each of the newest ones before the next change there.",
        confidence=TESTED,
        locations=(Location(cause.path, 1, 1),) if cause.path else (),
    )


def _untested(file: UntestedFixes, period: Period) -> Insight:
    return _insight(
        file,
        period,
        title=f"{file.fixes - file.tested:,} of {file.fixes:,} fixes of {code(file.path, 80)} came without a test",
        description=f"In two years. Of the {file.rest_fixes:,} fixes elsewhere, {file.rest_tested:,} changed a test. "
        f"Changes of it that were repaired soon: {repaired_words(file.repaired, 3)}.",
        remedy="Give the next fix of it a test, and begin with what was repaired twice.",
        confidence=TESTED,
        locations=(Location(file.path, 1, 1),),
    )


def _forgotten(names: ForgottenNames, period: Period) -> Insight:
    absent = absent_options(names)
    late = f"{len(names.late):,} of {count(names.brought, 'option')} of three years came late" if names.late else ""
    lacks = f"{count(len(absent), 'option')} {'is' if len(absent) == 1 else 'are'} missing" if absent else ""
    return _insight(
        names,
        period,
        title=f"{code(names.listing, 80)} is behind {code(names.source, 80)}: "
        + "; ".join(filter(None, (late, lacks))),
        description=f"Both have {count(names.common, 'option')}."
        + (f" Missing: {', '.join(code(name, 40) for name in absent[:10])}." if absent else "")
        + (f" Added later: {commits_words(names.repairs, 4)}." if names.repairs else ""),
        remedy="Compare both lists in a test.",
        confidence=_COUNTED,
        locations=(Location(names.listing, 1, 1), Location(names.source, 1, 1)),
    )


def _flaky(tests: FlakyTests, period: Period) -> Insight:
    return _insight(
        tests,
        period,
        title=f"Flaky tests were repaired {tests.repairs:,} times in a year",
        description=f"In the year before: {tests.repairs_before:,}. Most often: {parts_words(tests.files)}. The "
        f"newest: {commits_words(tests.commits, 4)}.",
        remedy="Search the other tests for what these repairs changed.",
        confidence=_TITLED,
        locations=tuple(Location(one.name, 1, 1) for one in tests.files),
    )


def _pipeline(file: PipelineRepairs, period: Period) -> Insight:
    return _insight(
        file,
        period,
        title=f"{len(file.repaired):,} of {count(file.changes, 'change')} of {code(file.path, 80)} mend something at "
        "most three days after the one before",
        description="By their titles, in the last year: " + repaired_words(file.repaired, 4, "followed") + ".",
        remedy="Let pull requests that change it run it.",
        confidence=_TITLED,
        locations=(Location(file.path, 1, 1),),
    )


def _insight(
    pattern: FixPattern,
    period: Period,
    *,
    title: str,
    description: str,
    remedy: str,
    confidence: Confidence,
    locations: tuple[Location, ...],
) -> Insight:
    known = asdict(pattern)
    fingerprint_of = fix_pattern_fingerprint(pattern)
    rule = {
        FixCause: "fix-cause",
        UntestedFixes: "untested-fixes",
        ForgottenNames: "forgotten-options",
        FlakyTests: "flaky-tests",
        PipelineRepairs: "pipeline-repairs",
    }[type(pattern)]
    return Insight(
        type=InsightType.PATTERN,
        rule=f"repository/pattern/{rule}",
        title=title,
        description=description,
        remedy=remedy,
        severity=Severity.LOW,
        confidence=confidence,
        evidence={
            **{name: known[name] for name in _KEPT[type(pattern)]},
            **period_facts(period),
            "receipts": in_evidence(receipts_of(pattern, period.until)),
        },
        locations=locations,
        tags=("commits",),
        fingerprint=fingerprint_of,
    )
