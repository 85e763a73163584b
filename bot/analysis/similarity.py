"""Similar past changes: the most alike by title, files and lines, with what became of them; issues and pull requests.

All are notes: a reviewer may want to see them, and nothing has to be done. Numbers are written "pull request 12", not
"#12": GitHub would add a reference to their conversations.
"""

from collections.abc import Mapping
from dataclasses import asdict

from bot.analysis.analyzer import Analyzer
from bot.domain.change import Change
from bot.domain.history import PastCommit
from bot.domain.insights import Confidence, Insight, InsightType, Severity, Standing, fingerprint
from bot.domain.periods import DAY
from bot.domain.similar import SimilarChange, SimilarItem
from bot.text import code, count

_PATHS_SHOWN = 3


def analyze(change: Change, measured: Mapping[str, object]) -> list[Insight]:
    """One insight per similar change and item."""
    similar = change.similar
    return [*map(_change_insight, similar.changes), *map(_item_insight, similar.items)]


def _change_insight(one: SimilarChange) -> Insight:
    name = f"pull request {one.number}, " if one.number else ""
    fate = _fate(one)
    return Insight(
        type=InsightType.SIMILARITY,
        rule="similarity/past-change",
        title=f"{code(one.subject, 120)} was a similar change{f' and was {fate}' if fate else ''}",
        description=f"It is {name}commit {one.sha[:10]}. {_shared(one)}",
        severity=Severity.LOW if fate else Severity.INFO,
        confidence=Confidence(round(one.score, 2), "the weighted likeness of title, files and lines"),
        standing=Standing.NOTE,
        evidence={
            "sha": one.sha,
            "when": one.when,
            "subject": one.subject,
            "pull_request": one.number,
            "text": round(one.text, 3),
            "files": list(one.files),
            "lines": one.lines,
            "fixes": [asdict(fix) for fix in one.fixes],
            "reverted": asdict(one.reverted) if one.reverted else None,
        },
        fingerprint=fingerprint("similarity/past-change", one.sha),
    )


def _fate(one: SimilarChange) -> str:
    """Return what became of a change, to follow "was"; empty if nothing is known."""
    if one.reverted:
        return f"reverted {_after(one, one.reverted)}"
    if not one.fixes:
        return ""
    times = {1: "once", 2: "twice"}.get(len(one.fixes), f"{len(one.fixes)} times")
    last = one.fixes[-1].when - one.when
    within = "a week" if last <= 7 * DAY else "a month" if last <= 31 * DAY else "three months"
    return f"fixed {times} within {within}"


def _after(one: SimilarChange, later: PastCommit) -> str:
    days = _days(one, later)
    return f"after {count(days, 'day')}" if days else "on the same day"


def _days(one: SimilarChange, later: PastCommit) -> int:
    return max(0, later.when - one.when) // DAY


def _shared(one: SimilarChange) -> str:
    """Return sentences on what the two have in common."""
    parts = [f"The titles are {one.text:.0%} alike."]
    if one.files:
        more = f" and {len(one.files) - _PATHS_SHOWN} more" if len(one.files) > _PATHS_SHOWN else ""
        parts.append(f"Both change {', '.join(map(code, one.files[:_PATHS_SHOWN]))}{more}.")
    if one.lines:
        parts.append(f"It wrote {count(one.lines, 'line')} at the places that this change touches.")
    later = [*([one.reverted] if one.reverted else []), *one.fixes][:_PATHS_SHOWN]
    if later:
        parts.append(
            f"What followed: {', '.join(f'{commit.sha[:10]} {code(commit.subject, 80)}' for commit in later)}."
        )
    return " ".join(parts)


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
