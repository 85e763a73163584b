"""Finds causes of fixes: words that the titles of fixes share, and those of other changes of the same file do not.

A word that is frequent in all titles names a part of the program, not a cause of faults. So the share of fixes among
the changes that name it is compared with that of the other changes of the file (Fisher's test). All words of all files
are looked at; the level is corrected for those that could be significant at all (Tarone, Biometrics 46, 1990).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bot import paths
from bot.domain.changed_files import ChangedFiles
from bot.domain.fix_patterns import FixCause
from bot.domain.periods import YEAR
from bot.patterns.fixes import Fixes, most_hits, most_words, tarone, title_parts, title_words

# In real projects with permuted labels, fewer than one in twenty had a cause at this level (docs/patterns.md).
_LEVEL = 0.1
_LEAST_CHANGES = 15
_LEAST_FIXES = 5
_LEAST_NAMED = 4
_MOST_FILES = 60
_MOST_WORDS = 3
_MOST = 6
_SAME = 0.5
_LEAST_PART = 3


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A word in the titles of the changes of a scope. named: their places; others: the other changes of the scope."""

    path: str
    word: str
    named: frozenset[int]
    others: frozenset[int]


def fix_causes(fixes: Fixes, changed: ChangedFiles) -> tuple[FixCause, ...]:
    """The causes, those with the most fixes above the usual share first. None is told twice, in a file and for all."""
    words = [title_words(change.subject) for change in fixes.work.changes]
    production = {file.path for file in changed.files.values() if paths.is_production(file.path)}
    scopes = {path: frozenset(fixes.of(path)) for path in production if len(fixes.of(path)) >= _LEAST_CHANGES}
    most = sorted(scopes, key=lambda path: (-len(scopes[path]), path))[:_MOST_FILES]
    everything = frozenset(place for path in production for place in fixes.of(path))
    candidates = [
        candidate
        for path, scope in [*((path, scopes[path]) for path in most), ("", everything)]
        for candidate in _candidates(path, scope, words, fixes)
    ]
    causes = [_cause(group, fixes, production) for group in _joined(_significant(candidates, fixes), fixes)]
    found = sorted((one for one in causes if one.fixes_year), key=lambda one: (-_excess(one), one.path, one.words))
    return tuple(_told_once(found)[:_MOST])


def _candidates(path: str, scope: frozenset[int], words: Sequence[frozenset[str]], fixes: Fixes) -> list[_Candidate]:
    if sum(fixes.change(place).is_fix for place in scope) < _LEAST_FIXES:
        return []
    counts = most_words(words[place] for place in scope)
    found = []
    for word in sorted(word for word, count in counts.items() if _LEAST_NAMED <= count < len(scope) / 2):
        own = frozenset(place for place in scope if word in words[place])
        found.append(_Candidate(path, word, own, scope - own))
    return found


def _significant(candidates: Sequence[_Candidate], fixes: Fixes) -> list[_Candidate]:
    margins = [_margins(one, fixes) for one in candidates]
    smallest = [most_hits(min(drawn, marked), drawn, marked, total) for _, drawn, marked, total in margins]
    level = tarone(smallest, _LEVEL)
    return [
        one
        for one, (hits, drawn, marked, total), least in zip(candidates, margins, smallest, strict=True)
        if hits >= _LEAST_NAMED and least < level and most_hits(hits, drawn, marked, total) < level
    ]


def _margins(one: _Candidate, fixes: Fixes) -> tuple[int, int, int, int]:
    hits = sum(fixes.change(place).is_fix for place in one.named)
    rest = sum(fixes.change(place).is_fix for place in one.others)
    return hits, len(one.named), hits + rest, len(one.named) + len(one.others)


def _joined(found: Sequence[_Candidate], fixes: Fixes) -> list[list[_Candidate]]:
    """Words of one scope whose fixes are mostly the same, together."""
    groups: list[list[_Candidate]] = []
    for one in sorted(found, key=lambda one: (one.path, -len(one.named), one.word)):
        own = _fixed(one.named, fixes)
        for group in groups:
            if group[0].path == one.path and (_overlap(own, group[0], fixes) or _is_part(one.word, group[0].word)):
                group.append(one)
                break
        else:
            groups.append([one])
    return groups


def _overlap(own: frozenset[int], other: _Candidate, fixes: Fixes) -> bool:
    others = _fixed(other.named, fixes)
    return len(own & others) >= _SAME * min(len(own), len(others))


def _is_part(one: str, other: str) -> bool:
    """Whether one word is a part of the other one, as in `schema` and `jsonschema`."""
    return min(len(one), len(other)) > 3 and (one in other or other in one)


def _fixed(places: frozenset[int], fixes: Fixes) -> frozenset[int]:
    return frozenset(place for place in places if fixes.change(place).is_fix)


def _cause(group: Sequence[_Candidate], fixes: Fixes, production: set[str]) -> FixCause:
    path, kept = group[0].path, group[:_MOST_WORDS]
    scope = group[0].named | group[0].others
    own = frozenset().union(*(one.named for one in kept))
    fixed, rest = _fixed(own, fixes), scope - own
    recent = {place for place in own if fixes.work.until - fixes.change(place).when < YEAR}
    files: dict[str, list[int]] = defaultdict(list)
    for name in (path,) if path else sorted(production):
        for place in fixed.intersection(fixes.of(name)):
            files[name].append(place)
    touched: dict[int, list[str]] = defaultdict(list)
    for name, places in files.items():
        for place in places:
            touched[place].append(name)
    return FixCause(
        path=path,
        words=tuple(one.word for one in kept),
        changes=len(own),
        fixes=len(fixed),
        changes_year=len(recent),
        fixes_year=len(recent & fixed),
        rest_changes=len(rest),
        rest_fixes=len(_fixed(rest, fixes)),
        tested=len(fixed & fixes.test_places),
        repaired=fixes.repairs(fixed, path),
        functions=fixes.functions(sorted(fixed), lambda place: touched[place]),
        files=() if path else fixes.parts(files, 2),
        parts=fixes.parts(title_parts(fixed, fixes, {one.word for one in kept}), _LEAST_PART),
        commits=fixes.commits(fixed),
        untested=fixes.commits(filter(fixes.is_testable, fixed - fixes.test_places), 5),
        others=fixes.commits(own - fixed),
    )


def _excess(one: FixCause) -> float:
    return one.fixes_year - one.changes_year * one.rest_fixes / max(1, one.rest_changes)


def _told_once(found: Sequence[FixCause]) -> list[FixCause]:
    kept: list[FixCause] = []
    for one in sorted(found, key=lambda cause: not cause.path):
        own = {commit.sha for commit in one.commits}
        if all(len(own & {commit.sha for commit in other.commits}) < _SAME * len(own) for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda cause: (-_excess(cause), cause.path, cause.words))
