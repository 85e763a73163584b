"""A fact that a change alters, and where else it could be stated. Immutable values."""

from dataclasses import dataclass
from enum import StrEnum


class FactKind(StrEnum):
    """The kinds of facts; each is a rule of its own, `stale/KIND`.

    WAITING: what is said of a requirement where code waited for the new one.
    """

    REQUIREMENT = "requirement"
    WAITING = "waiting"
    VALUE = "value"
    DEPENDENCY = "dependency"
    CALL = "call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What the head says otherwise than the merge base.

    name: what the fact is about: a language, a constant, a flag, a package, a function.
    old, new: as they are written; new is empty for what is removed.
    path, line: where the change is made at the head, 1-based; of a removal the line before it.
    texts: what is searched for: a line that states the old fact holds one of them.
    owners: who may stand before the name of a function, as its module; empty for anyone, as of a method.
    only: patterns of the files that are searched, as git's pathspecs; empty for all.
    """

    kind: FactKind
    name: str
    old: str
    new: str
    path: str
    line: int
    texts: tuple[str, ...]
    owners: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
