"""The one reader of the environment (and of `.env`), and of single values in it."""

import os
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

MIN_SECRET_BYTES = 32


class SettingsError(Exception):
    """A setting is missing or wrong; the message says which, and how to mend it."""


def read_environment(dotenv: Path = Path(".env")) -> dict[str, str]:
    """The process environment over the values of `.env`, empty values dropped."""
    values = {key: value for key, value in dotenv_values(dotenv).items() if value} if dotenv.is_file() else {}
    return values | {key: value for key, value in os.environ.items() if value}


def integer(env: Mapping[str, str], name: str, default: int | None, *, least: int, most: int = 2**63) -> int:
    """A whole number within its bounds; default None: it must be set. Raises SettingsError."""
    text = env.get(name)
    if text is None:
        if default is None:
            raise SettingsError(
                f"{name} is not set. `gitinsight up` creates a GitHub App at /setup; `gitinsight up --local .` runs "
                "without an account."
            )
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise SettingsError(f"{name} must be a whole number from {least} to {most}, not {text[:40]!r}")
    return int(text)


def address(env: Mapping[str, str], name: str, default: str) -> str:
    """An http(s) address without query and fragment, and without a slash at its end. Raises SettingsError."""
    given = env.get(name)
    if given is None:
        return default
    try:
        parts = urlsplit(given)
        fit = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query and not parts.fragment
    except ValueError:
        fit = False
    if not fit:
        raise SettingsError(f"{name} must be an address such as https://example.org, not {given[:60]!r}")
    return given.rstrip("/")


def choice(env: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> str:
    """One of the choices, as it is written there; upper and lower case are the same. Raises SettingsError."""
    given = env.get(name, default)
    for known in choices:
        if given.lower() == known.lower():
            return known
    raise SettingsError(f"{name} must be one of {', '.join(choices)}, not {given[:40]!r}")


def secret(env: Mapping[str, str], name: str) -> str:
    """A secret that is long enough to be one. Raises SettingsError."""
    given = env.get(name, "")
    if len(given.encode()) < MIN_SECRET_BYTES:
        state = "is not set" if not given else f"is shorter than {MIN_SECRET_BYTES} bytes"
        raise SettingsError(f"{name} {state}. Make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'")
    return given


def origins(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Origins as browsers write them, such as `https://example.org`. Raises SettingsError."""
    given = tuple(origin for origin in env.get(name, "").replace(",", " ").split() if origin)
    for origin in given:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.netloc or origin != f"{parts.scheme}://{parts.netloc}":
            raise SettingsError(f"{name} must hold origins such as https://example.org, not {origin[:60]!r}")
    return given


def networks(env: Mapping[str, str], name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks with commas between. Raises SettingsError."""
    try:
        return tuple(ip_network(text.strip()) for text in env.get(name, "").split(",") if text.strip())
    except ValueError as problem:
        raise SettingsError(f"{name} must be networks with commas between, such as 10.1.0.0/16,fd00::/8") from problem
