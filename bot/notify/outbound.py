"""Requests to guarded addresses: untrusted URLs reach only public ones, an own server is asked only at a private one.

The check takes place when the socket is created.

A host name can resolve to one address for the check and to another for the connection, and 127.0.0.1 has many
spellings. Therefore the address is checked after all parsers and resolvers, immediately before the connection.
https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

import re
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

MAX_URL = 2_000
Network = IPv4Network | IPv6Network
_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]*|[0-9]+)")
# Networks that `is_global` accepts although they are no public hosts: translated and tunnelled IPv4, which may contain
# a private address, the former 6to4 relays, and networks reserved for protocols.
# https://www.iana.org/assignments/iana-ipv4-special-registry/ and …/iana-ipv6-special-registry/
_GLOBAL_UNICAST = ip_network("2000::/3")
_NOT_PUBLIC = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "64:ff9b::/96",
    )
)
# Addresses of the operator's own machines: loopback, RFC 1918 and RFC 4193. Link-local ones are left out: at
# 169.254.169.254 clouds answer with credentials.
PRIVATE: tuple[Network, ...] = tuple(
    ip_network(text) for text in ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)


class Refused(OSError):
    """An address or URL is not allowed. The message gives the reason, as a clause without a period."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether the address is a public host on the Internet."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address not in _GLOBAL_UNICAST:
            return False
    if any(address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def check_url(text: str, allowed: Sequence[Network] = ()) -> URL:
    """Check and parse the URL of a webhook: https on port 443, no credentials, no private address. Raises Refused.

    allowed: additional networks. A literal address in one of them may use http and any port.
    Host names are not resolved here; the socket of `open_session` checks their addresses.
    """
    if len(text) > MAX_URL or not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise Refused(f"a webhook URL must have at most {MAX_URL} printable ASCII characters and no spaces")
    try:
        url = URL(text)
        host, port = url.host, url.port
    except ValueError as problem:
        raise Refused("this is not a URL") from problem
    if url.user is not None or url.password is not None:
        raise Refused("a webhook URL must not contain a user or a password")
    if not host:
        raise Refused("a webhook URL must begin with https:// and contain a host")
    address = _literal(host)
    if address is not None:
        if _is_allowed(address, allowed) and url.scheme in {"http", "https"}:
            return url
        if not is_public(address):
            raise Refused(f"{address} is not a public address")
    if url.scheme != "https" or port != 443:
        raise Refused("a webhook URL must begin with https:// and use port 443")
    return url


@asynccontextmanager
async def open_session(
    allowed: Sequence[Network] = (),
    *,
    public: bool = True,
    resolver: AbstractResolver | None = None,
    at_once: int = 10,
) -> AsyncIterator[aiohttp.ClientSession]:
    """Open an HTTP session that connects to public and allowed addresses only.

    It uses no proxies and no cookies, and closes each connection after the request.
    public: whether public addresses are allowed. Without them, `allowed` is usually PRIVATE.
    at_once: the maximum number of connections.
    """
    connector = aiohttp.TCPConnector(
        socket_factory=_guarded(allowed, public),
        resolver=resolver,
        limit=at_once,
        force_close=True,
        use_dns_cache=False,
    )
    async with aiohttp.ClientSession(
        connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
    ) as session:
        yield session


def reason(problem: BaseException) -> str:
    """Return why a request failed, in at most 300 characters."""
    cause = problem.__cause__
    if isinstance(cause, Refused):
        return str(cause)[:300]
    if isinstance(problem, Refused):
        return str(problem)[:300]
    return f"{type(problem).__name__}: {problem}".replace("\0", " ")[:300]


def _guarded(allowed: Sequence[Network], public: bool) -> "Callable[[aiohttp.AddrInfoType], socket.socket]":
    def make(info: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, socket_address = info
        address = ip_address(str(socket_address[0]))
        if not _is_allowed(address, allowed) and not (public and is_public(address)):
            raise Refused(f"{address} is not a {'public' if public else 'private'} address")
        return socket.socket(family, kind, protocol)

    return make


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a host is, or None for a name.

    Raises Refused for other numbers that some resolvers accept as an address, such as 0x7f000001.
    """
    try:
        return ip_address(host)
    except ValueError:
        pass
    if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        raise Refused("an IP address must have four decimal numbers, or be an IPv6 address in brackets")
    return None


def _is_allowed(address: IPv4Address | IPv6Address, allowed: Sequence[Network]) -> bool:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in allowed)
