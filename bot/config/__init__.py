"""`.github/gitinsight.yml`: one table of keys, from which the parser and the JSON Schema are derived. Pure."""

from bot.config.parse import CONFIG_PATH, MAX_BYTES, parse_config

__all__ = ["CONFIG_PATH", "MAX_BYTES", "parse_config"]
