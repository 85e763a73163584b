"""`.github/gitinsight.yml`: one table of keys, from which the parser and the JSON Schema are derived. Pure."""

from bot.config.parse import CONFIG_PATH, MAX_BYTES, Problem, parse_config, read_config_text

__all__ = ["CONFIG_PATH", "MAX_BYTES", "Problem", "parse_config", "read_config_text"]
