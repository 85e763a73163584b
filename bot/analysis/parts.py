"""The parts of a change that have nothing to do with one another, each with the words that name it.

Four kinds are told apart: one edit repeated through many files, renamed files that nothing else mentions, workflows
that nothing else mentions, and connected components of related files. A part that names what the rest changes follows
from it and is none (`consequence.py`). Two files are related if they share a folder, a
name or a rare identifier, changed together before, or mention each other (cf. Barnett, Bird, Brunet, Lahiri, "Helping
Developers Help Themselves: Automatic Decomposition of Code Review Changesets", ICSE 2015).
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import PurePosixPath

from bot import paths
from bot.analysis.consequence import follows_from
from bot.analysis.edits import edits, replaced_word
from bot.analysis.removed_names import DEFINITION, is_telling_name
from bot.domain.change import Change
from bot.domain.files import FileChange, FileStatus
from bot.text import code, count

LEAST_LINES = 400
_LEAST_PART = 0.25
_LEAST_REST = 20
_LEAST_REST_OF_REPEATED = 50
_MOST_FILES = 150
_SHOWN = 3
_LEAST_NAME = 5
_LEAST_REPEATED = 8
_MOST_REPEATED_LINES = 40
# An identifier that more of the changed files use than this does not relate them.
_COMMON = 4
_WORKFLOWS = re.compile(
    r"^\.github/(workflows|actions)/|^\.circleci/|^\.gitlab-ci\.yml$|^\.travis\.yml$|^azure-pipelines"
)
# What a workflow is changed along with: manifests, tools, images.
_BUILT = re.compile(
    r"(^|/)(package\.json|pyproject\.toml|setup\.(py|cfg)|tox\.ini|noxfile\.py|go\.mod|Cargo\.toml|Makefile|Dockerfile|"
    r"CMakeLists\.txt|justfile|Taskfile\.ya?ml|build\.gradle(\.kts)?|pom\.xml|Gemfile|composer\.json|deno\.json|"
    r"rust-toolchain(\.toml)?|\.(node|python|ruby|tool)-versions?|\.nvmrc|requirements[^/]*\.txt)$|\.(sh|nix|bazel|bzl)$",
    re.IGNORECASE,
)
_ABOUT_BUILDS = re.compile(
    r"\b(ci|workflows?|actions?|builds?|release|pipeline|test(s|ing)?|lint|publish)\b", re.IGNORECASE
)
_TOKEN = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True)
class Part:
    """Files of a change that could be a commit of their own. label: what they are, as Markdown."""

    label: str
    files: tuple[FileChange, ...]

    @property
    def lines(self) -> int:
        """Added and deleted lines."""
        return sum(map(lines_of, self.files))


def lines_of(file: FileChange) -> int:
    """Return the added and deleted lines of a file."""
    return (file.added or 0) + (file.deleted or 0)


def parts_of(change: Change, words: Mapping[str, frozenset[str]]) -> list[Part]:
    """Return the parts, the rest or the largest component last; fewer than two are none.

    words: the identifiers on the added lines of each file of code, by path.
    """
    files = [file for file in change.files if file.left_out is None and not paths.is_lock(file.path)]
    repeated = _repeated(files)
    taken = {file.path for part in repeated for file in part.files}
    others = [file for file in files if file.path not in taken]
    apart = [*_renames(others), *_workflows(change, others)]
    taken |= {file.path for part in apart for file in part.files}
    rest = [file for file in files if file.path not in taken]
    work = [file for file in rest if paths.is_shipped(file.path)]
    if sum(map(lines_of, work)) < (_LEAST_REST_OF_REPEATED if repeated else _LEAST_REST):
        return []
    components = _components(change, [file for file in rest if file.path in words], words)
    if len(components) < 2:
        components = [Part(_named(work), tuple(rest))]
    *smaller, last = [*repeated, *apart, *components]
    alone = [part for part in smaller if not _is_minor(part) and not follows_from(part.files, files, change.title)]
    return [*alone, last] if alone else []


def _is_minor(part: Part) -> bool:
    """Return whether a part is one line in one file: nobody makes a commit of it."""
    only = part.files[0]
    return len(part.files) == 1 and 0 < lines_of(only) <= 2 and max(only.added or 0, only.deleted or 0) <= 1


def _named(files: Sequence[FileChange]) -> str:
    most = sorted(files, key=lines_of, reverse=True)
    more = f" and {len(most) - _SHOWN} more" if len(most) > _SHOWN else ""
    total = count(sum(map(lines_of, files)), "line")
    return f"{total} in {', '.join(code(file.path) for file in most[:_SHOWN])}{more}"


def _repeated(files: Sequence[FileChange]) -> list[Part]:
    """Return the files that consist of edits which many files share, by their most common edit.

    An edit that names a file which the change adds or moves, or what it defines, follows from it and is no part.
    """
    keys = {file.path: keys for file in files if paths.is_shipped(file.path) and (keys := _edit_keys(file))}
    uses = Counter(key for found in keys.values() for key in found)
    placed = {PurePosixPath(file.path).name for file in files if file.status is not FileStatus.MODIFIED}
    groups: dict[tuple[str, str], list[FileChange]] = {}
    for file in files:
        found = keys.get(file.path)
        if found and all(uses[key] >= _LEAST_REPEATED for key in found):
            groups.setdefault(max(found, key=lambda key: (uses[key], key)), []).append(file)
    return [
        Part(f"{_edit_words(*key)} in {count(len(group), 'file')}", tuple(group))
        for key, group in groups.items()
        if len(group) >= _LEAST_REPEATED
        and not any(name in key[0] or name in key[1] for name in placed)
        and (not key[0] or _defined(files).isdisjoint(_TOKEN.findall(key[1])))
    ]


def _defined(files: Sequence[FileChange]) -> set[str]:
    """Return what added lines define."""
    lines = (line[:300] for file in files if paths.is_code(file.path) for _, line in file.added_lines())
    return {found["name"] for line in lines if (found := DEFINITION.match(line))}


def _edit_words(old: str, new: str) -> str:
    return f"{code(old, 60)} → {code(new, 60)}" if old else f"the new lines {code(new, 60)}"


def _edit_keys(file: FileChange) -> set[tuple[str, str]]:
    """Return what each edit of a file replaces by what: a word, a line, or nothing by new lines (a licence head).

    Empty if one of the edits is another, or moves lines.
    """
    keys: set[tuple[str, str]] = set()
    made = list(edits(file, gap=1))
    added = {line for edit in made for line in edit.new}
    for edit in made:
        if max(len(edit.old), len(edit.new)) > _MOST_REPEATED_LINES or not added.isdisjoint(edit.old):
            return set()
        if not edit.old and not edit.new:
            continue
        if not edit.old:
            keys.add(("", " ".join(edit.new)))
        elif len(edit.old) == len(edit.new):
            words = [replaced_word(old, new) or (old, new) for old, new in zip(edit.old, edit.new, strict=True)]
            keys |= set(words)
        else:
            return set()
    return keys


def _renames(files: Sequence[FileChange]) -> list[Part]:
    """Return the files that are renamed without an edit, if no other changed line mentions them."""
    renamed = [file for file in files if file.status is FileStatus.RENAMED and not lines_of(file)]
    others = [file for file in files if file not in renamed]
    said = {word for file in others for word in _changed_words(file)}
    folders = {PurePosixPath(file.path).parent for file in others if paths.is_code(file.path)}
    alone = [file for file in renamed if not _is_mentioned(file, said, folders)]
    if not alone or len(alone) < len(renamed):
        return []
    first = f"{code(alone[0].old_path or '')} → {code(alone[0].path)}"
    return [Part(f"the rename {first}{f' and {len(alone) - 1} more' if len(alone) > 1 else ''}", tuple(alone))]


def _is_mentioned(file: FileChange, said: set[str], folders: set[PurePosixPath]) -> bool:
    ends = [PurePosixPath(file.old_path or file.path), PurePosixPath(file.path)]
    in_folder = paths.is_code(file.path) and any(end.parent in folders for end in ends)
    names = {word for end in ends for word in _TOKEN.findall(end.name.partition(".")[0] or end.stem)}
    return in_folder or paths.is_test(file.path) or not names.isdisjoint(said)


def _changed_words(file: FileChange) -> set[str]:
    return {word for edit in edits(file) for line in (*edit.old, *edit.new) for word in _TOKEN.findall(line[:300])}


def _workflows(change: Change, files: Sequence[FileChange]) -> list[Part]:
    """Return the edited workflows beside code, if neither title nor the other files have to do with them."""
    flows = [file for file in files if _WORKFLOWS.search(file.path)]
    others = [file for file in files if file not in flows and not paths.is_test(file.path)]
    edited = bool(flows) and all(file.status is FileStatus.MODIFIED for file in flows)
    if not edited or _ABOUT_BUILDS.search(change.title) or any(_BUILT.search(file.path) for file in others):
        return []
    telling = {word for file in flows for word in _changed_words(file) if is_telling_name(word)}
    said = {word for file in others if not paths.is_docs(file.path) for word in _changed_words(file)}
    stems = {PurePosixPath(file.path).stem for file in others}
    if telling & (said | stems):
        return []
    return [Part(f"the workflows {', '.join(code(file.path) for file in flows[:_SHOWN])}", tuple(flows))]


def _components(change: Change, files: Sequence[FileChange], words: Mapping[str, frozenset[str]]) -> list[Part]:
    """Return the substantial connected components of a large change of code, smallest first."""
    total = sum(map(lines_of, files))
    if total < LEAST_LINES or len(files) > _MOST_FILES or change.history is None:
        return []
    group = {file.path: file.path for file in files}

    def root(path: str) -> str:
        while group[path] != path:
            path = group[path]
        return path

    for one, other in _related_pairs(change, files, words):
        group[root(one)] = root(other)
    found: dict[str, list[FileChange]] = {}
    for file in files:
        found.setdefault(root(file.path), []).append(file)
    large = [
        part
        for part in found.values()
        if sum(map(lines_of, part)) >= total * _LEAST_PART and any(paths.is_shipped(file.path) for file in part)
    ]
    return [Part(_named(part), tuple(part)) for part in sorted(large, key=lambda part: sum(map(lines_of, part)))]


def _related_pairs(
    change: Change, files: Sequence[FileChange], words: Mapping[str, frozenset[str]]
) -> Iterable[tuple[str, str]]:
    together = {
        frozenset((past.path, companion.path))
        for past in (change.history.files if change.history else ())
        for companion in past.companions
    }
    uses = Counter(word for file in files for word in words[file.path])
    rare = {word for word, number in uses.items() if 1 < number <= _COMMON}
    for one, other in combinations(files, 2):
        if (
            PurePosixPath(one.path).parent == PurePosixPath(other.path).parent
            or paths.tested_name(one.path) == paths.tested_name(other.path)
            or frozenset((one.path, other.path)) in together
            or words[one.path] & words[other.path] & rare
            or _mentions(one, words[other.path])
            or _mentions(other, words[one.path])
        ):
            yield one.path, other.path


def _mentions(file: FileChange, words: frozenset[str]) -> bool:
    stem = PurePosixPath(file.path).stem
    return len(stem) >= _LEAST_NAME and stem in words
