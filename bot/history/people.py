"""Merges author idents into persons with `.mailmap` (gitmailmap(5)) and their addresses, and detects bots. Pure."""

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
    """A person.

    name, email: to be shown.
    idents: positions in the argument of `merge_people`.
    """

    name: str
    email: str
    bot: bool
    idents: tuple[int, ...]


def is_bot(name: str, email: str) -> bool:
    """Return whether a name or an address is that of a bot."""
    return bool(_BOT.search(name) or _BOT.search(email))


class Mailmap:
    """A parsed `.mailmap`. Later lines override earlier ones. Names and addresses are compared without case."""

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
        """Return the mapped name and address of an ident, or the ident itself if the mailmap does not contain it."""
        key = email.lower()
        proper = self._by_both.get((name.lower(), key)) or self._by_email.get(key, ("", ""))
        return proper[0] or name, proper[1] or email


def merge_people(idents: Iterable[Ident], mailmap: bytes = b"") -> list[Person]:
    """Merge idents into persons, in the order of their first ident.

    Idents with equal addresses are one person; without an address those with equal names. The two noreply addresses
    that GitHub has for a login (with and without its number) are equal.
    """
    mapped = Mailmap(mailmap)
    groups: dict[str, list[tuple[int, Ident, bool]]] = {}
    for position, ident in enumerate(idents):
        proper = mapped.resolve(*ident)
        groups.setdefault(person_key(*proper), []).append((position, proper, proper != ident))
    people = []
    for members in groups.values():
        # Prefer a name from the mailmap.
        shown = next((proper for _, proper, changed in members if changed), members[0][1])
        bot = any(is_bot(*proper) for _, proper, _ in members)
        people.append(Person(*shown, bot, tuple(position for position, _, _ in members)))
    return people


def person_key(name: str, email: str) -> str:
    """Return a key that all idents of a person share: the login of a noreply address, the address, or the name."""
    address = email.lower()
    if address.endswith("@users.noreply.github.com") and (match := _NOREPLY.match(address)):
        return f"github:{match[1]}"
    return f"mail:{address}" if "@" in address else f"name:{name.lower()}|{address}"
