"""`.github/gitinsight.yml`: read from the default branch, checked, with the line of what is wrong. Pure.

The published JSON Schema is `docs/gitinsight.schema.json`; a test holds the two against each other.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from bot.domain.change import RepositoryConfig
from bot.domain.insights import Severity

CONFIG_PATH = ".github/gitinsight.yml"
MAX_BYTES = 64 * 1024
ANALYZERS = (
    "collision", "complexity", "coupling", "dependency", "hotspots", "ownership", "risk", "security", "size", "split",
    "tests",
)  # fmt: skip
MAX_ENTRIES = 200
_GLOB = re.compile(r"[^\0\n]{1,200}")
_WHOLE_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")
_TAG = "tag:yaml.org,2002:"


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
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return RepositoryConfig(), f"`{CONFIG_PATH}` is larger than {MAX_BYTES // 1024} KB; the defaults hold."
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is None or _scalar(root, "null") is not None:
            return RepositoryConfig(), None
        return RepositoryConfig(**_mapping(root, _KEYS)), None
    except _ConfigError as problem:
        return RepositoryConfig(), f"`{CONFIG_PATH}`, {problem}; the defaults hold."
    except (yaml.YAMLError, RecursionError) as problem:
        line = _line_of(problem, text)
        return RepositoryConfig(), f"`{CONFIG_PATH}`{line}: not valid YAML; the defaults hold."


def _line_of(problem: Exception, text: str) -> str:
    mark = getattr(problem, "problem_mark", None) or getattr(problem, "context_mark", None)
    if mark is not None:
        return f", line {mark.line + 1}"
    if isinstance(problem, yaml.reader.ReaderError) and isinstance(problem.position, int):
        return f", line {text.count(chr(10), 0, problem.position) + 1}"
    return ""


def _mapping(node: yaml.Node, keys: dict[str, "_Key | dict[str, _Key]"]) -> dict[str, Any]:
    if not isinstance(node, yaml.MappingNode) or node.tag != _TAG + "map":
        raise _ConfigError(node, "expected keys and values")
    values: dict[str, Any] = {}
    seen = set()
    for key_node, value_node in node.value:
        name = _scalar(key_node, "str") or ""
        key = keys.get(name)
        if key is None:
            raise _ConfigError(key_node, f"unknown key (known here: {', '.join(keys)})")
        if name in seen:
            raise _ConfigError(key_node, f"`{name}` stands here twice")
        seen.add(name)
        if isinstance(key, dict):
            values |= _mapping(value_node, key)  # type: ignore[arg-type]
        else:
            values[key.field] = key.read(value_node)
    return values


def _integer(least: int, most: int) -> Callable[[yaml.Node], int]:
    def read(node: yaml.Node) -> int:
        text = _scalar(node, "int") or ""
        if not _WHOLE_NUMBER.fullmatch(text) or not least <= int(text) <= most:
            raise _ConfigError(node, f"expected a whole number from {least} to {most}")
        return int(text)

    return read


def _boolean(node: yaml.Node) -> bool:
    text = (_scalar(node, "bool") or "").lower()
    if text not in {"true", "false"}:
        raise _ConfigError(node, "expected true or false")
    return text == "true"


def _severity(node: yaml.Node) -> Severity | None:
    choices = ["none", *(severity.value for severity in Severity)]
    text = _scalar(node, "str")
    if text not in choices:
        raise _ConfigError(node, f"expected one of {', '.join(choices)}")
    return None if text == "none" else Severity(text)


def _patterns(node: yaml.Node) -> tuple[str, ...]:
    return _texts(
        node,
        _GLOB.fullmatch,
        "expected a text of 1 to 200 characters on one line, in quotes where YAML reads it otherwise",
    )


def _analyzers(node: yaml.Node) -> tuple[str, ...]:
    return _texts(node, ANALYZERS.__contains__, f"expected one of {', '.join(ANALYZERS)}")


def _texts(node: yaml.Node, fits: Callable[[str], object], expected: str) -> tuple[str, ...]:
    if not isinstance(node, yaml.SequenceNode) or len(node.value) > MAX_ENTRIES:
        raise _ConfigError(node, f"expected a list of at most {MAX_ENTRIES} entries")
    texts = []
    for item in node.value:
        text = _scalar(item, "str")
        if text is None or not fits(text):
            raise _ConfigError(item, expected)
        texts.append(text)
    return tuple(texts)


def _scalar(node: yaml.Node, kind: str) -> str | None:
    """The text of a scalar of this YAML type, None for everything else: no tag makes it anything other."""
    return str(node.value) if isinstance(node, yaml.ScalarNode) and node.tag == _TAG + kind else None


_KEYS: dict[str, "_Key | dict[str, _Key]"] = {
    "ignore": _Key("ignore", _patterns),
    "analyzers_off": _Key("analyzers_off", _analyzers),
    "max_annotations": _Key("max_annotations", _integer(0, 200)),
    "comment": _Key("comment", _boolean),
    "gate": _Key("gate", _severity),
    "thresholds": {
        "ccn": _Key("ccn", _integer(1, 1000)),
        "cognitive": _Key("cognitive", _integer(1, 1000)),
        "nloc": _Key("nloc", _integer(1, 100_000)),
        "parameters": _Key("parameters", _integer(1, 100)),
        "nesting": _Key("nesting", _integer(1, 100)),
        "risk": _Key("risk", _integer(50, 100)),
    },
}
