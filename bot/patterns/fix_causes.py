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
from bot.patterns.fixes import Fixes, most_hits, tarone, title_words

# In real projects with permuted labels, fewer than one in twenty had a cause at this level (docs/patterns.md).
_LEVEL = 0.1
_LEAST_CHANGES = 15
_LEAST_FIXES = 5
_LEAST_NAMED = 4
_MOST_FILES = 60
_MOST_WORDS = 3
_MOST = 6
_SAME = 0.5
_MOST_UNTESTED = 5


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A word in the titles of the changes of a scope.

    scope: the places of its changes. named, fixed: those whose titles have the word, and the fixes among them.
    all_fixed: how many fixes the scope has.
    """

    path: str
    word: str
    scope: frozenset[int]
    named: frozenset[int]
    fixed: frozenset[int]
    all_fixed: int

    @property
    def margins(self) -> tuple[int, int, int]:
        """How many changes have the word, how many are fixes, and how many there are."""
        return len(self.named), self.all_fixed, len(self.scope)


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
    causes = [_cause(group, fixes, production) for group in _joined(_significant(candidates))]
    found = sorted((one for one in causes if one.fixes_year), key=lambda one: (-_excess(one), one.path, one.words))
    return tuple(_told_once(found)[:_MOST])


def _candidates(path: str, scope: frozenset[int], words: Sequence[frozenset[str]], fixes: Fixes) -> list[_Candidate]:
    fixed = _fixed(scope, fixes)
    if len(fixed) < _LEAST_FIXES:
        return []
    places: dict[str, list[int]] = defaultdict(list)
    for place in scope:
        for word in words[place]:
            places[word].append(place)
    often = sorted(word for word, found in places.items() if _LEAST_NAMED <= len(found) < len(scope) / 2)
    named = ((word, frozenset(places[word])) for word in often)
    return [_Candidate(path, word, scope, own, own & fixed, len(fixed)) for word, own in named]


def _significant(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    smallest = [most_hits(min(one.margins[:2]), *one.margins) for one in candidates]
    level = tarone(smallest, _LEVEL)
    return [
        one
        for one, least in zip(candidates, smallest, strict=True)
        if len(one.fixed) >= _LEAST_NAMED and least < level and most_hits(len(one.fixed), *one.margins) < level
    ]


def _joined(found: Sequence[_Candidate]) -> list[list[_Candidate]]:
    """Words of one scope whose fixes are mostly the same, together."""
    groups: list[list[_Candidate]] = []
    for one in sorted(found, key=lambda one: (one.path, -len(one.named), one.word)):
        for group in groups:
            first = group[0]
            shared = len(one.fixed & first.fixed) >= _SAME * min(len(one.fixed), len(first.fixed))
            if first.path == one.path and (shared or _is_part(one.word, first.word)):
                group.append(one)
                break
        else:
            groups.append([one])
    return groups


def _is_part(one: str, other: str) -> bool:
    """Whether one word is a part of the other one, as in `schema` and `jsonschema`."""
    return min(len(one), len(other)) > 3 and (one in other or other in one)


def _fixed(places: frozenset[int], fixes: Fixes) -> frozenset[int]:
    return frozenset(place for place in places if fixes.is_fix(place))


def _cause(group: Sequence[_Candidate], fixes: Fixes, production: set[str]) -> FixCause:
    path, kept = group[0].path, group[:_MOST_WORDS]
    own = frozenset().union(*(one.named for one in kept))
    fixed, rest = _fixed(own, fixes), group[0].scope - own
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
        commits=fixes.commits(fixed),
        untested=fixes.commits(fixes.recent(fixed - fixes.test_places), _MOST_UNTESTED),
        tests=fixes.tests_of(fixed, path),
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
