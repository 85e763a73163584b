"""Parses SMTP_URL and checks mail addresses."""

from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

_MAX_ADDRESS = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets
_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """The mail server.

    tls: whether the connection starts with TLS (smtps).
    start_tls: whether STARTTLS is required, because a password would otherwise be sent unencrypted. If False, STARTTLS
    is used if the server offers it.
    """

    host: str
    port: int
    tls: bool
    start_tls: bool
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def mail_server(url: str) -> MailServer:
    """Parse an SMTP_URL: `smtp://` or `smtps://`, optionally with `user:password@`.

    Raises ValueError. The message completes a sentence that begins with the name of the setting.
    """
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or parts.path not in {"", "/"} or parts.query:
        raise ValueError("must look like smtp://user:password@host:587 or smtps://user:password@host:465")
    try:
        port = parts.port or _PORTS[parts.scheme]
    except ValueError as problem:
        raise ValueError("contains an invalid port") from problem
    if (parts.username is None) != (parts.password is None):
        raise ValueError("must contain both a user and a password, or neither")
    tls = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname,
        port=port,
        tls=tls,
        start_tls=not tls and parts.username is not None and not _is_this_machine(parts.hostname),
        user=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
    )


def check_address(address: str) -> str:
    """Return the address if it is a valid mail address without a name. Raises ValueError with a reason."""
    one_word = address.isascii() and address.isprintable() and " " not in address
    if not one_word or len(address) > _MAX_ADDRESS:
        raise ValueError(f"a mail address has at most {_MAX_ADDRESS} ASCII characters and no spaces")
    try:
        parsed = Address(addr_spec=address)
    except (ValueError, IndexError, AttributeError, MessageError) as problem:  # the last three: of "a@[" and the like
        raise ValueError("this is not a mail address") from problem
    # "a@[127.0.0.1]" names a machine by its address: RFC 5321 permits it, and no receiver of ours has one.
    if not parsed.username or not parsed.domain or parsed.domain.startswith("[") or parsed.addr_spec != address:
        raise ValueError("this is not a mail address")
    return address


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
