"""`python -m bot` is `gitinsight`."""

from bot.cli import main

main()
