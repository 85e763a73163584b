"""The notes on dependencies: all differences, and files that could not be compared."""

from collections.abc import Sequence

from bot.analysis.dependency.judgement import Row
from bot.analysis.dependency.shape import ends, listed, remark
from bot.domain.insights import Insight, Severity, Standing
from bot.text import code, count, plain

_NAMED = 5
_WORDS = {
    "added": "added",
    "removed": "removed",
    "raised": "raised",
    "lowered": "lowered",
    "unpinned": "no longer pinned",
    "opened": "opened to later versions",
    "repinned": "pinned",
    "widened": "widened",
    "source_changed": "taken from another source",
    "changed": "changed otherwise",
}


def look_alike_note(path: str, new: str, old: str) -> Insight:
    """A new name that differs from an existing one by one letter."""
    return remark(
        "look-alike",
        f"The new dependency {code(new, 80)} differs from {code(old, 80)} by one letter",
        f"Both are in {code(path)}. Typosquatters choose such names, but related packages have them, too.",
        severity=Severity.LOW,
        known="only the names were compared",
        standing=Standing.NOTE,
        evidence={"new": plain(new), "old": plain(old)},
        place=(path, 1),
        names=[new, old],
    )


def kind_note(kind: str, rows: Sequence[Row]) -> Insight:
    """All differences of one kind, each package once, with its versions."""
    by_name: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        by_name.setdefault((row.ecosystem.value, row.difference.package.name), []).append(row)
    packages = list(by_name.values())
    more = f" and {len(packages) - _NAMED} more" if len(packages) > _NAMED else ""
    return remark(
        kind.replace("_", "-") + "-all",
        f"{len(packages)} {'dependency is' if len(packages) == 1 else 'dependencies are'} {_WORDS[kind]}",
        "; ".join(_steps(same) for same in packages[:_NAMED]) + f"{more}.",
        severity=Severity.INFO,
        standing=Standing.NOTE,
        exact=True,
        evidence=listed(rows),
    )


def _steps(rows: Sequence[Row]) -> str:
    """One package. Files may differ in its versions: the first are named, the others counted."""
    others = len(rows) - 1
    return ends(rows[0]) + (f" (and {count(others, 'other step')} in {_files(rows[1:])})" if others else "")


def _files(rows: Sequence[Row]) -> str:
    paths = list(dict.fromkeys(row.path for row in rows))
    return code(paths[0], 60) if len(paths) == 1 else f"{len(paths)} files"


def unreadable_note(path: str, problem: str) -> Insight:
    """A file that could not be parsed."""
    return remark(
        "unreadable",
        f"{code(path)} could not be compared {problem}",
        "Its dependencies are left out of this report.",
        severity=Severity.INFO,
        standing=Standing.NOTE,
        known="observed",
        exact=True,
        evidence={"path": plain(path), "problem": problem},
        place=(path, 1),
    )


def added_file_note(path: str, declared: int) -> Insight:
    """A manifest or lock that the change adds."""
    title = f"{code(path)} is new and declares {count(declared, 'package')}"
    return _file_note(path, title, "There is nothing to compare it with.", declared, place=(path, 1))


def deleted_file_note(path: str, declared: int) -> Insight:
    """A manifest or lock that the change deletes."""
    return _file_note(path, f"{code(path)} is deleted", "There is nothing to compare it with.", declared, place=None)


def existing_file_note(path: str, declared: int) -> Insight:
    """A manifest or lock of a whole repository."""
    title = f"{code(path)} declares {count(declared, 'package')}"
    return _file_note(path, title, "Counted as the file declares them.", declared, place=(path, 1))


def _file_note(path: str, title: str, description: str, declared: int, *, place: tuple[str, int] | None) -> Insight:
    return remark(
        "file",
        title,
        description,
        severity=Severity.INFO,
        standing=Standing.NOTE,
        exact=True,
        evidence={"path": plain(path), "packages": declared},
        place=place,
        names=[path],
    )
