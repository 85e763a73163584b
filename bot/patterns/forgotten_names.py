"""Finds options that code defines and a manual page or a shell completion lists, and that the latter gets too late."""

import re
from collections.abc import Collection, Iterator
from pathlib import PurePosixPath

from bot import paths
from bot.domain.fix_patterns import ForgottenNames, LateName
from bot.domain.patch_details import PatchDetails
from bot.patterns.selection import is_coupling_evidence

_LEAST_COMMON = 10
# The share of the names of the listing that the source has, and of the source that the listing has.
_LEAST_SHARE = 0.6
_LEAST_BROUGHT = 5
_LEAST_FORGOTTEN = 3
_NEARLY_ALL = 0.8
_MOST_LACKING = 15
_MOST = 4
_COMPLETIONS = frozenset({"completion", "completions", "complete", "autocomplete"})
_MANUALS = frozenset({"man", "manual", "man1"})


def may_list(path: str) -> bool:
    """Whether a file may define options or list them: code, a manual page or a shell completion, and no test."""
    return is_coupling_evidence(path) and (paths.is_production(path) or is_listing(path))


def is_listing(path: str) -> bool:
    """Whether a file is a manual page or a shell completion, from which a user expects all options."""
    return _is_manual(path) or bool(_words(path) & _COMPLETIONS)


def _is_manual(path: str) -> bool:
    suffix = PurePosixPath(path).suffix
    return bool(_words(path) & _MANUALS) or (len(suffix) == 2 and suffix[1].isdigit())


def _words(path: str) -> set[str]:
    return set(re.split(r"[^a-z0-9]+", path.lower()))


def forgotten_names(details: PatchDetails) -> tuple[ForgottenNames, ...]:
    """The pairs of files, those with the most late and missing options first."""
    pairs = list(_pairs(details))
    found = []
    for source, listing in pairs:
        others = [other for path, other in pairs if path == source and other != listing]
        # What no other listing has is meant to be unknown; with a single listing, that cannot be told.
        names = (
            [details.listings[path].names for path in (*others, listing)]
            if others
            else [details.listings[source].names]
        )
        if (one := _judged(source, listing, frozenset().union(*names), details)) is not None:
            found.append(one)
    found.sort(key=lambda one: (-len(one.late) - len(one.missing), one.source, one.listing))
    return tuple(found[:_MOST])


def _pairs(details: PatchDetails) -> Iterator[tuple[str, str]]:
    """Each listing with the file of code that defines most of its options; without one, with a manual page."""
    code = [path for path in details.listings if not is_listing(path)]
    manuals = [path for path in details.listings if _is_manual(path)]
    for listing in sorted(path for path in details.listings if is_listing(path)):
        for sources in (code, manuals if not _is_manual(listing) else []):
            source = max(sorted(sources), key=lambda path: len(_common(path, listing, details)), default=None)
            if source is not None and _lists(source, listing, details):
                yield source, listing
                break


def _common(source: str, listing: str, details: PatchDetails) -> frozenset[str]:
    return details.listings[source].names & details.listings[listing].names


def _lists(source: str, listing: str, details: PatchDetails) -> bool:
    """Whether most options of one file are in the other one, both ways."""
    common, names = len(_common(source, listing, details)), details.listings[listing].names
    defined = {name for name in details.listings[source].names if not _is_inverse(name, names)}
    return common >= max(_LEAST_COMMON, _LEAST_SHARE * len(names)) and common >= _LEAST_SHARE * len(defined)


def _is_inverse(name: str, listed: frozenset[str]) -> bool:
    """Whether it is the inverse of another option, which lists leave out: `--no-color`, or `--color` of that."""
    return name.startswith("--no-") or f"--no-{name[2:]}" in listed


def _judged(source: str, listing: str, known: Collection[str], details: PatchDetails) -> ForgottenNames | None:
    """known: the options that any listing of the source has."""
    defined, listed = details.listings[source], details.listings[listing]
    brought = [
        name
        for name in defined.brought
        if name in defined.names
        and name not in defined.before
        and name in known
        and defined.shows(name)
        and not _is_inverse(name, listed.names)
    ]
    late, missing = [], []
    for name in brought:
        change, added = defined.brought[name], listed.brought.get(name)
        if name not in listed.names:
            missing.append(LateName(name=name, brought=change))
        elif not (name in listed.before or added is None or added.sha == change.sha or added.when < change.when):
            late.append(LateName(name=name, brought=change, added=added))
    lacking = _lacking(source, listing, known, details)
    is_late = len(brought) >= _LEAST_BROUGHT and len(late) + len(missing) >= _LEAST_FORGOTTEN
    if not is_late and len(lacking) < _LEAST_FORGOTTEN:
        return None
    repairs = {name.added.sha: name.added for name in late if name.added is not None}
    return ForgottenNames(
        source=source,
        listing=listing,
        brought=len(brought),
        in_time=len(brought) - len(late) - len(missing),
        late=tuple(sorted(late, key=lambda one: -one.brought.when)),
        missing=tuple(sorted(missing, key=lambda one: -one.brought.when)),
        lacking=lacking,
        common=len(defined.names & listed.names),
        repairs=tuple(sorted(repairs.values(), key=lambda one: -one.when)),
    )


def _lacking(source: str, listing: str, known: Collection[str], details: PatchDetails) -> tuple[str, ...]:
    """The options that a nearly complete listing lacks."""
    listed = details.listings[listing].names
    names = details.listings[source]
    defined = {name for name in names.names if name in known and names.shows(name) and not _is_inverse(name, listed)}
    lacking = sorted(defined - listed)
    is_complete = len(defined & listed) >= _NEARLY_ALL * len(defined) and len(lacking) <= _MOST_LACKING
    return tuple(lacking) if is_complete else ()
