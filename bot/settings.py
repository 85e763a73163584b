"""The one reader of the environment (and of `.env`). Everything else takes `Settings` as an argument."""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from dotenv import dotenv_values

from bot.mail import MailServer, check_address, mail_server

MIN_SECRET_BYTES = 32
_SOCKET_PATH_MAX = 100


class SettingsError(Exception):
    """A setting is missing or wrong; the message says which, and how to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, checked. See README, "Settings", for what each means."""

    webhook_secrets: tuple[str, ...] = field(repr=False)
    secret_key: str = field(repr=False)
    secret_key_previous: str | None = field(default=None, repr=False)
    app_id: int
    private_key: str = field(repr=False)
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    github_api_url: str = "https://api.github.com"
    github_url: str = "https://github.com"
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str
    workers: int = 1
    log_level: str = "INFO"
    log_format: str = "console"
    retention_days: int = 400
    max_repository_mb: int = 4096
    cors_origins: tuple[str, ...] = ()
    api_rate: int = 600
    mail: MailServer | None = None
    mail_from: str = ""
    outbound_allow: tuple[IPv4Network | IPv6Network, ...] = ()

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The current key and, during a rotation, the one before it (SECRET_KEY_PREVIOUS)."""
        return (self.secret_key, self.secret_key_previous) if self.secret_key_previous else (self.secret_key,)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where this instance listens, how it is reached, and where its GitHub is."""

    host: str
    port: int
    public_url: str
    github_url: str
    github_api_url: str


def read_addresses(env: Mapping[str, str]) -> Addresses:
    """What can be known before there is a GitHub App. Raises SettingsError."""
    host, port = env.get("HOST", "127.0.0.1"), own_port(env)
    return Addresses(
        host=host,
        port=port,
        public_url=_address(env, "PUBLIC_URL", f"http://{reachable(host)}:{port}"),
        github_url=_address(env, "GITHUB_URL", "https://github.com"),
        github_api_url=_address(env, "GITHUB_API_URL", "https://api.github.com"),
    )


def log_choices(env: Mapping[str, str]) -> tuple[str, str]:
    """(level, format) of the log. Raises SettingsError."""
    level = _choice(env, "LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
    return level, _choice(env, "LOG_FORMAT", "console", ("console", "json"))


def environment(dotenv: Path = Path(".env")) -> dict[str, str]:
    """The process environment over the values of `.env`, empty values dropped."""
    values = {key: value for key, value in dotenv_values(dotenv).items() if value} if dotenv.is_file() else {}
    return values | {key: value for key, value in os.environ.items() if value}


def data_dir(env: Mapping[str, str]) -> Path:
    """Where mirrors, indexes and the embedded stores live; `.gitinsight` in the current folder by default."""
    return Path(env.get("DATA_DIR", ".gitinsight")).absolute()


def valkey_socket(folder: Path) -> Path:
    """The embedded Valkey's socket; a long DATA_DIR gets one in the temporary folder (unix(7): 108 bytes)."""
    path = folder / "valkey" / "valkey.sock"
    if len(os.fsencode(path)) <= _SOCKET_PATH_MAX:
        return path
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir(), f"gitinsight-{os.getuid()}-{name}", "valkey.sock")


def own_port(env: Mapping[str, str]) -> int:
    """The port to serve on. Raises SettingsError."""
    return _integer(env, "PORT", 8000, least=1, most=65535)


def has_github(env: Mapping[str, str]) -> bool:
    """Whether credentials of a GitHub App are configured."""
    return "GITHUB_APP_ID" in env


