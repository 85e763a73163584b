"""`.github/gitinsight.yml`: one table of keys, which the parser and the JSON Schema are made from. Pure."""

from bot.config.parse import CONFIG_PATH, MAX_BYTES, parse_config

__all__ = ["CONFIG_PATH", "MAX_BYTES", "parse_config"]
