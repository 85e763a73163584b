"""Merges author idents into persons, with `.mailmap` (gitmailmap(5)), their addresses and their names. Pure.

Two idents are one person if they share a key: the address, GitHub's login in a noreply address, the name with the local
part of the address, or the full name. Names that many have (a first name, "root", "Your Name") join nobody.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from bot.history.programs import is_bot, login_of

Ident = tuple[str, str]

# As in the records of the history: no name and no address of a person is longer.
_LONGEST = 500
_ENTRY = re.compile(r"^([^<]*)<([^>]*)>(?:([^<]*)<([^>]*)>)?")
# Addresses that git or a guide writes where none is set: many people have the same one.
_SHARED_ADDRESS = re.compile(
    r"^(?:[^@]*|.*@(?:localhost(?:\..*)?|none|unknown|host|example|.*\.local|.*\(none\))"
    r"|(?:you|your\.?(?:email|name)|user|root|none|nobody|no-?reply)@.*"
    r"|(?:name|email|me|test|git|mail|info)@(?:example|test|domain|company|email|mail)\..*)$"
)
_SHARED_NAMES = frozenset(
    {
        "your name", "first last", "firstname lastname", "name surname", "full name", "john doe", "jane doe",
        "test user", "git user", "no name", "no author", "unknown author", "mac user", "ubuntu user", "user name",
        "root user", "the author", "system administrator", "github user", "dev user", "code review", "admin user",
    }
)  # fmt: skip
# First names of eight letters and more; shorter ones are not asked.
_FIRST_NAMES = frozenset(
    "alejandro alexander alexandra alexandre anastasia benjamin catherine christian christina christoph christophe"
    " christopher dominique ekaterina elizabeth emmanuel fernando francesca francesco francisco frederic frederik"
    " gabriele giovanni guillaume henrique johannes jonathan katherine konstantin krzysztof leonardo magdalena margaret"
    " matthias matthieu maximilian mohammad mohammed muhammad nicholas santiago sebastian sebastien stanislav stephanie"
    " thorsten valentin victoria vladimir wojciech abdullah svetlana".split()
)
_ASIDE = re.compile(r"\([^)]{0,60}\)|\[[^\]]{0,60}\]")
_CJK = re.compile("^[\u3040-\u9fff\uac00-\ud7af]{3,8}$")
_LONG_NAME, _LONG_LOCAL = 8, 6
# A name in one word that looks like the name of an account, and not like a first name.
_HANDLE = re.compile(r"^(?=.*[a-z])(?=.*[\d_-])[\w-]{5,39}$")


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


class Mailmap:
    """A parsed `.mailmap`. Later lines override earlier ones. Names and addresses are compared without case."""

    def __init__(self, content: bytes) -> None:
        self._by_email: dict[str, Ident] = {}
        self._by_both: dict[Ident, Ident] = {}
        for line in content.decode("utf-8", "backslashreplace").split("\n"):
            if not line.startswith("#") and len(line) <= 4 * _LONGEST and (match := _ENTRY.match(line.strip())):
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


@dataclass(slots=True)
class Joined:
    """What `People.add` found. person: the number of the person. absorbed: persons that turned out to be the same."""

    person: int
    absorbed: tuple[int, ...] = ()


class People:
    """Joins idents into persons as they come. A person has the lowest number of its idents."""

    def __init__(self, mailmap: bytes = b"") -> None:
        self._map = Mailmap(mailmap)
        self._by_key: dict[str, int] = {}
        self._parent: dict[int, int] = {}

    def add(self, number: int, ident: Ident) -> Joined:
        """Add an ident with a number that is higher than all before."""
        keys = person_keys(*self._map.resolve(*ident))
        roots = sorted({self.person(self._by_key[key]) for key in keys if key in self._by_key})
        person = roots[0] if roots else number
        for other in (number, *roots):
            self._parent[other] = person
        for key in keys:
            self._by_key[key] = person
        return Joined(person, tuple(roots[1:]))

    def person(self, number: int) -> int:
        """Return the person of an ident."""
        while (parent := self._parent[number]) != number:
            self._parent[number] = self._parent[parent]
            number = parent
        return number


def merge_people(idents: Iterable[Ident], mailmap: bytes = b"") -> list[Person]:
    """Merge idents into persons, in the order of their first ident."""
    mapped, people = Mailmap(mailmap), People(mailmap)
    members: list[tuple[Ident, bool]] = []
    for position, ident in enumerate(idents):
        people.add(position, ident)
        proper = mapped.resolve(*ident)
        members.append((proper, proper != ident))
    groups: dict[int, list[int]] = {}
    for position in range(len(members)):
        groups.setdefault(people.person(position), []).append(position)
    return [_person(members, positions) for positions in groups.values()]


def _person(members: list[tuple[Ident, bool]], positions: list[int]) -> Person:
    # Prefer a name from the mailmap, then an address where mail arrives.
    own = [members[position] for position in positions]
    shown = next((proper for proper, changed in own if changed), None)
    shown = shown or next((proper for proper, _ in own if login_of(proper[1]) is None), own[0][0])
    return Person(*shown, any(is_bot(*proper) for proper, _ in own), tuple(positions))


@lru_cache(maxsize=65_536)
def person_keys(name: str, email: str) -> tuple[str, ...]:
    """Return the keys of an ident. Idents that share one are the same person. A program has its name only."""
    address, plain = email.strip().lower(), _plain_name(name)
    if is_bot(name, email):
        return (f"bot:{plain or address}",)
    login = login_of(address)
    local = login or address.partition("@")[0].partition("+")[0]
    words = plain.split()
    if login is not None:
        keys = [f"login:{login}"]
    elif _SHARED_ADDRESS.match(address):
        keys, local = [f"shared:{name.strip().lower()}|{address}"], ""
    else:
        keys = [f"mail:{address}"]
    if local and plain and (len(words) > 1 or _tells(plain, local)):
        keys.append(f"local:{plain}|{local}")
    if (_is_full_name(words) and plain not in _SHARED_NAMES) or _HANDLE.match(plain):
        keys.append(f"name:{plain}")
    return tuple(keys)


def _tells(word: str, local: str) -> bool:
    """Return whether a name of one word and the part of the address before the @ tell a person from others."""
    if local == word:
        return bool(_HANDLE.match(word)) or (len(word) >= _LONG_NAME and word not in _FIRST_NAMES)
    return len(local) >= _LONG_LOCAL


def _plain_name(name: str) -> str:
    """Return a name in lower case without accents, asides and punctuation; "Last, First" as "first last"."""
    text = _ASIDE.sub(" ", name[:200])
    last, comma, first = text.partition(",")
    if comma and len(first.split()) == 1:
        text = f"{first} {last}"
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(" " if one == "." else one for one in decomposed if not unicodedata.combining(one))
    return " ".join(unicodedata.normalize("NFC", kept).split())


def _is_full_name(words: list[str]) -> bool:
    """Return whether a name has a first and a last name, at least one of which is no initial. CJK needs no space."""
    if len(words) == 1:
        return _CJK.match(words[0]) is not None
    return sum(len(word) > 1 for word in words) >= 2