def read_settings(env: Mapping[str, str]) -> Settings:
    """Check and gather all settings. Raises SettingsError for the first one that is missing or wrong."""
    folder = data_dir(env)
    at, (log_level, log_format) = read_addresses(env), log_choices(env)
    return Settings(
        webhook_secrets=_webhook_secrets(env),
        secret_key=_secret(env, "SECRET_KEY"),
        secret_key_previous=secret_key_previous(env),
        app_id=_integer(env, "GITHUB_APP_ID", None, least=1),
        private_key=_private_key(env),
        client_id=env.get("GITHUB_CLIENT_ID"),
        client_secret=env.get("GITHUB_CLIENT_SECRET"),
        github_api_url=at.github_api_url,
        github_url=at.github_url,
        database_url=database_url(env["DATABASE_URL"])
        if "DATABASE_URL" in env
        else f"sqlite+aiosqlite:///{folder / 'gitinsight.db'}",
        redis_url=env.get("REDIS_URL", f"unix://{valkey_socket(folder)}"),
        data_dir=folder,
        host=at.host,
        port=at.port,
        public_url=at.public_url,
        workers=_integer(env, "WORKERS", 1, least=1, most=64),
        log_level=log_level,
        log_format=log_format,
        retention_days=_integer(env, "RETENTION_DAYS", 400, least=1),
        max_repository_mb=_integer(env, "MAX_REPOSITORY_MB", 4096, least=1),
        cors_origins=_origins(env),
        api_rate=_integer(env, "API_RATE", 600, least=1, most=1_000_000),
        mail=_mail(env),
        mail_from=env.get("MAIL_FROM", ""),
        outbound_allow=_networks(env, "OUTBOUND_ALLOW"),
    )


def own_database_url(env: Mapping[str, str]) -> str:
    """DATABASE_URL, or the SQLite file in DATA_DIR, whose folder is made. Raises SettingsError."""
    if "DATABASE_URL" in env:
        return database_url(env["DATABASE_URL"])
    folder = data_dir(env)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return database_url(f"sqlite:///{folder / 'gitinsight.db'}")


def database_url(url: str) -> str:
    """A platform's URL as SQLAlchemy's async drivers want it. Raises SettingsError for other databases."""
    for given, wanted in (
        ("postgres://", "postgresql+asyncpg://"),
        ("postgresql://", "postgresql+asyncpg://"),
        ("postgresql+asyncpg://", "postgresql+asyncpg://"),
        ("sqlite:///", "sqlite+aiosqlite:///"),
        ("sqlite+aiosqlite:///", "sqlite+aiosqlite:///"),
    ):
        if url.startswith(given):
            rest = url.removeprefix(given)
            if "sqlite" in given and not Path(rest.partition("?")[0]).absolute().parent.is_dir():
                raise SettingsError("DATABASE_URL names a file in a folder that does not exist")
            return wanted + (_with_driver_options(rest) if "postgres" in given else rest)
    raise SettingsError("DATABASE_URL must begin with postgres://, postgresql:// or sqlite:///")


def _with_driver_options(rest: str) -> str:
    """libpq's options in a URL as asyncpg takes them: `sslmode` is its `ssl`; it has no channel binding."""
    place, mark, query = rest.partition("?")
    names = {"sslmode": "ssl"}
    options = [(names.get(name, name), value) for name, value in parse_qsl(query) if name != "channel_binding"]
    return place + (mark + urlencode(options, safe="/") if options else "")


def is_local(settings: Settings) -> bool:
    """Whether GitHub is the stand-in on this machine, so that everything shown is the visitor's own."""
    return settings.github_url.startswith("http://127.0.0.1:")


def secret_key(env: Mapping[str, str]) -> str:
    """The key that signs API tokens. Raises SettingsError."""
    return _secret(env, "SECRET_KEY")


def secret_key_previous(env: Mapping[str, str]) -> str | None:
    """During a rotation, the key before: it still verifies. Raises SettingsError."""
    return _secret(env, "SECRET_KEY_PREVIOUS") if "SECRET_KEY_PREVIOUS" in env else None


def reachable(host: str) -> str:
    """Where a server that listens on this host is reached from this machine."""
    return "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104 - compared, not bound


def _integer(env: Mapping[str, str], name: str, default: int | None, *, least: int, most: int = 2**63) -> int:
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


def _address(env: Mapping[str, str], name: str, default: str) -> str:
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


