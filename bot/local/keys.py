"""The application keys of the stand-in: the names under which handlers find its parts in `request.app`."""

from aiohttp import web

from bot.local.config import LocalConfig
from bot.local.faults import Fault
from bot.local.grants import Manifests, SignIns
from bot.local.hub import Hub
from bot.local.rate_limit import RateLimit
from bot.local.state import State
from bot.local.watch import Watch
from bot.local.webhooks import Webhooks

CONFIG: web.AppKey[LocalConfig] = web.AppKey("config", LocalConfig)
STATE: web.AppKey[State] = web.AppKey("state", State)
HUB: web.AppKey[Hub] = web.AppKey("hub", Hub)
WATCH: web.AppKey[Watch] = web.AppKey("watch", Watch)
WEBHOOKS: web.AppKey[Webhooks] = web.AppKey("webhooks", Webhooks)
SIGN_INS: web.AppKey[SignIns] = web.AppKey("sign_ins", SignIns)
MANIFESTS: web.AppKey[Manifests] = web.AppKey("manifests", Manifests)
RATE: web.AppKey[RateLimit] = web.AppKey("rate", RateLimit)
# Tests append faults to this list.
FAULTS: web.AppKey[list[Fault]] = web.AppKey("faults", list[Fault])
# The fields of request bodies that GitHub does not know. GitHub ignores them; tests read this list.
UNKNOWN_FIELDS: web.AppKey[list[str]] = web.AppKey("unknown_fields", list[str])
