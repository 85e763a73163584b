"""Analysis in a child process with bounded memory, time and files, and with no token, database, queue or network."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.sandbox.parent import Sandbox

__all__ = ["Sandbox"]


def __getattr__(name: str) -> Any:
    # The child imports this package too, and must not pay for the parent's asyncio.
    if name == "Sandbox":
        from bot.sandbox.parent import Sandbox

        return Sandbox
    raise AttributeError(name)
