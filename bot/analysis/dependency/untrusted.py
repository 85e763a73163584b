"""Parsers for untrusted JSON, TOML, YAML and XML: bounded depth, no aliases, no entities, plain values only.

Each function imports its library on first use, because the analysis child starts often and rarely needs them.
"""

import re
from dataclasses import dataclass, field

from bot.analysis.dependency.packages import Unreadable, table_of

_MAX_DEPTH = 100
_MAX_PARTS = 200


def read_json(text: str) -> dict[str, object]:
    """The top object of a JSON text; the last of equal keys holds, as in every package manager."""
    import json

    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("it is not valid JSON") from None
    if not isinstance(value, dict):
        raise Unreadable("it is JSON, but not an object")
    return table_of(value)


_STRING_OR_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_STRING_OR_COMMA = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|,(?=\s*[}\]])', re.DOTALL)


def read_json_with_comments(text: str) -> dict[str, object]:
    """The top object of a JSON text with comments and trailing commas."""
    for pattern in (_STRING_OR_COMMENT, _STRING_OR_COMMA):
        text = pattern.sub(lambda found: found[0] if found[0].startswith('"') else " ", text)
    return read_json(text)


def read_toml(text: str) -> dict[str, object]:
    """The top table of a TOML text."""
    import tomllib

    # A key of many parts takes tomllib a time that grows with their square.
    if any(line.partition("=")[0].count(".") > _MAX_PARTS and line.lstrip()[:1] != "." for line in text.split("\n")):
        raise Unreadable("it has a key of very many parts")
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("it is not valid TOML") from None


def read_yaml(text: str) -> dict[str, object]:
    """The top mapping of a YAML text, of the last document that has one; every scalar stays text: `1.10` is no number.

    pnpm puts a document of its own before that of the project: https://pnpm.io/blog/releases/11.0

    Built from libyaml's events: aliases, which can grow without bounds, are refused, and tags are ignored.
    """
    import yaml

    try:
        value = _from_events(text)
    except (yaml.YAMLError, RecursionError, UnicodeError):
        raise Unreadable("it is not valid YAML") from None
    if not isinstance(value, dict):
        raise Unreadable("it is YAML, but not a mapping")
    return value


def _from_events(text: str) -> object:
    """The last mapping. Open collections wait on a stack; a mapping's key waits in `keys`."""
    import yaml

    result: object = None
    document: object = None
    stack: list[dict[str, object] | list[object]] = []
    keys: list[str | None] = []
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        value: object
        if isinstance(event, yaml.ScalarEvent):
            value = event.value
        elif isinstance(event, yaml.MappingStartEvent):
            value = {}
        elif isinstance(event, yaml.SequenceStartEvent):
            value = []
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            stack.pop()
            keys.pop()
            continue
        elif isinstance(event, yaml.AliasEvent):
            raise Unreadable("it uses YAML aliases")
        elif isinstance(event, yaml.DocumentEndEvent):
            result = document if isinstance(document, dict) or result is None else result
            continue
        else:
            continue
        if not stack:
            document = value
        else:
            _place(stack[-1], keys, value)
        if isinstance(value, (dict, list)):
            if len(stack) >= _MAX_DEPTH:
                raise Unreadable("it is nested too deeply")
            stack.append(value)
            keys.append(None)
    return result


def _place(parent: dict[str, object] | list[object], keys: list[str | None], value: object) -> None:
    if isinstance(parent, list):
        parent.append(value)
    elif keys[-1] is None:
        keys[-1] = value if isinstance(value, str) else ""
    else:
        parent[keys[-1]] = value
        keys[-1] = None


@dataclass(slots=True)
class Element:
    """An XML element: its name without namespace, its own text, its children and the line where it starts.

    attributes: by their names in lower case.
    """

    name: str
    line: int
    text: str = ""
    children: list["Element"] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)

    def attribute(self, name: str) -> str:
        """The beginning of an attribute's value, or "". name: in lower case."""
        return self.attributes.get(name, "").strip()[:2_000]

    def first(self, *path: str) -> "Element | None":
        """The first element down a path of names."""
        here: Element | None = self
        for name in path:
            here = next((child for child in here.children if child.name == name), None) if here else None
        return here

    def value(self, *path: str) -> str:
        """The text of the first element down a path, or ""."""
        found = self.first(*path)
        return found.text.strip() if found else ""

    def all(self, *path: str) -> "list[Element]":
        """Every element down a path of names."""
        found = [self]
        for name in path:
            found = [child for parent in found for child in parent.children if child.name == name]
        return found


class _Tree:
    """Builds elements. A document type is refused: entities and external files come only with one."""

    def __init__(self) -> None:
        from xml.parsers import expat

        # The text is decoded already: what it declares as its encoding does not count, and need not be known.
        self._parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._root = Element("", 0)
        self._stack = [self._root]

    def read(self, text: str) -> Element:
        from xml.parsers import expat

        try:
            self._parser.Parse(text.encode("utf-8", "replace"), True)
        except expat.ExpatError:
            raise Unreadable("it is not valid XML") from None
        return self._root.children[0]

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._stack) > _MAX_DEPTH:
            raise Unreadable("it is nested too deeply")
        element = Element(name.rpartition(" ")[2], self._parser.CurrentLineNumber)
        element.attributes = {key.lower(): value for key, value in attributes.items()}
        self._stack[-1].children.append(element)
        self._stack.append(element)

    def _end(self, name: str) -> None:
        self._stack.pop()

    def _text(self, text: str) -> None:
        if len(self._stack[-1].text) < 2_000:
            self._stack[-1].text += text

    @staticmethod
    def _refuse(*doctype: object) -> None:  # noqa: ARG004 - expat hands over four
        raise Unreadable("it declares a document type")


def read_xml(text: str) -> Element:
    """The root element."""
    return _Tree().read(text)
