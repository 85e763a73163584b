"""The settings of an instance, read from the environment. All other modules take `Settings` as an argument."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.environment import SettingsError, address, choice, integer, networks, origins, secret
from bot.mail import MailServer, check_address, mail_server
from bot.redis_address import redis_url
from bot.storage import data_dir, database_url, valkey_socket

# Set by `up --local` for its parts: the URL of the stand-in that it starts.
STAND_IN = "GITINSIGHT_STAND_IN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, checked. docs/connect.md describes each one."""

    webhook_secrets: tuple[str, ...] = field(repr=False)
    secret_key: str = field(repr=False)
    secret_key_previous: str | None = field(default=None, repr=False)
    app_id: int
    private_key: str = field(repr=False)
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    github_api_url: str = "https://api.github.com"
    github_url: str = "https://github.com"
    github_write_pause_ms: int = 1000
    stand_in: bool = False
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str
    workers: int = 1
    log_level: str = "INFO"
    log_format: str = "console"
    sentry_dsn: str = field(default="", repr=False)
    otel_endpoint: str = ""
    otel_headers: str = field(default="", repr=False)
    metrics_token: str = field(default="", repr=False)
    retention_days: int = 400
    max_repository_mb: int = 4096
    cors_origins: tuple[str, ...] = ()
    api_rate: int = 600
    mail: MailServer | None = None
    mail_from: str = ""
    embedding_model: str = ""
    summary_url: str = ""
    summary_model: str = ""
    outbound_allow: tuple[IPv4Network | IPv6Network, ...] = ()

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The current key and, during a rotation, the previous one (SECRET_KEY_PREVIOUS)."""
        return (self.secret_key, self.secret_key_previous) if self.secret_key_previous else (self.secret_key,)


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of this instance and of its GitHub.

    host, port: where this instance listens.
    public_url: the URL of this instance for users and webhooks.
    github_url: the URL of GitHub's pages.
    github_api_url: the URL of GitHub's API.
    """

    host: str
    port: int
    public_url: str
    github_url: str
    github_api_url: str


def read_addresses(env: Mapping[str, str]) -> Addresses:
    """Read the addresses, which do not depend on a GitHub App. Raises SettingsError."""
    host, port = env.get("HOST", "127.0.0.1"), own_port(env)
    return Addresses(
        host=host,
        port=port,
        public_url=address(env, "PUBLIC_URL", f"http://{reachable(host)}:{port}"),
        github_url=address(env, "GITHUB_URL", "https://github.com"),
        github_api_url=address(env, "GITHUB_API_URL", "https://api.github.com"),
    )


