"""Changes made in a test: files with the hunks that git would show, and what one analyzer says of them."""

import difflib
from dataclasses import fields
from typing import Any

from bot.analysis.analyzer import Analyzer
from bot.analysis.run import measure_files
from bot.domain.change import Change
from bot.domain.files import FileChange, FileStatus, Hunk, PastChange, ToolFinding
from bot.domain.history import FileHistory, HistoryFacts
from bot.domain.insights import Insight, Standing

NOW = 1_700_000_000


def changed(path: str, before: str | None, after: str | None, *, old_path: str | None = None) -> FileChange:
    """One file; None for an end that is not there."""
    status = FileStatus.RENAMED if old_path else FileStatus.MODIFIED
    if before is None or after is None:
        status = FileStatus.ADDED if before is None else FileStatus.DELETED
    hunks = _hunks((before or "").split("\n"), (after or "").split("\n"))
    return FileChange(
        path=path,
        status=status,
        old_path=old_path,
        hunks=hunks,
        before=before,
        after=after,
        added=sum(hunk.new_count for hunk in hunks),
        deleted=sum(hunk.old_count for hunk in hunks),
    )


def _hunks(old: list[str], new: list[str]) -> tuple[Hunk, ...]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return tuple(
        Hunk(a1 + (a1 < a2), a2 - a1, b1 + (b1 < b2), b2 - b1)
        for tag, a1, a2, b1, b2 in matcher.get_opcodes()
        if tag != "equal"
    )


def change_of(
    *files: FileChange,
    title: str = "",
    scans: tuple[ToolFinding, ...] = (),
    past: tuple[PastChange, ...] = (),
    history: HistoryFacts | None = None,
    codeowners: str = "",
) -> Change:
    """A change with these files."""
    return Change(
        repository="a/b",
        head_sha="1" * 40,
        merge_base="2" * 40,
        files=files,
        title=title,
        scans=scans,
        past=past,
        history=history,
        codeowners=codeowners,
    )


def file_history(path: str, **facts: Any) -> FileHistory:
    """A file with a past of which only what is given matters."""
    numbers = [field.name for field in fields(FileHistory) if field.type is int]
    return FileHistory(path=path, **dict.fromkeys(numbers, 0) | facts)


def history_of(*files: FileHistory, **facts: Any) -> HistoryFacts:
    """A repository of a thousand changes with these files."""
    given: dict[str, Any] = {"now": NOW, "changes": 1000, "known_faulty": 200, "files": files} | facts
    return HistoryFacts(**given)


def said(analyzer: Analyzer[Any], change: Change) -> list[Insight]:
    """Everything the analyzer says, in its order."""
    measured = measure_files(change, (analyzer,))
    assert not measured.broken
    return analyzer.analyze(change, measured.facts[analyzer.name])


def remarks(insights: list[Insight]) -> list[Insight]:
    """Those that are shown."""
    return [insight for insight in insights if insight.standing is Standing.REMARK]
