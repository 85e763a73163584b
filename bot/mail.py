"""What mail needs before anything is sent: the server that SMTP_URL names, and addresses that are safe in a header."""

from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

_LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets
_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over. tls: from the first byte (smtps); else by STARTTLS.

    start_tls: required, where a password would otherwise cross the network bare; else taken when it is offered.
    """

    host: str
    port: int
    tls: bool
    start_tls: bool
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def mail_server(url: str) -> MailServer:
    """The server of an SMTP_URL: `smtp://` or `smtps://`, `user:password@` as needed. Raises ValueError, in words."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or parts.path not in {"", "/"} or parts.query:
        raise ValueError("must look like smtp://user:password@host:587 or smtps://user:password@host:465")
    try:
        port = parts.port or _PORTS[parts.scheme]
    except ValueError as problem:
        raise ValueError("names a port that is none") from problem
    if (parts.username is None) != (parts.password is None):
        raise ValueError("must give a user and a password, or neither")
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
    """The address, if a mail can be sent to it as it stands. Raises ValueError, in words."""
    bare = address.isascii() and address.isprintable() and " " not in address
    if not bare or len(address) > _LONGEST_ADDRESS:
        raise ValueError("a mail address is one line of at most 254 ASCII characters without spaces")
    try:
        parsed = Address(addr_spec=address)
    except (ValueError, IndexError, MessageError) as problem:
        raise ValueError("this is not a mail address") from problem
    if not parsed.username or not parsed.domain or parsed.addr_spec != address:
        raise ValueError("this is not a mail address")
    return address


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
