"""CODEOWNERS files, as GitHub reads them (docs.github.com, "About code owners").

The package `codeowners` translates the patterns. Lines that it reads differently from GitHub are left out here. The
file is untrusted, so matching must take bounded time.
"""

import re
from dataclasses import dataclass

from codeowners import CodeOwners as Reader

_MOST_LINES, _LONGEST, _MOST_STARS = 1_000, 500, 20
# GitHub skips lines with these: negation, character ranges, an escaped "#"; and a backslash that escapes nothing.
_SKIPPED = re.compile(r"!|$|.*(?:[\[\]]|\\$)")
# The package replaces spaces by slashes, so that `docs/*` would miss "docs/a b.md"; no path of git has a NUL.
_SPACE = "\0"
_REPEATS = re.compile(r"(\(\?:\.\*/\)\?|\[\^/\]\*)")


@dataclass(frozen=True, slots=True)
class Rule:
    """One line. pattern: for paths in which spaces are replaced by `_SPACE`."""

    pattern: re.Pattern[str]
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeOwners:
    """A CODEOWNERS file: the last pattern that matches decides."""

    rules: tuple[Rule, ...]

    def of(self, path: str) -> tuple[str, ...]:
        """The owners of a path, as written in the file; empty if it has none."""
        path = path.replace(" ", _SPACE)
        return next((rule.owners for rule in reversed(self.rules) if rule.pattern.search(path)), ())


def parse_codeowners(text: str) -> CodeOwners:
    """Read the file; lines that GitHub cannot read are left out."""
    return CodeOwners(tuple(rule for line in text.splitlines()[:_MOST_LINES] for rule in _rules(line)))


def _rules(line: str) -> list[Rule]:
    """The rule of a line; none for a line that is skipped."""
    pattern, *owners = line.replace(_SPACE, "").partition("#")[0].replace("\\ ", _SPACE).split() or [""]
    if _SKIPPED.match(pattern) or len(pattern) > _LONGEST or pattern.count("*") > _MOST_STARS:
        return []
    read = Reader(" ".join((pattern, *owners))).paths
    rules = [Rule(without_backtracking(rule.pattern), tuple(name for _, name in known)) for rule, _, known, *_ in read]
    # GitHub skips a line with an invalid owner; the package skips only that owner.
    return [rule for rule in rules if len(rule.owners) == len(owners)]


def without_backtracking(expression: str) -> re.Pattern[str]:
    """An equivalent expression that does not backtrack into a completed repetition.

    A repetition ends at the first place where the text up to the next repetition of its kind matches; as in
    `fnmatch.translate`, a later place never matches more. With backtracking, the time grows with a power of the number
    of stars.
    """
    settled, *rest = _REPEATS.split(expression)
    folders = names = ""
    for repeat, following in zip(rest[::2], rest[1::2], strict=True):
        settled, names = settled + names, ""
        if repeat == "[^/]*":
            settled, names = f"{settled}(?>[^/]*?{following}", ")"
        else:
            settled, folders = f"{settled}{folders}(?>(?:.*?/)??{following}", ")"
    return re.compile(settled + names + folders)
