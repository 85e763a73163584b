"""The types of values: each reads a YAML node strictly, and has a JSON Schema."""

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import yaml

from bot.domain.insights import Severity

MAX_ENTRIES = 200
_MAX_PATTERN = 200
_LONGEST_WORD = 40
_PATTERN = re.compile(rf"[^\0\n]{{1,{_MAX_PATTERN}}}")
_WHOLE_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")
_NO_GATE = "none"
TAG = "tag:yaml.org,2002:"


class ConfigError(Exception):
    """An error in the configuration. The message contains no text of the file.

    line: from 1.
    """

    def __init__(self, node: yaml.Node, message: str) -> None:
        super().__init__(message)
        self.line: int = node.start_mark.line + 1


def likely(word: str, known: Iterable[str]) -> str:
    """Return the question for the known word that is most like this one, or an empty string."""
    found = difflib.get_close_matches(word[:_LONGEST_WORD].lower(), list(known), n=1)
    return f"; did you mean `{found[0]}`?" if found else ""


def scalar(node: yaml.Node, kind: str) -> str | None:
    """The text of a scalar of this YAML type, None for any other node; tags are not executed."""
    return str(node.value) if isinstance(node, yaml.ScalarNode) and node.tag == TAG + kind else None


class Value(Protocol):
    """A type of value."""

    def read(self, node: yaml.Node) -> Any:
        """Read the value of a field of RepositoryConfig. Raises ConfigError."""

    def schema(self, default: Any) -> dict[str, Any]:
        """The JSON Schema of the value. default: of the field."""


@dataclass(frozen=True, slots=True)
class WholeNumber:
    """A whole number between two bounds, both included."""

    minimum: int
    maximum: int

    def read(self, node: yaml.Node) -> int:
        """The number, which must be written in plain decimal digits."""
        text = scalar(node, "int") or ""
        if not _WHOLE_NUMBER.fullmatch(text) or not self.minimum <= int(text) <= self.maximum:
            raise ConfigError(node, f"expected a whole number from {self.minimum} to {self.maximum}")
        return int(text)

    def schema(self, default: int) -> dict[str, Any]:
        """An integer with its bounds."""
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum, "default": default}


@dataclass(frozen=True, slots=True)
class TrueOrFalse:
    """`true` or `false`."""

    def read(self, node: yaml.Node) -> bool:
        """YAML 1.1's `yes` and `on` are refused: YAML 1.2 reads them as text."""
        text = (scalar(node, "bool") or "").lower()
        if text not in {"true", "false"}:
            raise ConfigError(node, "expected true or false")
        return text == "true"

    def schema(self, default: bool) -> dict[str, Any]:
        """A boolean."""
        return {"type": "boolean", "default": default}


@dataclass(frozen=True, slots=True)
class SeverityOrNone:
    """A severity, or `none`."""

    def read(self, node: yaml.Node) -> Severity | None:
        """None for `none`."""
        choices = [_NO_GATE, *(severity.value for severity in Severity)]
        text = scalar(node, "str")
        if text not in choices:
            meant = likely(node.value if isinstance(node, yaml.ScalarNode) else "", choices)
            raise ConfigError(node, f"expected one of {', '.join(choices)}{meant}")
        return None if text == _NO_GATE else Severity(text)

    def schema(self, default: Severity | None) -> dict[str, Any]:
        """One of the words."""
        words = [_NO_GATE, *(severity.value for severity in Severity)]
        return {"enum": words, "default": default.value if default else _NO_GATE}


@dataclass(frozen=True, slots=True)
class Patterns:
    """A list of patterns as in `.gitignore`."""

    def read(self, node: yaml.Node) -> tuple[str, ...]:
        """The patterns; each is one non-empty line."""
        expected = (
            f"expected a text of 1 to {_MAX_PATTERN} characters on one line, in quotes where YAML reads it otherwise"
        )
        return _texts(node, _PATTERN.fullmatch, expected)

    def schema(self, default: tuple[str, ...]) -> dict[str, Any]:
        """A list of texts."""
        items = {"type": "string", "minLength": 1, "maxLength": _MAX_PATTERN, "pattern": "^[^\\u0000\\n]+$"}
        return {"type": "array", "maxItems": MAX_ENTRIES, "items": items, "default": list(default)}


@dataclass(frozen=True, slots=True)
class Names:
    """A list of known names."""

    known: tuple[str, ...]

    def read(self, node: yaml.Node) -> tuple[str, ...]:
        """The names; each must be a known one."""
        expected = f"expected one of {', '.join(self.known)}"
        return _texts(node, self.known.__contains__, expected, self.known)

    def schema(self, default: tuple[str, ...]) -> dict[str, Any]:
        """A list of the words."""
        items = {"enum": list(self.known)}
        return {"type": "array", "maxItems": MAX_ENTRIES, "items": items, "default": list(default)}


def _texts(node: yaml.Node, fits: Callable[[str], object], expected: str, known: Iterable[str] = ()) -> tuple[str, ...]:
    if not isinstance(node, yaml.SequenceNode) or len(node.value) > MAX_ENTRIES:
        raise ConfigError(node, f"expected a list of at most {MAX_ENTRIES} entries")
    texts = []
    for item in node.value:
        text = scalar(item, "str")
        if text is None or not fits(text):
            raise ConfigError(item, expected + likely(text or "", known))
        texts.append(text)
    return tuple(texts)
