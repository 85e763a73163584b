"""The remarks on dependencies, in words and numbers."""

from collections.abc import Sequence
from typing import Any

from bot.analysis.dependency.facts import FileFacts
from bot.analysis.dependency.judgement import Row
from bot.analysis.dependency.lock_mismatch import LockMismatch
from bot.analysis.dependency.packages import Source
from bot.analysis.dependency.shape import LISTED, ends, listed, remark, shown
from bot.domain.insights import Insight, Severity, Standing
from bot.text import code, plain

_NAMED = 5


def _named(rows: Sequence[Row]) -> str:
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    return "; ".join(ends(row) for row in rows[:_NAMED]) + more


def _subject(rows: Sequence[Row]) -> str:
    first = code(rows[0].difference.package.name, 80)
    return first if len(rows) == 1 else f"{first} and {len(rows) - 1} more"


def _about(rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "evidence": listed(rows),
        "place": (rows[0].path, rows[0].difference.line),
        "names": [row.difference.package.name for row in rows],
    }


def lowered_remark(rows: Sequence[Row], standing: Standing) -> Insight:
    """Dependencies of one file that become older."""
    verb = "goes" if len(rows) == 1 else "go"
    return remark(
        "lowered",
        f"{_subject(rows)} {verb} back to an older version in {code(rows[0].path)}",
        f"Lowered: {_named(rows)}. Fixes released in between are lost. Merging an older branch often causes this.",
        remedy="If it is intended, say why in the pull request. Otherwise take the version of the base branch.",
        severity=Severity.MEDIUM,
        standing=standing,
        **_about(rows),
    )


def opened_remark(rows: Sequence[Row], standing: Standing) -> Insight:
    """Dependencies of one file that had an upper bound and have none now."""
    verb = "has" if len(rows) == 1 else "have"
    return remark(
        "opened",
        f"{_subject(rows)} {verb} no upper bound any more in {code(rows[0].path)}",
        f"Loosened: {_named(rows)}. No lock file in this change pins the version, so the next major release "
        "is installed without any change here.",
        remedy="Keep an upper bound, or commit a lock file.",
        severity=Severity.LOW,
        known="a lock file that this change does not touch may still pin it",
        standing=standing,
        **_about(rows),
    )


def source_remark(row: Row, standing: Standing) -> Insight:
    """A dependency that is not, or no longer, taken from its registry."""
    new = "new and " if row.difference.before is None else ""
    source = row.difference.package.source
    remedy = {
        Source.GIT: "Use a released version, or pin a full commit id.",
        Source.URL: "Use a released version, or add a hash to the URL.",
        Source.PATH: "Use a released version: the path exists on one machine only.",
    }.get(source, "")
    what = {Source.GIT: "a git repository", Source.URL: "a URL", Source.PATH: "a folder outside the repository"}
    return remark(
        "source",
        f"{code(row.difference.package.name, 80)} is {new}taken from {what.get(source, 'elsewhere')} "
        f"instead of {row.ecosystem.value}",
        f"{'Added' if new else 'Changed'}: {ends(row)}. "
        "A registry keeps every release unchanged; this source can change or disappear.",
        remedy=remedy,
        severity=Severity.MEDIUM,
        standing=standing,
        **_about([row]),
    )


def insecure_remark(path: str, url: str, line: int, standing: Standing) -> Insight:
    """A plain http source."""
    return remark(
        "plain-http",
        f"Packages are fetched over plain HTTP from {code(url, 100)}",
        "Anyone on the network path can replace what is installed.",
        remedy="Use `https://`.",
        severity=Severity.HIGH,
        standing=standing,
        evidence={"url": plain(url)},
        place=(path, line),
        names=[url],
    )


def unhashed_remark(path: str, facts: FileFacts, standing: Standing) -> Insight:
    """Checksums that were removed."""
    names = facts.unhashed
    share = len(names) / facts.hashed
    some = ", ".join(code(name, 80) for name in names[:_NAMED]) + (
        f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    )
    return remark(
        "hashes-removed",
        f"{len(names)} of {facts.hashed} checksums are removed from {code(path)}",
        f"The versions are unchanged, but nothing verifies them any more: {some}.",
        remedy="Generate the lock file again with a package manager that writes checksums.",
        severity=Severity.HIGH,
        known=f"{share:.0%} of the checksums, same versions, same format of the file",
        standing=standing,
        evidence={"names": [plain(name) for name in names[:LISTED]], "lost": len(names), "before": facts.hashed},
        place=(path, 1),
    )


def lock_mismatch_remark(found: Sequence[LockMismatch], standing: Standing) -> Insight:
    """A manifest and its lock that contradict each other."""
    first = found[0]
    names = [one.difference.package.name for one in found]
    sentence = "; ".join(
        f"{code(one.difference.package.name, 80)} is required as {code(shown(one.difference.package), 80)}, and "
        + (f"locked as {code(', '.join(one.locked[:3]), 80)}" if one.locked else "not locked")
        for one in found[:_NAMED]
    )
    return remark(
        "out-of-step",
        f"{code(first.lock)} does not match {code(first.manifest)}",
        f"{sentence[:1].upper()}{sentence[1:]}. Both files are part of this change.",
        remedy="Run the package manager's lock command and commit the result.",
        severity=Severity.MEDIUM,
        standing=standing,
        known="both files read at the head; markers and platforms are ignored",
        evidence={
            "manifest": plain(first.manifest),
            "lock": plain(first.lock),
            "missing": [
                {"name": plain(one.difference.package.name), "asked": plain(shown(one.difference.package)),
                 "locked": [plain(version) for version in one.locked[:10]]}
                for one in found
            ],
        },
        place=(first.manifest, first.difference.line),
        names=names,
    )  # fmt: skip


def majors_remark(rows: Sequence[Row], standing: Standing) -> Insight:
    """All dependencies that get a new major version, in one remark."""
    count = "A new major version comes" if len(rows) == 1 else f"{len(rows)} new major versions come"
    return remark(
        "major",
        f"{count} with this change: {', '.join(code(row.difference.package.name, 60) for row in rows[:_NAMED])}"
        + (f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""),
        f"Raised: {_named(rows)}.",
        remedy="If the other changes do not need it, a separate pull request is easier to revert.",
        severity=Severity.LOW,
        standing=standing,
        **_about(rows),
    )
