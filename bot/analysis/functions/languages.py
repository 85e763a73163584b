"""The type of a language table. A table lists tree-sitter node types."""

from dataclasses import dataclass, fields
from enum import IntEnum


class Kind(IntEnum):
    """The meaning of a node. Of two nodes with the same range, the lower kind is the outer one."""

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
    """One language. Each name is a tree-sitter node type; a name in double quotes is a token.

    module, entry: the package, and its function that returns the grammar.
    function: is measured separately.
    scope: qualifies the names of the functions inside (classes, modules).
    lambda_: is part of the enclosing function, one level deeper.
    guard: an `if` whose `else` is not an alternative.
    case: an arm of a switch, except the default arm.
    binary: an expression with operators.
    decision: counts for CCN only.
    jump: a jump to a label.
    unnamed: (node type, name) of functions without a name.
    flat_else_if: whether `else if` does not nest.
    needs_body: whether functions without a body are only declarations.
    docstrings: whether a leading string is documentation.
    opening: what must stand before code.
    indented: whether indentation is syntax.
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
    opening: str = ""
    indented: bool = False

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
    """A bare node type gets its parentheses and capture; a pattern with its own capture is not changed."""
    if "@" in name:
        return name
    node = name if name.startswith(('"', "(")) else f"({name})"
    return f"{node} @{kind.name}"
