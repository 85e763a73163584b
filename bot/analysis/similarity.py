"""Similar past changes: the most alike by title, files and lines, with what became of them; issues and pull requests.

All are notes: a reviewer may want to see them, and nothing has to be done. Numbers are written "pull request 12", not
"#12": GitHub would add a reference to their conversations.
"""

from collections.abc import Mapping
from dataclasses import asdict
from difflib import SequenceMatcher

from bot.analysis.analyzer import Analyzer
from bot.domain.change import Change
from bot.domain.history import PastCommit
from bot.domain.insights import Confidence, Insight, InsightType, Severity, Standing, fingerprint
from bot.domain.periods import DAY
from bot.domain.similar import SimilarChange, SimilarItem
from bot.text import code, count

_PATHS_SHOWN = 3
_LEAST_WORDS, _MOST_WORDS = 3, 60


def analyze(change: Change, measured: Mapping[str, object]) -> list[Insight]:
    """One insight per similar change and item."""
    similar = change.similar
    return [*(_change_insight(change.title, one) for one in similar.changes), *map(_item_insight, similar.items)]


def _change_insight(title: str, one: SimilarChange) -> Insight:
    """title: of the analyzed change."""
    name = f"pull request {one.number}, " if one.number else ""
    fate = _fate(one)
    return Insight(
        type=InsightType.SIMILARITY,
        rule="similarity/past-change",
        title=f"{code(one.subject.rstrip('. '), 120)} {_relation(one)}{f', and was {fate}' if fate else ''}",
        description=f"It is {name}commit {one.sha[:10]}. {_shared(title, one)}",
        severity=Severity.LOW if fate else Severity.INFO,
        confidence=Confidence(
            round(one.score, 2),
            "the likeness of title, files and lines, as a probability that the author would name it",
        ),
        standing=Standing.NOTE,
        evidence={
            "sha": one.sha,
            "when": one.when,
            "subject": one.subject,
            "pull_request": one.number,
            "text": round(one.text, 3),
            "files": list(one.files),
            "lines": one.lines,
            "replaced": one.replaced,
            "fixes": [asdict(fix) for fix in one.fixes],
            "reverted": asdict(one.reverted) if one.reverted else None,
        },
        fingerprint=fingerprint("similarity/past-change", one.sha),
    )


def _relation(one: SimilarChange) -> str:
    """Return what the past change has to do with this one, to follow its title."""
    if one.replaced:
        return f"wrote {count(one.replaced, 'line')} that this change replaces"
    if one.lines:
        return "changed the same place"
    return "changed the same code" if one.files else "did much the same elsewhere"


def _fate(one: SimilarChange) -> str:
    """Return what became of a change, to follow "was"; empty if nothing is known."""
    if one.reverted:
        return f"reverted {_after(one, one.reverted)}"
    if not one.fixes:
        return ""
    times = {1: "fixed", 2: "fixed twice"}.get(len(one.fixes), f"fixed {len(one.fixes)} times")
    after = _after(one, one.fixes[-1])
    return f"{times} {after}" if len(one.fixes) == 1 else f"{times}, the last time {after}"


def _after(one: SimilarChange, later: PastCommit) -> str:
    days = max(0, later.when - one.when) // DAY
    return f"after {count(days, 'day')}" if days else "on the same day"


def _shared(title: str, one: SimilarChange) -> str:
    """Return sentences on what the two have in common."""
    parts = []
    if one.files:
        more = f" and {len(one.files) - _PATHS_SHOWN} more" if len(one.files) > _PATHS_SHOWN else ""
        parts.append(f"In common: {', '.join(map(code, one.files[:_PATHS_SHOWN]))}{more}.")
    elif words := _words_in_common(title, one.subject):
        parts.append(f"Both titles say {code(words, 120)}.")
    later = [*([one.reverted] if one.reverted else []), *one.fixes][:_PATHS_SHOWN]
    if later:
        parts.append(
            f"What followed: {', '.join(f'{commit.sha[:10]} {code(commit.subject, 80)}' for commit in later)}."
        )
    return " ".join(parts)


def _words_in_common(title: str, other: str) -> str:
    """Return the longest run of words that two titles share; "" if it is shorter than three words."""
    one, two = title.split()[:_MOST_WORDS], other.split()[:_MOST_WORDS]
    found = SequenceMatcher(None, one, two, autojunk=False).find_longest_match()
    return " ".join(one[found.a : found.a + found.size]) if found.size >= _LEAST_WORDS else ""


def _item_insight(one: SimilarItem) -> Insight:
    state = "Open" if one.is_open else "Closed"
    kind = "pull request" if one.is_pull else "issue"
    rule = "similarity/pull-request" if one.is_pull else "similarity/issue"
    said = (
        f"{state} pull request {one.number} seems to do the same"
        if one.is_pull
        else f"This seems to be about {state.lower()} issue {one.number}, which it does not name"
    )
    ending = " It was closed without being merged." if one.is_pull and not one.is_open else ""
    return Insight(
        type=InsightType.SIMILARITY,
        rule=rule,
        title=said,
        description=f"The {kind} is {code(one.title, 160)}.{ending}",
        severity=Severity.INFO,
        confidence=Confidence(round(one.score, 2), "how alike the texts are"),
        standing=Standing.NOTE,
        evidence={"number": one.number, "kind": kind, "title": one.title, "open": one.is_open},
        fingerprint=fingerprint(rule, str(one.number)),
    )


ANALYZER: Analyzer[object] = Analyzer(name="similarity", analyze=analyze)
