"""Which files list the siblings of a new member without it. Pure.

A file lists them if it names four fifths of them, each with the same marks around it: a list in a document, a schema, a
completion of a shell, a stub. What it names otherwise, it may name by chance.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from bot import paths
from bot.analysis.places import is_written_here
from bot.analysis.unlisted.members import LEAST_SIBLINGS, has_parts
from bot.domain.tree import Listing, Member, Mention

_LEAST_SHARE = 0.8
# Of a schema, a stub or a completion, which name all that there is of one thing, or are about another.
_LEAST_SHARE_OF_CODE = 0.9
# Names that so many files list are no names of this family.
_MOST_LISTS = 4
_MOST_CANDIDATES = 20
_SEARCHED = 3
_MOST_FOUND = 2_000
_MOST_LINE = 400
_LISTS = re.compile(
    r"\.pyi$|\.fish$|schema[\w.-]*\.json$|(^|/)schemas?/[^/]+\.json$|(^|/)[\w.-]*complet[\w.-]*$|(^|/)_[\w-]+$",
    re.IGNORECASE,
)
# Of code, only the completions of shells and stubs are lists.
_SHELLS = (".sh", ".bash", ".zsh", ".ps1", ".pyi")
_SETTINGS = re.compile(r"\.(ya?ml|toml|jsonc?|json5|cfg|ini)$|(^|/)(CODEOWNERS|MANIFEST\.in)$")
# What is searched, as patterns of git.
PATTERNS = tuple("*.md *.mdx *.rst *.adoc *.1 *.pyi *.d.ts *.fish *schema*.json *complet*".split())
PATTERNS_OF_FILES = ("*.yml", "*.yaml", "*.toml", "*.json", "*CODEOWNERS", "*MANIFEST.in")


def searched(member: Member) -> tuple[str, ...]:
    """Return the longest names of its siblings, which are rare enough to be searched."""
    return tuple(sorted(member.siblings, key=len, reverse=True)[:_SEARCHED])


def candidates(found: Sequence[Member], mentions: Iterable[Mention]) -> list[str]:
    """Return the files that may list the siblings of a member, those with most of the searched names first."""
    held: dict[str, set[str]] = defaultdict(set)
    names = {name: re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])") for one in found for name in searched(one)}
    for line in mentions:
        held[line.path].update(name for name, form in names.items() if name in line.text and form.search(line.text))
    possible = {
        path: max(sum(name in held[path] for name in searched(one)) for one in found if _can_list(one, path))
        for path in held
        if any(_can_list(one, path) for one in found)
    }
    enough = [path for path, count in possible.items() if count >= _SEARCHED - 1]
    return sorted(enough, key=lambda path: (-possible[path], path))[:_MOST_CANDIDATES]


def lists_without(found: Sequence[Member], texts: Mapping[str, str]) -> list[Listing]:
    """Return the lists that name the siblings of a member and not itself. texts: the files at the head, by path."""
    plain = {path: _plain(text) for path, text in texts.items()}
    listings = []
    for member in found:
        lists = [told for path, text in texts.items() if (told := _listing(member, path, text)) is not None]
        if len(lists) <= _MOST_LISTS:
            listings += [told for told in lists if _plain(member.name) not in plain[told.path]]
    return listings


def _listing(member: Member, path: str, text: str) -> Listing | None:
    least = _least(member, path)
    if not _can_list(member, path) or sum(one in text for one in member.siblings) < least:
        return None
    marks: dict[str, dict[str, int]] = {}
    for sibling in member.siblings:
        form = re.compile(rf"(?<![\w-])(?:[\w-]{{1,60}}[.:/])?{re.escape(sibling)}(?![\w-])")
        for number, match in enumerate(form.finditer(text)):
            if number > _MOST_FOUND:
                return None
            before = text[max(0, match.start() - 4) : match.start()].rstrip(" ")[-1:] or "\n"
            if before == ".":
                continue  # a call in an example, which need not have all
            marks.setdefault(f"{before}\0{text[match.end() : match.end() + 1]}", {}).setdefault(sibling, match.start())
    # Of two lists in a file, the first: it explains, and examples follow.
    listed = max(marks.values(), key=lambda held: (len(held), -min(held.values())), default={})
    if len(listed) < least:
        return None
    named = tuple(one for one in member.siblings if one in listed)
    if not _is_family(member, path, named):
        return None
    return Listing(member, path, named, _line(path, text, listed[named[0]]))


def _least(member: Member, path: str) -> float:
    """Return how many siblings a list must name: one more where it does not lie beside the member."""
    share = _LEAST_SHARE if paths.is_docs(path) else _LEAST_SHARE_OF_CODE
    return max(LEAST_SIBLINGS + (not _is_beside(member, path)), share * len(member.siblings))


def _is_family(member: Member, path: str, named: Sequence[str]) -> bool:
    """Return whether the names say what they belong to: elsewhere than beside the member, most have two parts."""
    return member.kind != "name" or _is_beside(member, path) or sum(map(has_parts, named)) >= LEAST_SIBLINGS


def _is_beside(member: Member, path: str) -> bool:
    return PurePosixPath(path).parent == PurePosixPath(member.path).parent


def _line(path: str, text: str, at: int) -> Mention:
    start = text.rfind("\n", 0, at) + 1
    return Mention(path, text.count("\n", 0, at) + 1, text[start : start + _MOST_LINE].partition("\n")[0])


def _can_list(member: Member, path: str) -> bool:
    is_file = member.kind in {"file", "folder"} and not paths.is_manifest(path)
    is_foreign = paths.is_code(path) and not path.endswith(_SHELLS)
    is_list = paths.is_docs(path) or (_LISTS.search(path) and not is_foreign) or (is_file and _SETTINGS.search(path))
    # Compilers compare the types of TypeScript with its code, not with that of JavaScript.
    is_types = path.endswith(".d.ts") and member.path.endswith((".js", ".mjs", ".cjs"))
    is_ours = is_written_here(path) and not paths.is_test(path) and not path.endswith(".txt")
    return path != member.path and bool(is_list or is_types) and is_ours


def _plain(text: str) -> str:
    return re.sub(r"[-_ ]", "", text).lower()


def by_list(listings: Iterable[Listing]) -> dict[str, list[Listing]]:
    """Return the listings by the path of the list, the list that lacks most members first."""
    found: dict[str, list[Listing]] = defaultdict(list)
    for one in listings:
        found[one.path].append(one)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))
