"""A stand-in for GitHub: it serves one local git repository as GitHub would.

`gitinsight up --local PATH` and the integration tests use it. No GitHub account is needed.
The app reaches it over HTTP only, so a test against it covers the whole way over the network.

The modules import in one direction: records and state, then `keys`, then `responses`, then the handlers, then
`application`. `.importlinter` checks this.
"""

from bot.local.application import create_app
from bot.local.config import INSTALLATION_ID, Candidate, LocalConfig, Person
from bot.local.faults import Fault
from bot.local.keys import FAULTS, HUB, MANIFESTS, RATE, SIGN_INS, STATE, UNKNOWN_FIELDS, WATCH, WEBHOOKS

__all__ = [
    "FAULTS",
    "HUB",
    "INSTALLATION_ID",
    "MANIFESTS",
    "RATE",
    "SIGN_INS",
    "STATE",
    "UNKNOWN_FIELDS",
    "WATCH",
    "WEBHOOKS",
    "Candidate",
    "Fault",
    "LocalConfig",
    "Person",
    "create_app",
]
