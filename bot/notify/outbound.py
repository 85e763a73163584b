"""Requests to addresses that strangers name: public ones only, checked on the socket that is about to connect.

A name can resolve to one address when it is looked at and to another when it is used, and 127.0.0.1 has many
spellings; so the address is judged where the operating system is given it, after every parser and resolver.
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
_SPOKEN_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]*|[0-9]+)")
# What `is_global` lets through and is not a host of its own on the Internet: translated and tunnelled IPv4, whose
# inner address can be a private one, the former relays of 6to4, and what is kept for protocols.
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


class Refused(OSError):
    """An address or URL that no request goes to; the message says why."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether this is a host on the Internet, and nothing nearer."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address not in _GLOBAL_UNICAST:
            return False
    if any(address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def check_url(text: str, allowed: Sequence[Network] = ()) -> URL:
    """The URL, if a webhook may be sent there: https on port 443, no credentials, no private address.

    allowed: networks beside the public ones; a literal address inside them may use any port, and http.
    Names are not resolved here; their addresses are judged at the socket. Raises Refused.
    """
    if len(text) > MAX_URL or not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise Refused(f"a webhook's URL has at most {MAX_URL} printable ASCII characters and no space")
    try:
        url = URL(text)
        host, port = url.host, url.port
    except ValueError as problem:
        raise Refused("this is not a URL") from problem
    if url.user is not None or url.password is not None:
        raise Refused("a webhook's URL carries no user or password")
    if not host:
        raise Refused("a webhook's URL begins with https:// and names a host")
    address = _literal(host)
    if address is not None:
        if _is_allowed(address, allowed) and url.scheme in {"http", "https"}:
            return url
        if not is_public(address):
            raise Refused(f"{address} is not a public address")
    if url.scheme != "https" or port != 443:
        raise Refused("a webhook's URL begins with https:// and uses port 443")
    return url


@asynccontextmanager
async def open_session(
    allowed: Sequence[Network] = (), *, resolver: AbstractResolver | None = None, at_once: int = 10
) -> AsyncIterator[aiohttp.ClientSession]:
    """A session that connects to public and allowed addresses only: no proxy, no cookie, no connection kept."""
    connector = aiohttp.TCPConnector(
        socket_factory=_guarded(allowed), resolver=resolver, limit=at_once, force_close=True, use_dns_cache=False
    )
    async with aiohttp.ClientSession(
        connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
    ) as session:
        yield session


def _guarded(allowed: Sequence[Network]) -> "Callable[[aiohttp.AddrInfoType], socket.socket]":
    def make(info: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, place = info
        address = ip_address(str(place[0]))
        if not is_public(address) and not _is_allowed(address, allowed):
            raise Refused(f"{address} is not a public address")
        return socket.socket(family, kind, protocol)

    return make


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host is, None for a name. Raises Refused for numbers that resolvers read as addresses."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    if _SPOKEN_NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        raise Refused("an address is written as four decimal numbers, or as IPv6 in brackets")
    return None


def _is_allowed(address: IPv4Address | IPv6Address, allowed: Sequence[Network]) -> bool:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in allowed)
