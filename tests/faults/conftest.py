"""Each test of this folder prints what it injected, and what was lost and doubled: with `-rP`, and at the end of a run
of this folder alone."""

from collections.abc import Iterator

import pytest

from tests.faults import running

_lines: list[str] = []


@pytest.fixture(autouse=True)
def told(request: pytest.FixtureRequest) -> Iterator[None]:
    """Print the line of the test. A test without `running` asserts by itself that nothing is lost."""
    running.counted.clear()
    yield
    injected = request.node.name.removeprefix("test_").replace("_", " ")
    found = running.counted
    counts = f"lost: {sum(one.lost for one in found)}, doubled: {sum(one.doubled for one in found)}"
    line = f"injected: {injected}; {counts if found else 'held'}"
    print(line)
    request.node.user_properties.append(("fault", line))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Collect the lines; each report of a test has them, the last one surely."""
    if report.when == "teardown":
        _lines.extend(str(line) for name, line in report.user_properties if name == "fault")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print all lines."""
    if _lines:
        terminalreporter.section("faults")
        for line in _lines:
            terminalreporter.write_line(line)
