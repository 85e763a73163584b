"""What is left from working on a change: conflict markers, tests that switch off all others, stops for a debugger.

Only added lines count, and only forms that mean nothing else in their language. Where a file had the form before, as
the tests of a debugger do, it is meant. Expressions read one line of at most 300 characters.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot import paths
from bot.analysis.analyzer import Analyzer
from bot.analysis.edits import MAX_FILES, MAX_LINE
from bot.analysis.measured import share_of
from bot.analysis.places import is_written_here
from bot.domain.change import Change
from bot.domain.files import FileChange
from bot.domain.insights import Insight, InsightType, Location, Severity, fingerprint
from bot.text import code

NAME = "unfinished"
_MOST_REMARKS = 6
_MOST_LINES = 20_000
_SCRIPT = r"\.[mc]?[jt]sx?\Z"
_MARKERS = re.compile(r"(<{7}|>{7}) \S")
_MIDDLE = "======="


@dataclass(frozen=True, slots=True)
class _Form:
    """A form of a line.

    files: the paths in which it means this. what: the end of the title. in_tests: only in tests.
    """

    rule: str
    line: re.Pattern[str]
    files: re.Pattern[str]
    what: str
    remedy: str
    severity: Severity
    in_tests: bool = False


_FORMS = (
    _Form(
        "focused-test",
        # https://mochajs.org/#exclusive-tests, https://vitest.dev/api/#test-only, https://jasmine.github.io/api/edge/global
        re.compile(
            r"\s*(?:(?:describe|it|test|context|suite)(?:\.\w{1,20})?\.only|fdescribe|fcontext)\s*[(`]|\s*fit\s*\(\s*[\"'`]"
        ),
        re.compile(_SCRIPT),
        "lets this test run alone",
        "Take out the focus, so that the other tests run again.",
        Severity.MEDIUM,
        in_tests=True,
    ),
    _Form(
        "debugger",
        re.compile(r"\s*debugger;?\s*\Z"),
        re.compile(_SCRIPT + r"|\.vue\Z|\.svelte\Z"),
        "stops in a debugger",
        "Take it out.",
        Severity.LOW,
    ),
    _Form(
        "debugger",
        re.compile(r"\s*(?:breakpoint\(\)|(?:import i?pdb\s*;\s*)?i?pdb\.set_trace\(\))\s*\Z"),
        re.compile(r"\.py\Z"),
        "stops in a debugger",
        "Take it out.",
        Severity.LOW,
    ),
    _Form(
        "debugger",
        re.compile(r"\s*(?:binding\.(?:pry|irb|b)|byebug)\s*\Z"),
        re.compile(r"\.rb\Z|\.rake\Z"),
        "stops in a debugger",
        "Take it out.",
        Severity.LOW,
    ),
    _Form(
        "debugger",
        re.compile(r"\s*(?:let [^=\n]{1,60}=\s*)?dbg!\s*\("),
        re.compile(r"\.rs\Z"),
        "prints what is being debugged",
        "Take it out, or log the value.",
        Severity.LOW,
    ),
)


def analyze(change: Change, measured: Mapping[str, object]) -> list[Insight]:
    """One remark per line, at most `_MOST_REMARKS`."""
    if change.whole_repository:
        return []
    insights = [one for file in change.files[:MAX_FILES] if _is_ours(file) for one in _of(file)]
    return insights[:_MOST_REMARKS]


def _is_ours(file: FileChange) -> bool:
    return file.left_out is None and is_written_here(file.path) and not paths.is_docs(file.path)


def _of(file: FileChange) -> Iterator[Insight]:
    before = (file.before or "").split("\n")
    added = [(number, line) for number, line in file.added_lines()[:_MOST_LINES] if len(line) <= MAX_LINE]
    for form in _FORMS:
        if form.files.search(file.path) and (paths.is_test(file.path) or not form.in_tests):
            found = [(number, line) for number, line in added if form.line.match(line)]
            if found and not any(form.line.match(line[:MAX_LINE]) for line in before[:_MOST_LINES]):
                yield from (_insight(file.path, number, line, form) for number, line in found)
    yield from _conflict(file.path, added)


def _conflict(path: str, added: list[tuple[int, str]]) -> Iterator[Insight]:
    """Yield a conflict that was added with both ends and its middle. Data of tests may show one."""
    ends = [(number, line) for number, line in added if _MARKERS.match(line)]
    is_whole = {line[0] for _, line in ends} == {"<", ">"} and any(line == _MIDDLE for _, line in added)
    if is_whole and (paths.is_code(path) or not paths.is_test(path)):
        what = "begins a conflict that is not resolved"
        form = _Form("conflict", _MARKERS, _MARKERS, what, "Resolve it.", Severity.HIGH)
        yield _insight(path, *ends[0], form)


def _insight(path: str, number: int, line: str, form: _Form) -> Insight:
    rule = f"unfinished/{form.rule}"
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule=rule,
        title=f"{code(line.strip(), 60)} at {code(path)}:{number} {form.what}",
        description=f"The line is new in this change: {code(line.strip(), 120)}.",
        remedy=form.remedy,
        severity=form.severity,
        confidence=share_of(rule, "the form means nothing else in this language"),
        evidence={"line": number, "path": path},
        locations=(Location(path, number, number),),
        fingerprint=fingerprint(rule, path, line.strip()),
    )


ANALYZER: Analyzer[object] = Analyzer(name=NAME, analyze=analyze)
