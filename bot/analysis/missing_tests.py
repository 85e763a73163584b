"""New behaviour that is added without tests, in a repository or a file whose changes usually have both."""

from collections.abc import Mapping

from bot.analysis.analyzer import Analyzer
from bot.analysis.behaviour import Behaviour, behaviour, new_behaviour
from bot.analysis.functions.facts import FileFunctions
from bot.analysis.habit import Habit, area_of, grows, habit_of
from bot.analysis.inline import added_tests, changes_tests
from bot.analysis.measured import share_of
from bot.analysis.other_checks import changed_check
from bot.analysis.production import is_production
from bot.domain.change import Change
from bot.domain.files import FileChange, FileStatus
from bot.domain.insights import Insight, InsightType, Location, Severity, Standing, fingerprint
from bot.text import code

_LEAST_BEHAVIOUR = 8


def measure(file: FileChange, functions: FileFunctions) -> Behaviour | None:
    """Return the lines of a file of production code that carry behaviour."""
    return behaviour(file, functions) if is_production(file) else None


def analyze(change: Change, measured: Mapping[str, Behaviour]) -> list[Insight]:
    """At most one insight, with the share of past changes of this kind that changed tests."""
    production = [file for file in change.files if _adds_production_code(file)]
    added = sum((file.added or 0) - added_tests(file) for file in production)
    # Deleted files count too: code that moved to another file is not new.
    deleted = sum(file.deleted or 0 for file in change.files if is_production(file))
    if not grows(added, deleted) or any(changes_tests(file) for file in change.files):
        return []
    found = {
        file.path: measured.get(file.path) or behaviour(file, None)
        for file in change.files
        if file.left_out is None and is_production(file)
    }
    behaving = new_behaviour(found)
    if sum(behaving.values()) < _LEAST_BEHAVIOUR:
        return []
    largest = max(production, key=lambda file: (behaving[file.path], file.added or 0))
    touched = [file.path for file in production]
    habit = habit_of(change.past, touched, largest.path)
    return (
        []
        if habit is None
        else [_insight(change, found[largest.path].place(largest), (added, behaving), habit, area_of(touched))]
    )


def _adds_production_code(file: FileChange) -> bool:
    return (
        file.left_out is None
        and file.status is not FileStatus.DELETED
        and is_production(file)
        and (file.added or 0) > 0
    )


def _insight(change: Change, place: Location, lines: tuple[int, Mapping[str, int]], habit: Habit, area: str) -> Insight:
    """lines: the added ones, and by file those of them that carry new behaviour."""
    added, by_file = lines
    behaving, here = sum(by_file.values()), by_file[place.path]
    where = f"{'all' if here == behaving else here} in {code(place.path)}"
    check = changed_check(change.files)
    return Insight(
        type=InsightType.TESTS,
        rule="tests/missing",
        title=f"{added} lines of production code are added, and no test is changed",
        description=f"{behaving} of them are new statements or conditions, {where}. {len(habit.both)} of the last "
        f"{len(habit.past)} {habit.words} ({habit.share:.0%}) changed tests too."
        f"{f' A check in {code(check)} is changed.' if check else ''}",
        remedy=""
        if check
        else "Add a test that fails without this change, or say in the pull request why none is needed.",
        severity=Severity.LOW if habit.share < 0.85 or check else Severity.MEDIUM,
        confidence=share_of(
            "tests/missing", f"{len(habit.both)} of {len(habit.past)} comparable past changes changed tests"
        ),
        standing=Standing.NOTE if check else Standing.REMARK,
        evidence={
            "added_lines": added,
            "behaviour_lines": behaving,
            "area": habit.path.rstrip("/"),
            "past_changes": len(habit.past),
            "with_tests": len(habit.both),
            "changed_check": check,
            "examples": [one.sha for one in habit.both[:3]],
        },
        locations=(place,),
        fingerprint=fingerprint("tests/missing", area.rstrip("/")),
    )


ANALYZER: Analyzer[Behaviour] = Analyzer(name="tests", measure_functions=measure, analyze=analyze)
