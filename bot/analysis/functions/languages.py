"""What a language's table says, and which table reads which file. The tables name tree-sitter node types."""

from dataclasses import dataclass, fields
from enum import IntEnum


class Kind(IntEnum):
    """What a node means for the count. Of two nodes with the same range, the lower kind is the outer one."""

    FUNCTION = 1
    SCOPE = 2
    LAMBDA = 3
    TRY = 4
    IF = 5
    GUARD = 6
    LOOP = 7
    SWITCH = 8
    CATCH = 9
    TERNARY = 10
    CASE = 11
    BINARY = 12
    ELIF = 13
    ELSE = 14
    DECISION = 15
    JUMP = 16
    AND = 17
    OR = 18
    COALESCE = 19
    COMMENT = 20
    STRING = 21


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language. Each name stands for a tree-sitter node type; in `tokens` a name in quotes is a bare token.

    module, entry: the wheel and the function in it that gives the grammar.
    function: measured on its own. scope: gives its name to what stands inside (classes, modules).
    lambda_: belongs to the function around it, one level deeper. guard: an `if` whose `else` is not an alternative.
    case: one arm of a switch, the default arm apart. binary: where operators stand. decision: counts for CCN only.
    jump: to a label. unnamed: what to call functions that have no name. flat_else_if: `else if` is one word.
    needs_body: functions without a body are declarations. docstrings: a leading string is documentation.
    """

    name: str
    module: str
    entry: str = "language"
    extensions: tuple[str, ...]
    function: tuple[str, ...]
    scope: tuple[str, ...] = ()
    lambda_: tuple[str, ...] = ()
    try_: tuple[str, ...] = ()
    if_: tuple[str, ...] = ()
    guard: tuple[str, ...] = ()
    loop: tuple[str, ...] = ()
    switch: tuple[str, ...] = ()
    catch: tuple[str, ...] = ()
    ternary: tuple[str, ...] = ()
    case: tuple[str, ...] = ()
    binary: tuple[str, ...] = ()
    elif_: tuple[str, ...] = ()
    else_: tuple[str, ...] = ('"else"',)
    decision: tuple[str, ...] = ()
    jump: tuple[str, ...] = ()
    and_: tuple[str, ...] = ('"&&"',)
    or_: tuple[str, ...] = ('"||"',)
    coalesce: tuple[str, ...] = ()
    comment: tuple[str, ...] = ("comment",)
    string: tuple[str, ...] = ()
    unnamed: tuple[tuple[str, str], ...] = ()
    flat_else_if: bool = True
    needs_body: bool = True
    docstrings: bool = False

    def query(self) -> str:
        """The tree-sitter query that captures every node the table names, under the name of its kind."""
        lines = []
        kinds = {kind.name.lower(): kind for kind in Kind}
        for field in fields(self):
            kind = kinds.get(field.name.rstrip("_"))
            if kind is not None:
                lines += [_pattern(name, kind) for name in getattr(self, field.name)]
        return "\n".join(lines)


def _pattern(name: str, kind: Kind) -> str:
    """A bare node type gets its parentheses and capture; a pattern that captures by itself stands as it is."""
    if "@" in name:
        return name
    node = name if name.startswith(('"', "(")) else f"({name})"
    return f"{node} @{kind.name}"
