"""Recommendations on options that manual pages and shell completions get late, or lack. Pure."""

from collections.abc import Iterator, Sequence

from bot.domain.fix_patterns import ForgottenNames
from bot.domain.insights import Insight, Location
from bot.domain.patterns import Patterns
from bot.insights.advice import Advice, Measure
from bot.insights.evidence import joined
from bot.insights.findings import Findings
from bot.insights.fix_patterns import days_late, fix_pattern_fingerprint, next_look
from bot.insights.fix_receipts import absent_options, receipts_of
from bot.insights.receipts import commits_words
from bot.text import code, count

_PERIOD_YEARS = 3


def options_advice(findings: Findings) -> Iterator[Advice]:
    """One test for all files that list the options of one source.

    benefit: the changes of a year that added late options, and the missing options over the years of the period;
    effort: one test.
    """
    patterns = findings.past.patterns
    known = [
        (one, named)
        for one in (patterns.forgotten_names if patterns else ())
        if (named := findings.get(fix_pattern_fingerprint(one))) is not None
    ]
    for source in dict.fromkeys(one.source for one, _ in known):
        pairs = [(one, named) for one, named in known if one.source == source]
        if patterns is not None:
            yield _advice(source, [one for one, _ in pairs], [named for _, named in pairs], patterns)


def _advice(source: str, lists: Sequence[ForgottenNames], named: Sequence[Insight], patterns: Patterns) -> Advice:
    listings = joined([code(one.listing, 80) for one in lists], 0, "file")
    late, absent = sum(len(one.late) for one in lists), sum(len(absent_options(one)) for one in lists)
    is_late = late > 0
    return Advice(
        name="listed-options",
        target=(source,),
        title=f"Let a test compare the options of {listings} with those of {code(source, 80)}",
        first=_step(lists),
        facts=" ".join(_facts(one) for one in lists),
        effect="The test then fails in the pull request that adds an option and forgets one of the files.",
        measure=Measure(
            name=f"options of the last three years that {listings} got late or {_lack(lists)}"
            if is_late
            else f"options that {listings} {_lack(lists)}",
            today=late + absent,
            unit="",
            goal="0 of those that come from now on" if is_late else "0",
            until=next_look(patterns),
        ),
        findings=tuple(named),
        benefit=sum(len(one.repairs) + len(absent_options(one)) for one in lists) / _PERIOD_YEARS,
        effort=1,
        locations=tuple(Location(path, 1, 1) for path in (*(one.listing for one in lists), source)),
        receipts=tuple(dict.fromkeys(receipt for one in lists for receipt in receipts_of(one, patterns.changes.until))),
    )


def _lack(lists: Sequence[ForgottenNames]) -> str:
    return "lacks" if len(lists) == 1 else "lack"


def _step(lists: Sequence[ForgottenNames]) -> str:
    additions = [
        f"add {joined([code(name, 40) for name in absent[:8]], len(absent) - 8, 'option')} to {code(one.listing, 80)}"
        for one in lists
        if (absent := absent_options(one))
    ]
    test = (
        "let a test compare the options of these files. Options that are left out on purpose go into a list of "
        "exceptions in the test."
    )
    return f"{'; '.join(additions)}. Then {test}" if additions else test


def _facts(names: ForgottenNames) -> str:
    listing = code(names.listing, 80)
    if not names.late:
        newest = names.missing[:1]
        came = f"; the newest came with {commits_words([newest[0].brought], 1)}" if newest else ""
        lacks = len(absent_options(names))
        return (
            f"{listing} has {names.common:,} of {names.common + lacks:,} options of {code(names.source, 80)}; "
            f"{lacks:,} {'is' if lacks == 1 else 'are'} missing{came}."
        )
    missing = f"{len(names.missing):,}" if names.missing else "none"
    return (
        f"In three years {count(names.brought, 'option')} came. {listing} got {names.in_time:,} of them in the same "
        f"commit and {len(names.late):,} later (half of these after {count(days_late(names), 'day')} or more); "
        f"{missing} {'are' if len(names.missing) > 1 else 'is'} missing. "
        f"Late ones came with {commits_words(names.repairs, 3)}."
        f"{_older(names)}"
    )


def _older(names: ForgottenNames) -> str:
    older = absent_options(names)[len(names.missing) :]
    if not older:
        return ""
    return f" Older ones that are missing: {', '.join(code(name, 40) for name in older[:8])}."
