"""The table of the handlers of GitHub's events, which `on` fills."""

from collections.abc import Awaitable, Callable

from gidgethub.routing import Router
from gidgethub.sansio import Event

from bot.domain.orders import Order

router = Router()
HANDLED: set[str] = set()  # the events that have a handler

Handler = Callable[[Event, list[Order]], Awaitable[None]]


def on(event: str, *actions: str) -> Callable[[Handler], Handler]:
    """Make a coroutine the handler of these actions of an event, or of the event where it has no action."""

    def register(handler: Handler) -> Handler:
        HANDLED.add(event)
        for action in actions:
            router.add(handler, event, action=action)
        if not actions:
            router.add(handler, event)
        return handler

    return register
