"""The commands: the only place where the parts are wired together.

A part needs what it needs and nothing else: each command imports its own, so that web stays without git and
analyzers, and `--help` is quick.
"""

from bot.cli import operate, parts, tokens
from bot.cli.root import main

__all__ = ["main", "operate", "parts", "tokens"]
