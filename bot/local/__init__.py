"""A stand-in of GitHub: serves the git repository at a path as if it were there.

For `gitinsight up --local PATH`, where no account is needed, and for the integration tests. It shares nothing with
the app but HTTP: what works with it works through the wire.
"""

from bot.local.application import WATCH, create_app
from bot.local.config import INSTALLATION_ID, LocalConfig, Person
from bot.local.faults import FAULTS, Fault
from bot.local.keys import HUB, MANIFESTS, SIGN_INS, STATE, UNKNOWN_FIELDS, WEBHOOKS

__all__ = [
    "FAULTS",
    "HUB",
    "INSTALLATION_ID",
    "MANIFESTS",
    "SIGN_INS",
    "STATE",
    "UNKNOWN_FIELDS",
    "WATCH",
    "WEBHOOKS",
    "Fault",
    "LocalConfig",
    "Person",
    "create_app",
]
