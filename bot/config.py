"""`.github/gitinsight.yml`: read from the default branch, checked, with the line of what is wrong. Pure.

The published JSON Schema is `docs/gitinsight.schema.json`; a test holds the two against each other.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from bot.domain import RepositoryConfig, Severity

CONFIG_PATH = ".github/gitinsight.yml"
MAX_BYTES = 64 * 1024
_GLOB = re.compile(r"[^\0\n]{1,200}")


class _ConfigError(Exception):
    def __init__(self, node: yaml.Node, message: str) -> None:
        super().__init__(f"line {node.start_mark.line + 1}: {message}")


@dataclass(frozen=True, slots=True)
class _Key:
    """field of RepositoryConfig, and how its YAML node is read."""

    field: str
    read: Callable[[yaml.Node], Any]


def parse_config(text: str) -> tuple[RepositoryConfig, str | None]:
    """(configuration, problem). With a problem, the defaults hold and the sentence names the line."""
    if len(text) > MAX_BYTES:
        return RepositoryConfig(), f"`{CONFIG_PATH}` is larger than {MAX_BYTES // 1024} KB; the defaults hold."
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        return (RepositoryConfig(**_mapping(root, _KEYS)) if root is not None else RepositoryConfig()), None
    except _ConfigError as problem:
        return RepositoryConfig(), f"`{CONFIG_PATH}`, {problem}; the defaults hold."
    except (yaml.YAMLError, RecursionError) as problem:
        mark = getattr(problem, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        return RepositoryConfig(), f"`{CONFIG_PATH}`{line}: not valid YAML; the defaults hold."


def _mapping(node: yaml.Node, keys: dict[str, "_Key | dict[str, _Key]"]) -> dict[str, Any]:
    if not isinstance(node, yaml.MappingNode):
        raise _ConfigError(node, "expected keys and values")
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        name = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
        key = keys.get(name)
        if key is None:
            raise _ConfigError(key_node, f"unknown key (known here: {', '.join(keys)})")
        if isinstance(key, dict):
            values |= _mapping(value_node, key)  # type: ignore[arg-type]
        else:
            values[key.field] = key.read(value_node)
    return values


def _integer(least: int, most: int) -> Callable[[yaml.Node], int]:
    def read(node: yaml.Node) -> int:
        text = node.value if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:int" else ""
        if not text.isascii() or not text.isdigit() or len(text) > 9 or not least <= int(text) <= most:
            raise _ConfigError(node, f"expected a whole number from {least} to {most}")
        return int(text)

    return read


def _boolean(node: yaml.Node) -> bool:
    if not isinstance(node, yaml.ScalarNode) or node.value.lower() not in {"true", "false"}:
        raise _ConfigError(node, "expected true or false")
    return bool(node.value.lower() == "true")


def _severity(node: yaml.Node) -> Severity | None:
    choices = ["none", *(severity.value for severity in Severity)]
    if not isinstance(node, yaml.ScalarNode) or node.value not in choices:
        raise _ConfigError(node, f"expected one of {', '.join(choices)}")
    return None if node.value == "none" else Severity(node.value)


def _words(node: yaml.Node) -> tuple[str, ...]:
    if not isinstance(node, yaml.SequenceNode) or len(node.value) > 200:
        raise _ConfigError(node, "expected a list of at most 200 entries")
    for item in node.value:
        if not isinstance(item, yaml.ScalarNode) or not _GLOB.fullmatch(item.value):
            raise _ConfigError(item, "expected a text of at most 200 characters")
    return tuple(item.value for item in node.value)


_KEYS: dict[str, "_Key | dict[str, _Key]"] = {
    "ignore": _Key("ignore", _words),
    "analyzers_off": _Key("analyzers_off", _words),
    "max_annotations": _Key("max_annotations", _integer(0, 200)),
    "comment": _Key("comment", _boolean),
    "gate": _Key("gate", _severity),
    "thresholds": {
        "ccn": _Key("ccn", _integer(1, 1000)),
        "cognitive": _Key("cognitive", _integer(1, 1000)),
        "nloc": _Key("nloc", _integer(1, 100_000)),
        "parameters": _Key("parameters", _integer(1, 100)),
        "nesting": _Key("nesting", _integer(1, 100)),
    },
}
