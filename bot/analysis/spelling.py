"""Misspelled words that a change brings into code, texts and settings. typos finds them (`bot/scan/spelling.py`)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from bot.analysis.analyzer import Analyzer
from bot.analysis.measured import share_of
from bot.analysis.places import is_written_here
from bot.domain.change import Change
from bot.domain.insights import Insight, InsightType, Location, Severity, fingerprint
from bot.domain.tree import Misspelling
from bot.text import code, count

NAME = "spelling"
_MOST_REMARKS = 6
_MOST_PLACES = 20
_SHOWN = 3


def analyze(change: Change, measured: Mapping[str, object]) -> list[Insight]:
    """One remark per misspelled word."""
    analyzed = {file.path for file in change.files if file.left_out is None}
    words: dict[str, list[Misspelling]] = defaultdict(list)
    for one in change.tree.misspelled:
        if one.path in analyzed and is_written_here(one.path):
            words[one.word.lower()].append(one)
    return [_insight(word, found) for word, found in list(words.items())[:_MOST_REMARKS]]


def _insight(word: str, found: Sequence[Misspelling]) -> Insight:
    first = found[0]
    others = ", ".join(f"{code(one.path)}:{one.line}" for one in found[1 : 1 + _SHOWN])
    more = f" and {count(len(found) - 1 - _SHOWN, 'more line')}" if len(found) > 1 + _SHOWN else ""
    also = f" It also stands at {others}{more}." if others else ""
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule="spelling/typo",
        title=f"{code(first.word)} at {code(first.path)}:{first.line} should be {code(first.correction)}",
        description=f"The line is {code(first.text.strip(), 120)}.{also}"
        " The word stood nowhere in the repository before.",
        remedy="Correct it.",
        severity=Severity.LOW,
        confidence=share_of("spelling/typo", "typos lists it as a misspelling with one correction"),
        evidence={
            "word": word,
            "correction": first.correction,
            "places": [{"path": one.path, "line": one.line} for one in found[:_MOST_PLACES]],
        },
        locations=tuple(Location(one.path, one.line, one.line) for one in found[:_MOST_PLACES]),
        fingerprint=fingerprint("spelling/typo", word),
    )


ANALYZER: Analyzer[object] = Analyzer(name=NAME, analyze=analyze)
