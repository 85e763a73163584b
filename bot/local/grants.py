"""The codes and tokens that the stand-in has issued to people and for manifests, in memory: a restart discards them."""

import hashlib
import time
from dataclasses import dataclass, field
from typing import Any

_MAX_GRANTS = 10_000


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code or a token gives access to.

    login: the person who signed in.
    expires_at: Unix seconds.
    redirect_uri: where the code was sent; empty for tokens.
    challenge: the PKCE challenge, if the App sent one.
    """

    login: str
    expires_at: float
    redirect_uri: str = ""
    challenge: str = ""


class Grants:
    """Grants by the digest of their code or token. The oldest one is dropped when there are too many."""

    def __init__(self) -> None:
        self._by_digest: dict[str, Grant] = {}

    def add(self, secret: str, grant: Grant) -> None:
        """Store the grant of a new code or token."""
        while len(self._by_digest) >= _MAX_GRANTS:
            del self._by_digest[next(iter(self._by_digest))]
        self._by_digest[_digest(secret)] = grant

    def get(self, secret: str) -> Grant | None:
        """Return the grant of a code or token, or None if it is unknown or expired."""
        return _unexpired(self._by_digest.get(_digest(secret)))

    def redeem(self, secret: str) -> Grant | None:
        """Return the grant as `get` does, and remove it: the code or token works once."""
        return _unexpired(self._by_digest.pop(_digest(secret), None))

    def revoke(self, login: str) -> None:
        """Remove all grants of a person."""
        self._by_digest = {digest: grant for digest, grant in self._by_digest.items() if grant.login != login}


def _unexpired(grant: Grant | None) -> Grant | None:
    return grant if grant and grant.expires_at > time.time() else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


@dataclass
class SignIns:
    """The valid codes and tokens of the people who signed in.

    codes: authorization codes.
    tokens: user access tokens.
    refreshes: refresh tokens.
    """

    codes: Grants = field(default_factory=Grants)
    tokens: Grants = field(default_factory=Grants)
    refreshes: Grants = field(default_factory=Grants)

    def revoke(self, login: str) -> None:
        """Remove everything that a person has granted."""
        for grants in (self.codes, self.tokens, self.refreshes):
            grants.revoke(login)


@dataclass(frozen=True, slots=True)
class ManifestCode:
    """A code for an App that was registered from a manifest. expires_at: Unix seconds."""

    expires_at: float
    manifest: dict[str, Any]


@dataclass
class Manifests:
    """The registrations from manifests.

    codes: the codes that were not exchanged yet.
    organization: the organization of the newest registration; empty for a personal account.
    """

    codes: dict[str, ManifestCode] = field(default_factory=dict)
    organization: str = ""
