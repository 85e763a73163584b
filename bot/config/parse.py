"""Parse `.github/gitinsight.yml` to a configuration, or to the description of its first error."""

from collections.abc import Sequence
from typing import Any, assert_never

import yaml

from bot.config.keys import KEYS, Key, Section
from bot.config.values import TAG, ConfigError, scalar
from bot.domain.change import RepositoryConfig

CONFIG_PATH = ".github/gitinsight.yml"
MAX_BYTES = 64 * 1024
_DEEPEST = 10
_MOST_EVENTS = 2_000


def parse_config(text: str) -> tuple[RepositoryConfig, str | None]:
    """(configuration, problem). With a problem, the defaults apply, and the sentence names the line."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return RepositoryConfig(), f"`{CONFIG_PATH}` is larger than {MAX_BYTES // 1024} KB; the defaults hold."
    try:
        if _is_excessive(text):
            problem = "has too many entries, or is nested too deeply"
            return RepositoryConfig(), f"`{CONFIG_PATH}` {problem}; the defaults hold."
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is None or scalar(root, "null") is not None:
            return RepositoryConfig(), None
        return RepositoryConfig(**_fields(root, KEYS)), None
    except ConfigError as problem:
        return RepositoryConfig(), f"`{CONFIG_PATH}`, {problem}; the defaults hold."
    except (yaml.YAMLError, RecursionError) as problem:
        line = _line_of(problem, text)
        return RepositoryConfig(), f"`{CONFIG_PATH}`{line}: not valid YAML; the defaults hold."


def _is_excessive(text: str) -> bool:
    """Whether there is more than any configuration needs, which costs `compose` more than a second. libyaml is fast."""
    depth = 0
    try:
        for number, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST or number > _MOST_EVENTS:
                return True
    except (yaml.YAMLError, UnicodeError):
        pass  # `compose` says what is wrong, and where
    return False


def _line_of(problem: Exception, text: str) -> str:
    mark = getattr(problem, "problem_mark", None) or getattr(problem, "context_mark", None)
    if mark is not None:
        return f", line {mark.line + 1}"
    if isinstance(problem, yaml.reader.ReaderError) and isinstance(problem.position, int):
        return f", line {text.count(chr(10), 0, problem.position) + 1}"
    return ""


def _fields(node: yaml.Node, keys: Sequence[Key | Section]) -> dict[str, Any]:
    """The fields of RepositoryConfig that a mapping sets."""
    if not isinstance(node, yaml.MappingNode) or node.tag != TAG + "map":
        raise ConfigError(node, "expected keys and values")
    known = {key.name: key for key in keys}
    values: dict[str, Any] = {}
    seen = set()
    for key_node, value_node in node.value:
        name = scalar(key_node, "str") or ""
        if name not in known:
            raise ConfigError(key_node, f"unknown key (known here: {', '.join(known)})")
        if name in seen:
            raise ConfigError(key_node, f"`{name}` is given twice")
        seen.add(name)
        match known[name]:
            case Section(keys=inner):
                values |= _fields(value_node, inner)
            case Key(value=value):
                values[name] = value.read(value_node)
            case unknown:
                assert_never(unknown)
    return values
