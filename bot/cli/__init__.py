"""The command line interface.

Each command imports its implementation when it runs. So `gitinsight web` loads neither git nor the analyzers, and
`--help` is fast.
"""

from bot.cli import config, models, operate, parts, tokens
from bot.cli.root import main

__all__ = ["config", "main", "models", "operate", "parts", "tokens"]
