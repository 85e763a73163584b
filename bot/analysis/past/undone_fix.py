"""Undone fixes: lines or tests that a fix of the last year brought are deleted, or what it had replaced comes back.

The lines are compared as text with the patch of the fix, so that no blame is needed. docs/past.md says when it is
silent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.analysis.analyzer import Analyzer
from bot.analysis.functions.facts import FileFunctions
from bot.analysis.measured import share_of
from bot.analysis.past.lines import ChangedLines, Line, changes_by_path
from bot.analysis.past.undone import Around, GoneFunctions, Undone, around, has_assertion, in_files, undone_by
from bot.analysis.past.wording import commit_json, names, numbers_of, places, receipt
from bot.analysis.production import is_production
from bot.analysis.security.redact import quotable
from bot.domain.change import Change
from bot.domain.files import FileChange, FileStatus
from bot.domain.insights import Insight, InsightType, Location, Severity, Standing, fingerprint
from bot.text import code, count, plain

RULE = "history/undone-fix"
_LEAST_LINES = 2
_MOST_OF_IT = 0.5
_PART_OF_IT = 0.3
_MOST_OF_TEST = 0.6
_LEAST_TEST_LINES = 3
_MOST_REMARKS = 2
_MOST_INSIGHTS = 5
# A change that deletes so many lines rebuilds something; that it touches a fix is no news.
_REBUILT = 1_500
_QUOTED = 3


@dataclass(frozen=True, slots=True)
class _Case:
    """How a fix is undone.

    way: "restored", "deleted", "test" or "part".
    rank: the strongest first.
    reason: what is known of it.
    """

    way: str
    rank: int
    reason: str


_RESTORED = _Case("restored", 0, "its lines are gone and the lines that it had replaced are back")
_DELETED = _Case("deleted", 1, "most of its lines are deleted; whether they are needed is not known")
_TEST = _Case("test", 2, "its test is deleted, its code is not; whether it is needed is not known")
_PART = _Case("part", 3, "a part of its lines is deleted")


def measure(file: FileChange, functions: FileFunctions) -> GoneFunctions | None:
    """Return the lines at the merge base of the named functions that do not exist at the head."""
    if functions.before is None or functions.after is None:
        return None
    kept = {one.name for one in functions.after.functions}
    gone = [one for one in functions.before.functions if one.name not in kept and "<" not in one.name]
    return tuple((one.start_line, one.end_line) for one in gone) or None


def analyze(change: Change, measured: Mapping[str, GoneFunctions]) -> list[Insight]:
    """One insight per undone fix, the strongest first."""
    fixes = [one for one in change.earlier.commits if one.is_fix]
    if not fixes:
        return []
    changed = changes_by_path(change)
    if sum(len(lines.deleted) for lines in changed.values()) > _REBUILT:
        return []
    added = "\n".join("".join(line.bare for line in lines.added) for lines in changed.values())
    found: list[tuple[_Case, Undone]] = []
    for fix in fixes:
        if names(change.earlier.message, fix) and not _is_revert(change):
            continue
        undone = undone_by(fix, changed, added, measured)
        if case := _case(change, undone, changed, measured):
            found.append((case, undone))
    found.sort(key=lambda one: (one[0].rank, -one[1].share, -one[1].fix.when))
    return [
        _insight(change, case, undone, changed, shown=place < _MOST_REMARKS)
        for place, (case, undone) in enumerate(found[:_MOST_INSIGHTS])
    ]


def _case(
    change: Change, undone: Undone, changed: Mapping[str, ChangedLines], measured: Mapping[str, GoneFunctions]
) -> _Case | None:
    gone, restored = undone.lines_gone, undone.lines_restored
    near = around(undone.gone, changed)
    if restored and gone + restored >= _LEAST_LINES and _is_half(undone) and _is_inverse(undone, near):
        return _RESTORED
    if gone >= _LEAST_LINES and undone.share >= _MOST_OF_IT and gone >= near.deleted / 2 and _only_deletes(near):
        # What the file adds elsewhere may do the same in another way.
        return _DELETED if _only_deletes(in_files(undone.gone, changed)) else _PART
    if not undone.touched and _is_test_gone(undone, changed) and not _takes_away(change, measured):
        return _TEST
    return _PART if gone >= _LEAST_LINES and undone.share >= _PART_OF_IT and gone >= near.deleted / 3 else None


def _is_half(undone: Undone) -> bool:
    """Return whether half of what the fix brought is gone, or half of what it replaced is back."""
    return undone.share >= _MOST_OF_IT or undone.lines_restored >= _MOST_OF_IT * undone.replaced


def _is_inverse(undone: Undone, near: Around) -> bool:
    """Return whether the hunks do little else than to take the fix back; if it is one line, nothing else."""
    both = undone.lines_gone + undone.lines_restored
    return both >= (near.deleted + near.added) * (1.0 if both == _LEAST_LINES else _MOST_OF_IT)


def _only_deletes(near: Around) -> bool:
    """Return whether at most half as many telling lines are added as are deleted."""
    return 2 * near.added <= near.deleted


def _is_test_gone(undone: Undone, changed: Mapping[str, ChangedLines]) -> bool:
    """Return whether a test that came with the fix is deleted, with what it checks."""
    return any(
        undone.tested[path] >= _LEAST_TEST_LINES
        and len(lines) >= _MOST_OF_TEST * undone.tested[path]
        and has_assertion(lines)
        and _only_deletes(around({path: lines}, changed))
        for path, lines in undone.tests.items()
    )


def _takes_away(change: Change, measured: Mapping[str, GoneFunctions]) -> bool:
    """Return whether production code as a whole is removed: a file or a function. Then its tests go with it."""
    return any(
        is_production(file) and (file.status is FileStatus.DELETED or bool(measured.get(file.path)))
        for file in change.files
    )


def _is_revert(change: Change) -> bool:
    return "revert" in change.earlier.message.lower()


def _insight(
    change: Change, case: _Case, undone: Undone, changed: Mapping[str, ChangedLines], *, shown: bool
) -> Insight:
    fix = undone.fix
    told = names(change.earlier.message, fix)
    strong = shown and case is not _PART and not told and not fix.same_author
    lines = {path: lines for path, lines in (undone.tests if case is _TEST else undone.gone).items() if lines}
    return Insight(
        type=InsightType.RISK,
        rule=RULE,
        title=_title(case, fix.subject),
        description=f"{_what(case, undone, lines)} The fix is {receipt(fix)}{_issues(undone)}.",
        remedy="" if told else "Check that what it fixed stays fixed; if it does, say so in the description.",
        severity=Severity.MEDIUM if strong and case is not _TEST else Severity.LOW,
        confidence=share_of(RULE, case.reason),
        standing=Standing.REMARK if strong else Standing.NOTE,
        evidence={
            "fix": commit_json(fix),
            "numbers": sorted(numbers_of(fix)),
            "way": case.way,
            "lines_brought": undone.brought,
            "lines_gone": undone.lines_gone,
            "lines_restored": undone.lines_restored,
            "test_lines_gone": undone.lines_tested,
            "gone": _quoted(lines),
            "restored": _quoted(undone.restored),
        },
        locations=tuple(place for path, gone in lines.items() for place in _places(changed[path], gone))[:5],
        fingerprint=fingerprint(RULE, fix.sha),
    )


def _title(case: _Case, subject: str) -> str:
    match case.way:
        case "restored":
            return f"This brings back what a fix had replaced: {code(subject, 100)}"
        case "test":
            return f"This deletes the test of a fix: {code(subject, 100)}"
        case "deleted":
            return f"This deletes what a fix brought: {code(subject, 100)}"
    return f"This deletes a part of what a fix brought: {code(subject, 100)}"


def _what(case: _Case, undone: Undone, lines: Mapping[str, Sequence[Line]]) -> str:
    """Return sentences on the lines, with the first of them."""
    where = ", ".join(map(code, list(lines)[:_QUOTED]))
    first = _shown(next(iter(next(iter(lines.values())))))
    if case is _TEST:
        return f"{count(undone.lines_tested, 'line')} of its test in {where} are deleted, the first is {first}."
    gone, brought = undone.lines_gone, undone.brought
    share = "The only line" if brought == 1 else f"{gone} of the {count(brought, 'line')}"
    said = f"{share} of code that it brought {'is' if gone == 1 else 'are'} gone from {where}"
    if case is _RESTORED:
        back = next(iter(undone.restored.values()))[0]
        return f"{said}, for example {first}; {_shown(back)}, which it had removed, is back."
    return f"{said}, for example {first}."


def _shown(line: Line) -> str:
    return code(quotable(line.text.strip(), password=False), 100)


def _issues(undone: Undone) -> str:
    """Return the issues that the fix closes and its subject does not name."""
    named = [number for number in undone.fix.issues if f"#{number}" not in undone.fix.subject]
    return f", for issue {', '.join(map(str, named[:3]))}" if named else ""


def _quoted(lines: Mapping[str, Sequence[Line]]) -> list[dict[str, object]]:
    quoted = [(path, line) for path, found in lines.items() for line in found]
    return [
        {"path": path, "line": line.number, "text": plain(quotable(line.text, password=False), 160)}
        for path, line in quoted[:10]
    ]


def _places(changed: ChangedLines, gone: Sequence[Line]) -> tuple[Location, ...]:
    """Return where the lines were, as lines at the head."""
    if changed.file.after is None:
        return ()
    last = changed.file.after.count("\n") + 1
    numbers = [
        min(last, max(1, hunk.new_start))
        for hunk in changed.file.hunks
        if any(hunk.old_start <= line.number < hunk.old_start + hunk.old_count for line in gone)
    ]
    return places(changed.file.path, numbers)


ANALYZER = Analyzer(name="undone-fix", measure_functions=measure, analyze=analyze)
