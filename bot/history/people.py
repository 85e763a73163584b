"""Who is who: `.mailmap` as in gitmailmap(5), one person for one address, and which of them are bots. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

Ident = tuple[str, str]

_ENTRY = re.compile(r"^([^<]*)<([^>]*)>(?:([^<]*)<([^>]*)>)?")
_NOREPLY = re.compile(r"^(?:\d+\+)?([^@]+)@users\.noreply\.github\.com$")
_BOT = re.compile(
    r"\[bot\]|^(dependabot|renovate|greenkeeper|pyup|snyk|imgbot|mergify|weblate|hosted weblate|github[- ]actions?|bors"
    r"|pre-commit(-ci)?|codecov|allcontributors|all-contributors|semantic-release|transifex|crowdin|travis ci|circleci"
    r"|patchback|scala steward|depfu|whitesource|mend|deepsource|lgtm|restyled|sourcery|copilot swe agent)\b"
    r"|[-_ .]bot\b|\bbot@|^bot\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Person:
    """One person under the name and address to show; `idents` are positions in what `merge_people` was given."""

    name: str
    email: str
    bot: bool
    idents: tuple[int, ...]


def is_bot(name: str, email: str) -> bool:
    """Whether a name or address is that of a program that writes commits."""
    return bool(_BOT.search(name) or _BOT.search(email))


class Mailmap:
    """A parsed `.mailmap`. Later lines win over earlier ones; addresses and names match in any case."""

    def __init__(self, content: bytes) -> None:
        self._by_email: dict[str, Ident] = {}
        self._by_both: dict[Ident, Ident] = {}
        for line in content.decode("utf-8", "backslashreplace").split("\n"):
            if not line.startswith("#") and (match := _ENTRY.match(line.strip())):
                self._add(*(part.strip() if part is not None else None for part in match.groups()))

    def _add(self, name: str | None, email: str | None, old_name: str | None, old_email: str | None) -> None:
        if old_email is None:
            key, proper = (email or "").lower(), (name or "", "")
        else:
            key, proper = old_email.lower(), (name or "", email or "")
        if old_name:
            self._by_both[old_name.lower(), key] = proper
        else:
            before = self._by_email.get(key, ("", ""))
            self._by_email[key] = (proper[0] or before[0], proper[1] or before[1])

    def resolve(self, name: str, email: str) -> Ident:
        """The proper name and address of a commit's ident; the ident itself where nothing is said of it."""
        key = email.lower()
        proper = self._by_both.get((name.lower(), key)) or self._by_email.get(key, ("", ""))
        return proper[0] or name, proper[1] or email


def merge_people(idents: Iterable[Ident], mailmap: bytes = b"") -> list[Person]:
    """Persons in the order of their first ident. Equal addresses are one person; where there is none, equal names.

    Two addresses of GitHub for one login (with and without its number) are one.
    """
    mapped = Mailmap(mailmap)
    groups: dict[str, list[tuple[int, Ident, bool]]] = {}
    for position, ident in enumerate(idents):
        proper = mapped.resolve(*ident)
        groups.setdefault(person_key(*proper), []).append((position, proper, proper != ident))
    people = []
    for members in groups.values():
        # A name from the mailmap is what the person wants to be called.
        shown = next((proper for _, proper, changed in members if changed), members[0][1])
        bot = any(is_bot(*proper) for _, proper, _ in members)
        people.append(Person(*shown, bot, tuple(position for position, _, _ in members)))
    return people


def person_key(name: str, email: str) -> str:
    """Equal for what is one person: the address, GitHub's login in it, or the name where there is none."""
    address = email.lower()
    if address.endswith("@users.noreply.github.com") and (match := _NOREPLY.match(address)):
        return f"github:{match[1]}"
    return f"mail:{address}" if "@" in address else f"name:{name.lower()}|{address}"
