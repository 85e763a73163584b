"""How many of the added lines of a file belong to tests that stand in it, beside production code. Pure."""

from bot import inline_tests, paths
from bot.domain.files import FileChange


def added_tests(file: FileChange) -> int:
    """The number of added lines that belong to inline tests; 0 for a file of tests."""
    if file.after is None or not file.added or paths.is_test(file.path) or not inline_tests.may_have(file.path):
        return 0
    tests = inline_tests.test_lines(file.path, file.after.split("\n"))
    return sum(number - 1 in tests for number, _ in file.added_lines()) if tests else 0


def changes_tests(file: FileChange) -> bool:
    """Whether the file is a test, or its tests are changed: also where lines of them are only deleted."""
    if paths.is_test(file.path):
        return True
    if file.after is None or not inline_tests.may_have(file.path):
        return False
    tests = inline_tests.test_lines(file.path, file.after.split("\n"))
    return any(index in tests for hunk in file.hunks for index in _lines_of(hunk.new_start, hunk.new_count))


def _lines_of(start: int, count: int) -> range:
    """The indexes of a hunk; for a deletion, that of the line before it."""
    return range(start - 1, start - 1 + max(1, count))
