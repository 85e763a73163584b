"""Tokens for unsubscribe links, which work without signing in: the id of the subscription, signed with SECRET_KEY."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from uuid import UUID


def unsubscribe_token(secret_key: str, subscription: UUID) -> str:
    """Return the token of a subscription: 64 characters that are valid in a URL path."""
    return base64.urlsafe_b64encode(subscription.bytes + _mac(secret_key, subscription)).decode()


def subscription_of(secret_keys: Sequence[str], token: str) -> UUID | None:
    """Return the subscription of a token that is signed with one of these keys, or None if the token is invalid."""
    try:
        content = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(content) != 48:
        return None
    subscription = UUID(bytes=content[:16])
    valid = any(hmac.compare_digest(_mac(key, subscription), content[16:]) for key in secret_keys)
    return subscription if valid else None


def _mac(secret_key: str, subscription: UUID) -> bytes:
    key = hashlib.sha256(b"gitinsight unsubscribe\0" + secret_key.encode()).digest()
    return hmac.digest(key, subscription.bytes, hashlib.sha256)
