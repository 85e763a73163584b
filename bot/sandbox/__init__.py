"""Analysis in a child process with bounded memory, time and files, and with no token, database, queue or network."""

from bot.sandbox.parent import Sandbox

__all__ = ["Sandbox"]
