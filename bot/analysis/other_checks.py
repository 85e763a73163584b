"""Checks beside tests: a change to the configuration of a build or of CI that has to do with one. Pure."""

import re
from collections.abc import Iterable

from bot.domain.files import FileChange

_CONFIGURATION = re.compile(
    r"(^|/)(\.github/(workflows|actions)/.+\.ya?ml|\.circleci/.+|\.gitlab-ci\.yml|\.travis\.yml|azure-pipelines[^/]*|"
    r"jenkinsfile|pom\.xml|build\.xml|build\.sbt|[^/]*\.gradle(\.kts)?|tox\.ini|noxfile\.py|pyproject\.toml|setup\.cfg|"
    r"makefile|gnumakefile|justfile|rakefile|meson\.build|cmakelists\.txt|package\.json|cargo\.toml|deny\.toml|"
    r"clippy\.toml|composer\.json|directory\.build\.(props|targets)|[^/]*\.(cs|fs|vb)proj|\.pre-commit-config\.yaml|"
    r"\.golangci\.ya?ml|\.importlinter|mypy\.ini|tsconfig[^/]*\.json|\.?eslint[^/]*|\.?phpstan[^/]*|psalm\.xml[^/]*|"
    r"\.rubocop[^/]*|detekt[^/]*\.yml|checkstyle[^/]*\.xml|codecov\.ya?ml|\.codecov\.ya?ml)$",
    re.IGNORECASE,
)
_CHECK = re.compile(
    r"check|lint|\btests?\b|verif|assert|coverage|enforc|sniff|signature|japicmp|revapi|clirr|spotbugs|errorprone|"
    r"\bpmd\b|detekt|mypy|pyright|\bruff\b|flake8|clippy|\bdeny\b|audit|compat|baseline|saniti[sz]|fuzz|phpstan|psalm|"
    r"rubocop|archunit|\bstrict",
    re.IGNORECASE,
)
_MOST_LINES = 2_000


def changed_check(files: Iterable[FileChange]) -> str:
    """Return the path of the first configuration of which a changed line names a check; "" without one."""
    return next((file.path for file in files if _CONFIGURATION.search(file.path) and _names_a_check(file)), "")


def _names_a_check(file: FileChange) -> bool:
    before, after = (file.before or "").split("\n"), (file.after or "").split("\n")
    for hunk in file.hunks:
        old = before[hunk.old_start - 1 : hunk.old_start - 1 + hunk.old_count] if hunk.old_count else []
        new = after[hunk.new_start - 1 : hunk.new_start - 1 + hunk.new_count] if hunk.new_count else []
        if any(_CHECK.search(line[:300]) for line in [*old, *new][:_MOST_LINES]):
            return True
    return False
