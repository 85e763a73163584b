"""Runs the analyzers in a child process with limited memory, time and files, without tokens, database or network."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.sandbox.parent import Sandbox

__all__ = ["Sandbox"]


def __getattr__(name: str) -> Any:
    # The child imports this package too. A lazy import keeps asyncio out of the child.
    if name == "Sandbox":
        from bot.sandbox.parent import Sandbox

        return Sandbox
    raise AttributeError(name)
