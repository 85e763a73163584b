"""The name and the number of parameters of a function, from its node."""

import tree_sitter

from bot.analysis.functions.languages import Language
from bot.analysis.functions.walk import Tally

_ANONYMOUS = "<anonymous>"
# Characters of one name, and of a qualified one.
_NAME_LIMIT = 120
_QUALIFIED_LIMIT = 240
_DEPTH_LIMIT = 60
# Not passed explicitly by the caller.
_RECEIVERS = frozenset({b"self", b"cls", b"void", b"this"})
_NOT_PARAMETERS = frozenset(
    {"comment", "line_comment", "block_comment", "positional_separator", "keyword_separator", "self_parameter"}
)
_EXPRESSIONS = frozenset({"function_expression", "generator_function", "arrow_function"})
_LISTS = frozenset({"function_value_parameters", "parameter_list", "formal_parameters"})


def qualified_names(table: Language, tallies: list[Tally], source: bytes) -> list[str]:
    """`Class.method`, `outer.inner`; the second of two equal anonymous names gets `#2`, and so on."""
    cached: dict[int, str] = {}
    seen: dict[str, int] = {}
    names = []
    for tally in tallies:
        parts = []
        for node in tally.scopes:
            if node.id not in cached:
                cached[node.id] = _own_name(table, node, source) or _ANONYMOUS
            parts.append(cached[node.id])
        own = _function_name(table, tally, source)
        cached[tally.node.id] = own or _ANONYMOUS
        parts = [part for part in parts if part != _ANONYMOUS]
        if own is not None:
            names.append(".".join((*parts, own))[:_QUALIFIED_LIMIT])
            continue
        around = ".".join(parts)[:_QUALIFIED_LIMIT]
        name = f"<anonymous in {around}>" if around else _ANONYMOUS
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return names


def _function_name(table: Language, tally: Tally, source: bytes) -> str | None:
    """`res.send = function send() {}` is named by its target; the inner name is for stack traces."""
    if tally.node.type in _EXPRESSIONS:
        return _bound_name(tally, source) or _own_name(table, tally.node, source)
    return _own_name(table, tally.node, source)


def _text(node: tree_sitter.Node, source: bytes) -> str:
    start, end = node.byte_range
    text = source[start : min(end, start + _NAME_LIMIT)].decode("utf-8", "replace")
    return " ".join(text.split()).strip("'\"")


def _own_name(table: Language, node: tree_sitter.Node, source: bytes) -> str | None:
    for kind, name in table.unnamed:
        if node.type == kind:
            return name
    named = node.child_by_field_name("name")
    if named is None and node.type == "impl_item":
        named = node.child_by_field_name("type")
    if named is None:
        declarator = _function_declarator(node)
        named = declarator and declarator.child_by_field_name("declarator")
    if named is None:
        return None
    name = _text(named, source)
    receiver = node.child_by_field_name("receiver")
    if receiver is not None:
        of = _text(receiver, source).strip("()").split(" ")[-1].lstrip("*").partition("[")[0]
        return f"{of}.{name}"
    return name.partition("<")[0].replace("::", ".") or name


def _bound_name(tally: Tally, source: bytes) -> str | None:
    """The name an anonymous function is bound to: a variable, a property, an assignment's left side."""
    if tally.depth > _DEPTH_LIMIT:
        return None  # finding the parent starts at the root, which is slow for unlimited nesting
    parent = tally.node.parent
    if parent is None:
        return None
    for value, key in (("value", "name"), ("value", "key"), ("value", "property"), ("right", "left")):
        bound = parent.child_by_field_name(value)
        target = parent.child_by_field_name(key)
        if bound is not None and target is not None and bound.start_byte == tally.start:
            return _text(target, source)
    return None


def _function_declarator(node: tree_sitter.Node) -> tree_sitter.Node | None:
    """In C the name is inside pointers and references: `int *(*f)(int)`."""
    current = node.child_by_field_name("declarator")
    for _ in range(_DEPTH_LIMIT):
        if current is None or current.type == "function_declarator":
            return current
        inner = current.child_by_field_name("declarator")
        current = inner if inner is not None else next(iter(current.named_children), None)
    return None


def parameter_count(node: tree_sitter.Node, source: bytes) -> int:
    """How many parameters a caller passes: `self`, C's `(void)` and separators are none."""
    if node.child_by_field_name("parameter") is not None:
        return 1
    declared = node.child_by_field_name("parameters")
    if declared is None:
        declarator = _function_declarator(node)
        declared = declarator and declarator.child_by_field_name("parameters")
    if declared is None:
        children = node.children
        declared = next((child for child in children if child.type in _LISTS), None)
        if declared is None:
            return sum(child.type == "parameter" for child in children)
    return _count_listed(declared, source)


def _count_listed(declared: tree_sitter.Node, source: bytes) -> int:
    """One per item between commas; Go's `a, b int` is one node with two names."""
    count, current = 0, 0
    for child in declared.children:
        if child.type == ",":
            count, current = count + current, 0
        elif child.is_named and child.type not in _NOT_PARAMETERS:
            text = source[child.start_byte : child.end_byte]
            if text.partition(b":")[0].strip() not in _RECEIVERS:
                current = max(current, 1, len(child.children_by_field_name("name")))
    return count + current
