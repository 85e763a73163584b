"""The names under which the parts of the stand-in find each other in its application."""

from typing import TYPE_CHECKING

from aiohttp import web

from bot.local.config import LocalConfig

if TYPE_CHECKING:
    from bot.local.answers import RateLimit
    from bot.local.hub import Hub
    from bot.local.manifests import Manifests
    from bot.local.sign_in import SignIns
    from bot.local.state import State
    from bot.local.webhooks import Webhooks

CONFIG: web.AppKey[LocalConfig] = web.AppKey("config", LocalConfig)
STATE: "web.AppKey[State]" = web.AppKey("state")
HUB: "web.AppKey[Hub]" = web.AppKey("hub")
WEBHOOKS: "web.AppKey[Webhooks]" = web.AppKey("webhooks")
SIGN_INS: "web.AppKey[SignIns]" = web.AppKey("sign_ins")
MANIFESTS: "web.AppKey[Manifests]" = web.AppKey("manifests")
RATE: "web.AppKey[RateLimit]" = web.AppKey("rate")
# Fields of request bodies that GitHub does not know: it ignores them, tests look here.
UNKNOWN_FIELDS: web.AppKey[list[str]] = web.AppKey("unknown_fields")
