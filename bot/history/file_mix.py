"""Sorts the files of a change by what they are: production code, tests, documentation, build, other. Pure."""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from bot.domain.kinds import FileMix
from bot.news import is_fragment
from bot.paths import is_docs, is_lock, is_production, is_test, is_tooling

# Files that say how a project is built, checked or packed. Their folder or name is that of a tool.
_BUILD_NAMES = frozenset(
    "makefile dockerfile cmakelists.txt pyproject.toml setup.cfg tox.ini package.json cargo.toml go.mod go.sum pom.xml"
    " build.gradle jenkinsfile procfile requirements.txt manifest.in gemfile composer.json meson.build build.bazel"
    " workspace pipfile appveyor.yml mypy.ini pytest.ini codecov.yml renovate.json lerna.json turbo.json".split()
)
_BUILD_FOLDERS = frozenset({"requirements", "ci", ".ci", ".circleci", ".azure-pipelines", ".buildkite", "build"})


def mix_of(files: Iterable[tuple[str, str, int, int]]) -> FileMix:
    """Return the mix of the changed files.

    files: path, git's status letter, and lines added and deleted of each.
    """
    counts: Counter[str] = Counter()
    for path, status, added, deleted in files:
        if is_fragment(path):
            continue
        counts[_sort_of(path)] += 1
        counts["created"] += status == "A"
        counts["added"] += added
        counts["deleted"] += deleted
    return FileMix(**counts)


@lru_cache(maxsize=65_536)
def _sort_of(path: str) -> str:
    *folders, name = path.lower().split("/")
    if is_test(path):
        return "test"
    is_build = name in _BUILD_NAMES or name.startswith((".", "requirements")) or not _BUILD_FOLDERS.isdisjoint(folders)
    if is_lock(path) or (is_build and not is_production(path)) or (folders and folders[0].startswith(".")):
        return "build"
    if is_docs(path) or (is_tooling(path) and folders and folders[0] in {"docs", "doc"}):
        return "docs"
    if is_production(path):
        return "production"
    return "build" if is_tooling(path) else "other"
