"""Reads the environment and `.env`, and checks single values. No other module reads the environment."""

import os
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

MIN_SECRET_BYTES = 32


class SettingsError(Exception):
    """A setting is missing or invalid. The message says which one, and how to fix it."""


def read_environment(dotenv: Path = Path(".env")) -> dict[str, str]:
    """Read the environment and `.env`. The environment takes precedence, and empty values are ignored."""
    values = {key: value for key, value in dotenv_values(dotenv).items() if value} if dotenv.is_file() else {}
    return values | {key: value for key, value in os.environ.items() if value}


def integer(env: Mapping[str, str], name: str, default: int | None, *, least: int, most: int = 2**63) -> int:
    """Read a whole number from least to most. default None: it is required. Raises SettingsError."""
    text = env.get(name)
    if text is None:
        if default is None:
            raise SettingsError(
                f"{name} is not set. Run `gitinsight up` to create a GitHub App at /setup, or "
                "`gitinsight up --local .` to run without a GitHub account."
            )
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise SettingsError(f"{name} must be a whole number from {least} to {most}, not {text[:40]!r}")
    return int(text)


def address(env: Mapping[str, str], name: str, default: str) -> str:
    """Read an http(s) URL without query and fragment. A slash at its end is removed. Raises SettingsError."""
    value = env.get(name)
    if value is None:
        return default
    try:
        parts = urlsplit(value)
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query and not parts.fragment
    except ValueError:
        valid = False
    if not valid:
        raise SettingsError(f"{name} must be a URL such as https://example.org, not {value[:60]!r}")
    return value.rstrip("/")


def choice(env: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> str:
    """Read one of the choices, without regard to case. Raises SettingsError."""
    value = env.get(name, default)
    for known in choices:
        if value.lower() == known.lower():
            return known
    raise SettingsError(f"{name} must be one of {', '.join(choices)}, not {value[:40]!r}")


def secret(env: Mapping[str, str], name: str) -> str:
    """Read a secret of at least MIN_SECRET_BYTES bytes. Raises SettingsError."""
    value = env.get(name, "")
    if len(value.encode()) < MIN_SECRET_BYTES:
        state = "is not set" if not value else f"is shorter than {MIN_SECRET_BYTES} bytes"
        command = "python3 -c 'import secrets; print(secrets.token_hex(32))'"
        raise SettingsError(f"{name} {state}. Create a secret with: {command}")
    return value


def origins(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Read a list of origins in the form of browsers, such as `https://example.org`. Raises SettingsError."""
    values = tuple(origin for origin in env.get(name, "").replace(",", " ").split() if origin)
    for origin in values:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.netloc or origin != f"{parts.scheme}://{parts.netloc}":
            raise SettingsError(f"{name} must be a list of origins such as https://example.org, not {origin[:60]!r}")
    return values


def networks(env: Mapping[str, str], name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Read a comma-separated list of networks. Raises SettingsError."""
    try:
        return tuple(ip_network(text.strip()) for text in env.get(name, "").split(",") if text.strip())
    except ValueError as problem:
        raise SettingsError(
            f"{name} must be a comma-separated list of networks, such as 10.1.0.0/16,fd00::/8"
        ) from problem
