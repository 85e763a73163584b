"""Parse `.github/gitinsight.yml` to a configuration, or to the description of its first error."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

import yaml

from bot.config.keys import KEYS, Key, Section
from bot.config.values import TAG, ConfigError, likely, scalar
from bot.domain.change import RepositoryConfig

CONFIG_PATH = ".github/gitinsight.yml"
MAX_BYTES = 64 * 1024
_DEEPEST = 10
_MOST_EVENTS = 2_000


@dataclass(frozen=True, slots=True)
class Problem:
    """The first error of a file. line: from 1; None: the file as a whole. words: without text of the file."""

    line: int | None
    words: str

    def at(self, path: str) -> str:
        """Return one sentence without its full stop. path: as it is shown."""
        return f"{path}, line {self.line}: {self.words}" if self.line else f"{path}: {self.words}"


def parse_config(text: str) -> tuple[RepositoryConfig, str | None]:
    """(configuration, problem). With a problem, the defaults apply, and the sentence names the line."""
    config, problem = read_config_text(text)
    return config, f"{problem.at(f'`{CONFIG_PATH}`')}; the defaults hold." if problem else None


def read_config_text(text: str) -> tuple[RepositoryConfig, Problem | None]:
    """(configuration, problem). With a problem, the configuration has the defaults."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return RepositoryConfig(), Problem(None, f"larger than {MAX_BYTES // 1024} KB")
    try:
        if _is_excessive(text):
            return RepositoryConfig(), Problem(None, "too many entries, or nested too deeply")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is None or scalar(root, "null") is not None:
            return RepositoryConfig(), None
        return RepositoryConfig(**_fields(root, KEYS)), None
    except ConfigError as problem:
        return RepositoryConfig(), Problem(problem.line, str(problem))
    except (yaml.YAMLError, RecursionError) as problem:
        return RepositoryConfig(), Problem(_line_of(problem, text), "not valid YAML")


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


def _line_of(problem: Exception, text: str) -> int | None:
    mark = getattr(problem, "problem_mark", None) or getattr(problem, "context_mark", None)
    if mark is not None:
        return int(mark.line) + 1
    if isinstance(problem, yaml.reader.ReaderError) and isinstance(problem.position, int):
        return text.count(chr(10), 0, problem.position) + 1
    return None


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
            raise ConfigError(key_node, f"unknown key{_meant(name, known)} (known here: {', '.join(known)})")
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


def _meant(name: str, known: Iterable[str]) -> str:
    """Return the question for the likely key: one of this mapping, else one of another mapping with its full name."""
    elsewhere = {key.name: f"{section}{key.name}" for section, key in _all_keys()}
    if name in elsewhere:
        return f"; did you mean `{elsewhere[name]}`?"
    return likely(name, known)


def _all_keys() -> Iterable[tuple[str, Key]]:
    """Yield every key with the prefix of its section."""
    for key in KEYS:
        match key:
            case Section(name=name, keys=inner):
                yield from ((f"{name}.", one) for one in inner)
            case Key():
                yield "", key
            case unknown:
                assert_never(unknown)