def log_choices(env: Mapping[str, str]) -> tuple[str, str]:
    """Read the level and the format of the log. Raises SettingsError."""
    level = choice(env, "LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
    return level, choice(env, "LOG_FORMAT", "console", ("console", "json"))


def own_port(env: Mapping[str, str]) -> int:
    """Read the port to listen on. Raises SettingsError."""
    return integer(env, "PORT", 8000, least=1, most=65535)


def has_github(env: Mapping[str, str]) -> bool:
    """Return whether the credentials of a GitHub App are configured."""
    return "GITHUB_APP_ID" in env


def read_settings(env: Mapping[str, str]) -> Settings:
    """Read and check all settings. Raises SettingsError for the first one that is missing or invalid."""
    folder = data_dir(env)
    at, (log_level, log_format) = read_addresses(env), log_choices(env)
    summary_url, summary_model = _summary(env)
    return Settings(
        webhook_secrets=_webhook_secrets(env),
        secret_key=secret(env, "SECRET_KEY"),
        secret_key_previous=secret_key_previous(env),
        app_id=integer(env, "GITHUB_APP_ID", None, least=1),
        private_key=_private_key(env),
        client_id=env.get("GITHUB_CLIENT_ID"),
        client_secret=env.get("GITHUB_CLIENT_SECRET"),
        github_api_url=at.github_api_url,
        github_url=at.github_url,
        stand_in=env.get(STAND_IN, "") == at.github_url == at.github_api_url,
        github_write_pause_ms=integer(env, "GITHUB_WRITE_PAUSE_MS", 1000, least=0, most=60_000),
        database_url=database_url(env["DATABASE_URL"])
        if "DATABASE_URL" in env
        else f"sqlite+aiosqlite:///{folder / 'gitinsight.db'}",
        redis_url=redis_url(env, f"unix://{valkey_socket(folder)}"),
        data_dir=folder,
        host=at.host,
        port=at.port,
        public_url=at.public_url,
        workers=integer(env, "WORKERS", 1, least=1, most=64),
        log_level=log_level,
        log_format=log_format,
        sentry_dsn=env.get("SENTRY_DSN", ""),
        otel_endpoint=address(env, "OTEL_EXPORTER_OTLP_ENDPOINT", ""),
        otel_headers=env.get("OTEL_EXPORTER_OTLP_HEADERS", ""),
        metrics_token=secret(env, "METRICS_TOKEN") if "METRICS_TOKEN" in env else "",
        retention_days=integer(env, "RETENTION_DAYS", 400, least=1),
        max_repository_mb=integer(env, "MAX_REPOSITORY_MB", 4096, least=1),
        cors_origins=origins(env, "CORS_ORIGINS"),
        api_rate=integer(env, "API_RATE", 600, least=1, most=1_000_000),
        mail=_mail(env),
        mail_from=env.get("MAIL_FROM", ""),
        embedding_model=env.get("EMBEDDING_MODEL", ""),
        summary_url=summary_url,
        summary_model=summary_model,
        outbound_allow=networks(env, "OUTBOUND_ALLOW"),
    )


def is_local(settings: Settings) -> bool:
    """Return whether GitHub is the stand-in that `up --local` started. Then every visitor may see all pages."""
    return settings.stand_in


def secret_key(env: Mapping[str, str]) -> str:
    """Read the key that signs API tokens. Raises SettingsError."""
    return secret(env, "SECRET_KEY")


def secret_key_previous(env: Mapping[str, str]) -> str | None:
    """Read the previous key, which still verifies tokens during a rotation. Raises SettingsError."""
    return secret(env, "SECRET_KEY_PREVIOUS") if "SECRET_KEY_PREVIOUS" in env else None


def reachable(host: str) -> str:
    """Return the address at which this machine reaches a server that listens on a host."""
    return "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104 - compared, not bound


def _webhook_secrets(env: Mapping[str, str]) -> tuple[str, ...]:
    """Read the current secret and, during a rotation, the previous one (GITHUB_WEBHOOK_SECRET_PREVIOUS)."""
    if not has_github(env) and "GITHUB_WEBHOOK_SECRET" not in env:
        raise SettingsError(
            "GITHUB_WEBHOOK_SECRET is not set, and neither is GITHUB_APP_ID. Run `gitinsight up` to create a GitHub "
            "App at /setup, or see docs/connect.md."
        )
    current = secret(env, "GITHUB_WEBHOOK_SECRET")
    if "GITHUB_WEBHOOK_SECRET_PREVIOUS" in env:
        return current, secret(env, "GITHUB_WEBHOOK_SECRET_PREVIOUS")
    return (current,)


def _mail(env: Mapping[str, str]) -> MailServer | None:
    """Read the mail server and check the sender. None: mail is off."""
    try:
        server = mail_server(env["SMTP_URL"]) if "SMTP_URL" in env else None
    except ValueError as problem:
        raise SettingsError(f"SMTP_URL {problem}") from problem
    if server is not None and "MAIL_FROM" not in env:
        raise SettingsError("MAIL_FROM is not set. Set it to the sender's address, such as gitinsight@example.org")
    if "MAIL_FROM" in env:
        try:
            check_address(env["MAIL_FROM"])
        except ValueError as problem:
            raise SettingsError(
                "MAIL_FROM must be a mail address without a name, such as gitinsight@example.org"
            ) from problem
    return server


def _summary(env: Mapping[str, str]) -> tuple[str, str]:
    """Read the URL of the server that writes summaries, and its model's name. Both empty: there are none."""
    url, model = address(env, "SUMMARY_URL", ""), env.get("SUMMARY_MODEL", "")
    if bool(url) != bool(model):
        raise SettingsError("SUMMARY_URL and SUMMARY_MODEL belong together: set both or neither")
    if urlsplit(url).username is not None:
        raise SettingsError("SUMMARY_URL must not contain a user or a password")
    return url, model


def _private_key(env: Mapping[str, str]) -> str:
    if "GITHUB_PRIVATE_KEY" in env:
        # Platforms without multi-line variables replace each line end by the two characters `\n`.
        pem = env["GITHUB_PRIVATE_KEY"].replace("\\n", "\n")
    elif "GITHUB_PRIVATE_KEY_PATH" in env:
        try:
            pem = Path(env["GITHUB_PRIVATE_KEY_PATH"]).read_text()
        except OSError as problem:
            raise SettingsError(f"GITHUB_PRIVATE_KEY_PATH cannot be read: {problem.strerror}") from problem
        except ValueError as problem:
            raise SettingsError("GITHUB_PRIVATE_KEY_PATH is not a text file in PEM format") from problem
    else:
        raise SettingsError("Neither GITHUB_PRIVATE_KEY nor GITHUB_PRIVATE_KEY_PATH is set")
    if "PRIVATE KEY-----" not in pem:
        raise SettingsError(
            "The GitHub private key is not in PEM format (-----BEGIN … PRIVATE KEY-----). Check GITHUB_PRIVATE_KEY or "
            "GITHUB_PRIVATE_KEY_PATH; a new key is made in the App's settings on GitHub"
        )
    try:
        load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise SettingsError(
            "The GitHub private key cannot be read: it is damaged or has a password. Download a new one from the App's "
            "settings."
        ) from problem
    return pem
