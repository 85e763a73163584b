"""Remove possible secrets from a line of code, so that it can be quoted in mail, dashboards and logs."""

import re
from collections.abc import Iterable

from bot.credentials import without_secrets
from bot.domain.files import ToolFinding

# Rules that match a line because it contains a secret.
PASSWORD_RULES = frozenset({"S105", "S106", "S107", "hardcoded-container-credentials"})
_SENSITIVE = re.compile(r"pass(wd|word|phrase|code)?\b|pwd|secret|token|api_?key|credential|auth", re.IGNORECASE)
_LITERAL = re.compile(r"""('{3}|"{3}|'|")(?:\\.|(?!\1).)*(?:\1|$)""")
_YAML_VALUE = re.compile(r"(:\s+)\S.*$")
_HIDDEN = "…"


def quotable(line: str, *, password: bool) -> str:
    """The line without detected secrets, and without literals if it can contain a password.

    password: whether a rule found one on this line.
    """
    line, hidden = without_secrets(line, _HIDDEN)
    if password or hidden or _SENSITIVE.search(line):
        literals = _LITERAL.sub(rf"\1{_HIDDEN}\1", line)
        if password and literals == line:
            return _YAML_VALUE.sub(rf"\1{_HIDDEN}", line) if _YAML_VALUE.search(line) else _HIDDEN
        return literals
    return line


def password_lines(findings: Iterable[ToolFinding]) -> set[tuple[str, str, int]]:
    """(side, path, line) of every line on which a rule found a password; a literal can span several lines."""
    return {
        (finding.side.value, finding.path, line)
        for finding in findings
        if finding.rule in PASSWORD_RULES
        for line in range(finding.line, min(finding.end_line, finding.line + 200) + 1)
    }
