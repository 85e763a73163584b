"""Encrypted secrets in the database. The keys are not in the database."""

import base64
import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Unreadable(Exception):
    """A secret was encrypted with a key that is not configured any more."""


class Sealer:
    """Encrypts with the first key and decrypts with any, so that SECRET_KEY can be replaced.

    https://cryptography.io/en/latest/fernet/#cryptography.fernet.MultiFernet
    """

    def __init__(self, secret_keys: Sequence[str]) -> None:
        fernets = [Fernet(_key(secret_key)) for secret_key in secret_keys]
        self._current, self._fernet = fernets[0], MultiFernet(fernets)

    def seal(self, secret: str) -> str:
        """The encrypted secret."""
        return self._fernet.encrypt(secret.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """The decrypted secret. Raises Unreadable."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as problem:
            raise Unreadable("the secret was sealed with another SECRET_KEY") from problem

    def resealed(self, sealed: str) -> str | None:
        """The same secret, encrypted with the first key; None if it is so already. Raises Unreadable."""
        try:
            self._current.decrypt(sealed)
        except InvalidToken:
            return self.seal(self.unseal(sealed))
        return None


def _key(secret_key: str) -> bytes:
    digest = hashlib.sha256(b"gitinsight endpoint secrets\0" + secret_key.encode()).digest()
    return base64.urlsafe_b64encode(digest)
