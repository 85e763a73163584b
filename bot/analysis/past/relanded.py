"""Reverted changes that come back: most of what a revert of the last year took away is in this change again."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.analysis.analyzer import Analyzer
from bot.analysis.measured import share_of
from bot.analysis.past.lines import ChangedLines, bare, changes_by_path, is_compared, telling, tells
from bot.analysis.past.wording import commit_json, day, names, places, receipt
from bot.domain.change import Change
from bot.domain.earlier import EarlierCommit
from bot.domain.insights import Insight, InsightType, Location, Severity, Standing, fingerprint
from bot.domain.periods import QUARTER
from bot.text import code, count, plain

RULE = "history/relanded"
# The share of what was reverted that comes back, or of this change that is what was reverted.
_MOSTLY = 0.6
_LEAST_LINES = 3
_LEAST_PART = 8
_MOST_INSIGHTS = 2
_FILES_SHOWN = 3
_SAYS_SO = re.compile(r"(?i)\bre-?(?:land|appl)\w*|\b(?:un)?revert(?:ed|s|ing)?\b")
# Words with many meanings; they count in the title only.
_TITLE_SAYS_SO = re.compile(
    r"(?i)\bre-?(?:introduc|instat|enabl|add|do\b|submit|merge)\w*|\brestor\w+|\bbring\w* back|\bagain\b"
    r"|\b(?:second|2nd|third) (?:try|attempt)|\b(?:take|attempt) (?:2|3|two|three)\b"
)
# One changed line: "+" or "-", and its bare text.
Signed = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Back:
    """What of a revert comes back.

    lines: the telling lines that the revert took away, with their signs in this change.
    found: how many of them are in this change.
    own: how many telling lines this change has.
    missing: the files of which nothing comes back.
    at: the line numbers at the head by path.
    """

    revert: EarlierCommit
    lines: int
    found: int
    own: int
    missing: tuple[str, ...]
    at: dict[str, list[int]]

    @property
    def share(self) -> float:
        """The share of what was reverted that comes back."""
        return self.found / self.lines

    @property
    def is_most(self) -> bool:
        """Whether most of it comes back, or most of this change is it."""
        if self.found < _LEAST_LINES:
            return False
        return self.share >= _MOSTLY or (self.found >= _LEAST_PART and self.found >= _MOSTLY * self.own)


def analyze(change: Change, measured: Mapping[str, object]) -> list[Insight]:
    """One insight per revert whose effect this change mostly takes back."""
    reverts = [one for one in change.earlier.commits if one.is_revert and _says_revert(one)]
    if not reverts:
        return []
    changed = changes_by_path(change)
    own = Counter(_of_change(changed))
    found = [back for revert in reverts if (back := _back(revert, own, changed)) is not None and back.is_most]
    found.sort(key=lambda one: (-one.share, -one.revert.when))
    return [_insight(change, one) for one in found[:_MOST_INSIGHTS]]


def _says_revert(revert: EarlierCommit) -> bool:
    """Return whether it is one by its title, or of a known commit: a squashed branch may revert its own commits."""
    return bool(revert.reverts) or _SAYS_SO.search(revert.subject) is not None


def _of_change(changed: Mapping[str, ChangedLines]) -> Iterator[Signed]:
    """Yield the telling lines that a change adds and deletes; a line that only moves is none."""
    added = Counter(line.bare for lines in changed.values() for line in lines.added)
    deleted = Counter(line.bare for lines in changed.values() for line in lines.deleted)
    for path, lines in changed.items():
        yield from (("+", one.bare) for one in lines.added if tells(path, one.text) and not deleted[one.bare])
        yield from (("-", one.bare) for one in lines.deleted if tells(path, one.text) and not added[one.bare])


def _of_revert(revert: EarlierCommit) -> dict[str, Counter[Signed]]:
    """Return the telling lines that a change must have to take the revert back, by path."""
    files = [file for file in revert.files if is_compared(file.path)]
    added = {bare(line) for file in files for line in file.added}
    deleted = {bare(line) for file in files for line in file.deleted}
    found = {}
    for file in files:
        taken = Counter(("+", bare(line)) for line in telling(file.path, file.deleted) if bare(line) not in added)
        brought = Counter(("-", bare(line)) for line in telling(file.path, file.added) if bare(line) not in deleted)
        if both := taken + brought:
            found[file.path] = both
    return found


def _back(revert: EarlierCommit, own: Counter[Signed], changed: Mapping[str, ChangedLines]) -> _Back | None:
    by_path = _of_revert(revert)
    wanted: Counter[Signed] = sum(by_path.values(), Counter())
    if not wanted:
        return None
    missing = tuple(path for path, lines in by_path.items() if not own & lines)
    at = {
        path: [line.number for line in lines.added if ("+", line.bare) in by_path[path]]
        for path, lines in changed.items()
        if path in by_path
    }
    return _Back(revert, wanted.total(), (own & wanted).total(), own.total(), missing, at)


def _insight(change: Change, back: _Back) -> Insight:
    revert, message = back.revert, change.earlier.message
    # Who says so knows it, and tells a reader what differs.
    said = _TITLE_SAYS_SO.search(change.title) is not None or _says_so(f"{change.title}\n{message}", revert)
    recent = change.history is not None and change.history.now - revert.when <= QUARTER
    original = revert.reverts[0] if revert.reverts else None
    subject = original.subject if original else revert.subject
    return Insight(
        type=InsightType.RISK,
        rule=RULE,
        title=f"This brings back what was reverted on {day(revert.when)}: {code(subject, 100)}",
        description=f"{_compared(back)} The revert is {receipt(revert)}{_why(revert)}.",
        remedy="" if said else _remedy(back),
        severity=Severity.MEDIUM if recent and not said and back.share >= _MOSTLY else Severity.LOW,
        confidence=share_of(
            RULE,
            f"{back.found} of {back.lines} reverted lines are in this change, which has {back.own}",
        ),
        standing=Standing.REMARK if back.share >= _MOSTLY and not said else Standing.NOTE,
        evidence={
            "revert": commit_json(revert),
            "reverted": [commit_json(one) for one in revert.reverts[:5]],
            "reason": plain(revert.body, 300),
            "lines_reverted": back.lines,
            "lines_back": back.found,
            "lines_of_change": back.own,
            "files_not_back": list(back.missing[:20]),
            "says_so": said,
        },
        locations=_places(back),
        fingerprint=fingerprint(RULE, revert.sha),
    )


def _remedy(back: _Back) -> str:
    """Return what to check: the reason of the revert, against what differs."""
    reason = "the reason that the revert gives" if back.revert.body else f"why {back.revert.sha[:10]} reverted it"
    if back.own == back.found and not back.missing:
        return f"Check {reason}: nothing differs from what was reverted. Say in the description why it may come back."
    return f"Check {reason} against the lines that differ, and say in the description how they answer it."


def _says_so(text: str, revert: EarlierCommit) -> bool:
    """Return whether a text says that a revert is taken back, or names it or what it reverted."""
    named = names(text, revert) or any(names(text, one) for one in revert.reverts)
    return named or _SAYS_SO.search(text) is not None


def _compared(back: _Back) -> str:
    """Return sentences on what comes back and what does not."""
    said = f"{back.found} of the {count(back.lines, 'changed line')} that the revert took back are here again"
    other = back.own - back.found
    said += f", beside {count(other, 'other line')}." if other else "."
    if back.missing:
        more = f" and {len(back.missing) - _FILES_SHOWN} more" if len(back.missing) > _FILES_SHOWN else ""
        said += f" Nothing comes back of {', '.join(map(code, back.missing[:_FILES_SHOWN]))}{more}."
    return said


def _why(revert: EarlierCommit) -> str:
    """Return the first line that the revert says of itself."""
    first = next((line for line in revert.body.split("\n") if len(line) > 10), "")
    return f", which says: {code(first, 160)}" if first else ""


def _places(back: _Back) -> tuple[Location, ...]:
    return tuple(place for path, numbers in back.at.items() for place in places(path, numbers)[:1])[:5]


ANALYZER: Analyzer[object] = Analyzer(name="relanded", analyze=analyze)
