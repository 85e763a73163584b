"""Secrets that lie in the database encrypted, with keys that the database does not have."""

import base64
import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Unreadable(Exception):
    """A secret was sealed with a key that is no longer among ours."""


class Sealer:
    """Seals with the first key and opens with any, so that SECRET_KEY can be changed.

    https://cryptography.io/en/latest/fernet/#cryptography.fernet.MultiFernet
    """

    def __init__(self, secret_keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(_key(secret_key)) for secret_key in secret_keys])

    def seal(self, secret: str) -> str:
        """As it is stored."""
        return self._fernet.encrypt(secret.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """The secret. Raises Unreadable."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as problem:
            raise Unreadable("the secret was sealed with another SECRET_KEY") from problem


def _key(secret_key: str) -> bytes:
    digest = hashlib.sha256(b"gitinsight endpoint secrets\0" + secret_key.encode()).digest()
    return base64.urlsafe_b64encode(digest)
