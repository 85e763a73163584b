"""A running stand-in for GitHub; every request and response is checked against GitHub's published contract."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bot.local import FAULTS, HUB, INSTALLATION_ID, STATE, UNKNOWN_FIELDS, WATCH, Fault, LocalConfig, create_app
from bot.local.hub import Hub
from bot.local.state import State
from bot.local.watch import Watch
from tests.contract.checking import checking

WEBHOOK_SECRET = "a secret of the tests, long enough"
APP_ID = 4242
NOWHERE = "http://127.0.0.1:9/webhook"


@cache
def key_pair() -> tuple[str, str]:
    """Return a private and a public key in PEM. All tests of a process share one pair."""
    return new_key_pair()


def new_key_pair() -> tuple[str, str]:
    """Return another private and public key in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


@dataclass
class StandIn:
    """A running stand-in.

    violations: the violations of GitHub's contract. A test that expects some clears the list, or passes
    `expect_violations=True` to `running_stand_in`.
    """

    url: str
    config: LocalConfig
    app: web.Application
    private_key_pem: str
    violations: list[str] = field(default_factory=list)

    @property
    def hub(self) -> Hub:
        """Changes the repository and its pull requests."""
        return self.app[HUB]

    @property
    def watch(self) -> Watch:
        """`await watch.look()` reads the repository immediately."""
        return self.app[WATCH]

    @property
    def state(self) -> State:
        """The stored records."""
        return self.app[STATE]

    @property
    def faults(self) -> list[Fault]:
        """Append a `Fault` to make the next matching requests fail."""
        return self.app[FAULTS]

    @property
    def unknown_fields(self) -> list[str]:
        """Fields of request bodies that GitHub ignores."""
        return self.app[UNKNOWN_FIELDS]

    @property
    def repo_url(self) -> str:
        """`…/repos/owner/name`."""
        return f"{self.url}/repos/{self.hub.identity.full_name}"

    @property
    def installation_id(self) -> int:
        """The App's one installation."""
        return INSTALLATION_ID

    def app_jwt(self, **claims: Any) -> str:
        """The App's JSON Web Token, valid for five minutes unless claims say otherwise."""
        import time

        moment = int(time.time())
        payload = {"iat": moment - 60, "exp": moment + 300, "iss": str(self.config.app_id)} | claims
        return jwt.encode(payload, self.private_key_pem, algorithm="RS256")


@asynccontextmanager
async def running_stand_in(
    repository: Path,
    tmp_path: Path,
    webhook_url: str = NOWHERE,
    *,
    expect_violations: bool = False,
    **overrides: Any,
) -> AsyncIterator[StandIn]:
    """Serve the repository for the duration of the block. overrides: fields of LocalConfig.

    It polls once an hour unless overridden, because tests call `watch.look()`.
    The exit fails if a request or a response violated GitHub's contract.
    """
    private, public = key_pair()
    sock = socket.create_server(("127.0.0.1", overrides.pop("port", 0)))
    url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    settings: dict[str, Any] = {
        "repository": repository,
        "data_dir": tmp_path / "github",
        "webhook_url": webhook_url,
        "webhook_secret": WEBHOOK_SECRET,
        "app_id": APP_ID,
        "public_key_pem": public,
        "base_url": url,
        "poll_seconds": 3600.0,
    }
    config = LocalConfig(**(settings | overrides))
    violations: list[str] = []
    app = create_app(config, middlewares=(checking(violations),))
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.SockSite(runner, sock).start()
        yield StandIn(url, config, app, private, violations)
    finally:
        await runner.cleanup()
        sock.close()
    if not expect_violations:
        assert violations == [], "\n".join(violations)