def _choice(env: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> str:
    given = env.get(name, default)
    for choice in choices:
        if given.lower() == choice.lower():
            return choice
    raise SettingsError(f"{name} must be one of {', '.join(choices)}, not {given[:40]!r}")


def _secret(env: Mapping[str, str], name: str) -> str:
    secret = env.get(name, "")
    if len(secret.encode()) < MIN_SECRET_BYTES:
        state = "is not set" if not secret else f"is shorter than {MIN_SECRET_BYTES} bytes"
        raise SettingsError(f"{name} {state}. Make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'")
    return secret


def _origins(env: Mapping[str, str]) -> tuple[str, ...]:
    """Origins whose pages may call the API, as browsers write them: `https://example.org`."""
    given = tuple(origin for origin in env.get("CORS_ORIGINS", "").replace(",", " ").split() if origin)
    for origin in given:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.netloc or origin != f"{parts.scheme}://{parts.netloc}":
            raise SettingsError(f"CORS_ORIGINS must hold origins such as https://example.org, not {origin[:60]!r}")
    return given


def _webhook_secrets(env: Mapping[str, str]) -> tuple[str, ...]:
    """The current secret and, during a rotation, the one before it (GITHUB_WEBHOOK_SECRET_PREVIOUS)."""
    if not has_github(env) and "GITHUB_WEBHOOK_SECRET" not in env:
        raise SettingsError(
            "GITHUB_WEBHOOK_SECRET is not set, nor is GITHUB_APP_ID. `gitinsight up` creates a GitHub App at /setup; "
            'or see README, "Connect GitHub".'
        )
    current = _secret(env, "GITHUB_WEBHOOK_SECRET")
    if "GITHUB_WEBHOOK_SECRET_PREVIOUS" in env:
        return current, _secret(env, "GITHUB_WEBHOOK_SECRET_PREVIOUS")
    return (current,)


def _mail(env: Mapping[str, str]) -> MailServer | None:
    """The mail server, and that there is a sender to name to it; None: mail is off."""
    try:
        server = mail_server(env["SMTP_URL"]) if "SMTP_URL" in env else None
    except ValueError as problem:
        raise SettingsError(f"SMTP_URL {problem}") from problem
    if server is not None and "MAIL_FROM" not in env:
        raise SettingsError("MAIL_FROM is not set: mail needs a sender, such as gitinsight@example.org")
    if "MAIL_FROM" in env:
        try:
            check_address(env["MAIL_FROM"])
        except ValueError as problem:
            raise SettingsError("MAIL_FROM must be a bare mail address, such as gitinsight@example.org") from problem
    return server


def _networks(env: Mapping[str, str], name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(text.strip()) for text in env.get(name, "").split(",") if text.strip())
    except ValueError as problem:
        raise SettingsError(f"{name} must be networks with commas between, such as 10.1.0.0/16,fd00::/8") from problem


def _private_key(env: Mapping[str, str]) -> str:
    if "GITHUB_PRIVATE_KEY" in env:
        # Platforms without multi-line variables hand the line ends out as two characters.
        pem = env["GITHUB_PRIVATE_KEY"].replace("\\n", "\n")
    elif "GITHUB_PRIVATE_KEY_PATH" in env:
        try:
            pem = Path(env["GITHUB_PRIVATE_KEY_PATH"]).read_text()
        except OSError as problem:
            raise SettingsError(f"GITHUB_PRIVATE_KEY_PATH cannot be read: {problem.strerror}") from problem
        except ValueError as problem:
            raise SettingsError("GITHUB_PRIVATE_KEY_PATH is not a text file; PEM form is needed") from problem
    else:
        raise SettingsError("Neither GITHUB_PRIVATE_KEY nor GITHUB_PRIVATE_KEY_PATH is set")
    if "PRIVATE KEY-----" not in pem:
        raise SettingsError("The GitHub private key is not in PEM form (-----BEGIN … PRIVATE KEY-----)")
    try:
        load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise SettingsError(
            "The GitHub private key cannot be read: it is damaged or has a password. Download a new one from the App's "
            "settings."
        ) from problem
    return pem
