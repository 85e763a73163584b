"""The implementations of the commands, one file each; `bot/cli` imports them when they run."""
