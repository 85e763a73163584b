"""Reading the settings: the default and the rule of each, and that no secret is shown."""

from dataclasses import fields
from ipaddress import ip_network
from pathlib import Path

import pytest

from bot.environment import SettingsError
from bot.settings import Settings, is_local, read_settings
from bot.storage import valkey_socket
from tests.standin import key_pair

PEM, _ = key_pair()
DAMAGED = "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\n"
LEAST = {
    "GITHUB_APP_ID": "7",
    "GITHUB_PRIVATE_KEY": PEM,
    "GITHUB_WEBHOOK_SECRET": "w" * 32,
    "SECRET_KEY": "s" * 32,
    "DATA_DIR": "/var/lib/gitinsight",
}


def read(**changed: str | None) -> Settings:
    return read_settings({name: value for name, value in (LEAST | changed).items() if value is not None})


def test_the_required_settings_and_the_defaults() -> None:
    settings = read()
    assert settings == Settings(
        webhook_secrets=("w" * 32,),
        secret_key="s" * 32,
        app_id=7,
        private_key=PEM,
        github_api_url="https://api.github.com",
        github_url="https://github.com",
        database_url="sqlite+aiosqlite:////var/lib/gitinsight/gitinsight.db",
        redis_url="unix:///var/lib/gitinsight/valkey/valkey.sock",
        data_dir=Path("/var/lib/gitinsight"),
        host="127.0.0.1",
        port=8000,
        public_url="http://127.0.0.1:8000",
    )
    assert not is_local(settings)


def test_every_setting_can_be_set(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text(PEM)
    settings = read(
        GITHUB_PRIVATE_KEY=None,
        GITHUB_PRIVATE_KEY_PATH=str(key),
        GITHUB_WEBHOOK_SECRET_PREVIOUS="p" * 32,
        GITHUB_CLIENT_ID="Iv1.abc",
        GITHUB_CLIENT_SECRET="c" * 40,
        GITHUB_API_URL="https://ghe.example.org/api/v3/",
        GITHUB_URL="https://ghe.example.org/",
        DATABASE_URL="postgres://u:p@db/app",
        REDIS_URL="rediss://cache:6380/1",
        HOST="0.0.0.0",
        PORT="80",
        PUBLIC_URL="https://insight.example.org/",
        WORKERS="3",
        LOG_LEVEL="debug",
        LOG_FORMAT="JSON",
        RETENTION_DAYS="30",
        MAX_REPOSITORY_MB="100",
        SECRET_KEY_PREVIOUS="q" * 32,
        CORS_ORIGINS="https://a.example, https://b.example:8443",
        API_RATE="60",
        SMTP_URL="smtp://user:p%40ss@mail.example.org",
        MAIL_FROM="gitinsight@example.org",
        OUTBOUND_ALLOW="10.1.0.0/16, fd00::/8,",
        EMBEDDING_MODEL="minilm",
        SUMMARY_URL="http://127.0.0.1:11434/v1/",
        SUMMARY_MODEL="small-1b",
        GITHUB_WRITE_PAUSE_MS="0",
        METRICS_TOKEN="m" * 32,
        SENTRY_DSN="https://key@sentry.example.org/1",
        OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:4318/",
        OTEL_EXPORTER_OTLP_HEADERS="api-key=abc",
    )
    assert (settings.secret_key_previous, settings.api_rate) == ("q" * 32, 60)
    assert settings.cors_origins == ("https://a.example", "https://b.example:8443")
    assert settings.webhook_secrets == ("w" * 32, "p" * 32)
    assert settings.github_api_url == "https://ghe.example.org/api/v3"
    assert settings.github_url == "https://ghe.example.org"
    assert settings.public_url == "https://insight.example.org"
    assert (settings.host, settings.port, settings.workers, settings.retention_days) == ("0.0.0.0", 80, 3, 30)
    assert (settings.log_level, settings.log_format, settings.max_repository_mb) == ("DEBUG", "json", 100)
    assert settings.secret_keys == ("s" * 32, "q" * 32)
    assert settings.mail is not None
    assert (settings.mail.host, settings.mail.password, settings.mail.start_tls) == ("mail.example.org", "p@ss", True)
    assert settings.outbound_allow == (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))
    assert settings.embedding_model == "minilm"
    assert (settings.summary_url, settings.summary_model) == ("http://127.0.0.1:11434/v1", "small-1b")
    unchanged = {
        field.name for field in fields(Settings) if getattr(settings, field.name) == getattr(read(), field.name)
    }
    assert unchanged == {"secret_key", "app_id", "private_key", "data_dir", "stand_in"}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"GITHUB_APP_ID": None}, "GITHUB_APP_ID is not set"),
        ({"CORS_ORIGINS": "*"}, "CORS_ORIGINS must be a list of origins"),
        ({"PUBLIC_URL": "insight.example.org"}, "PUBLIC_URL must be a URL"),
        ({"PUBLIC_URL": "https://insight.example.org/?a=b"}, "PUBLIC_URL must be a URL"),
        ({"GITHUB_URL": "https://[::1"}, "GITHUB_URL must be a URL"),
        ({"GITHUB_API_URL": "ftp://ghe.example.org"}, "GITHUB_API_URL must be a URL"),
        ({"CORS_ORIGINS": "https://a.example/"}, "CORS_ORIGINS must be a list of origins"),
        ({"REDIS_URL": "redis+sentinel://h:26379"}, "REDIS_URL must be such as"),
        ({"SECRET_KEY_PREVIOUS": "short"}, "SECRET_KEY_PREVIOUS is shorter than 32 bytes"),
        ({"API_RATE": "0"}, "API_RATE must be a whole number"),
        ({"GITHUB_APP_ID": "seven"}, "GITHUB_APP_ID must be a whole number"),
        ({"GITHUB_APP_ID": "0"}, "GITHUB_APP_ID must be"),
        ({"GITHUB_APP_ID": "٧"}, "GITHUB_APP_ID must be"),
        ({"GITHUB_PRIVATE_KEY": None}, "Neither GITHUB_PRIVATE_KEY nor"),
        ({"GITHUB_PRIVATE_KEY": "abc"}, "not in PEM format"),
        ({"GITHUB_PRIVATE_KEY": DAMAGED}, "is damaged or has a password"),
        ({"DATABASE_URL": "sqlite:////nonexistent/folder/x.db"}, "in a folder that does not exist"),
        ({"GITHUB_PRIVATE_KEY": "-----BEGIN PUBLIC KEY-----"}, "not in PEM format"),
        ({"GITHUB_PRIVATE_KEY": None, "GITHUB_PRIVATE_KEY_PATH": "/nonexistent/key"}, "No such file"),
        ({"GITHUB_PRIVATE_KEY": None, "GITHUB_PRIVATE_KEY_PATH": "/"}, "GITHUB_PRIVATE_KEY_PATH cannot be read"),
        ({"GITHUB_WEBHOOK_SECRET": None}, "GITHUB_WEBHOOK_SECRET is not set"),
        ({"GITHUB_WEBHOOK_SECRET": "w" * 31}, "GITHUB_WEBHOOK_SECRET is shorter than 32 bytes"),
        ({"GITHUB_WEBHOOK_SECRET_PREVIOUS": "short"}, "GITHUB_WEBHOOK_SECRET_PREVIOUS is shorter"),
        ({"SECRET_KEY": None}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is shorter"),
        ({"DATABASE_URL": "mysql://db/app"}, "DATABASE_URL must begin with"),
        ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL must begin with"),
        ({"PORT": "0"}, "PORT must be"),
        ({"PORT": "65536"}, "PORT must be"),
        ({"PORT": "-1"}, "PORT must be"),
        ({"WORKERS": "0"}, "WORKERS must be"),
        ({"WORKERS": "65"}, "WORKERS must be"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL must be one of DEBUG"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT must be one of console"),
        ({"SUMMARY_URL": "http://127.0.0.1:11434/v1"}, "set both or neither"),
        ({"SUMMARY_MODEL": "small-1b"}, "set both or neither"),
        ({"SUMMARY_URL": "127.0.0.1:11434", "SUMMARY_MODEL": "m"}, "SUMMARY_URL must be a URL"),
        ({"SUMMARY_URL": "http://me:pw@127.0.0.1/v1", "SUMMARY_MODEL": "m"}, "must not contain a user"),
        ({"RETENTION_DAYS": "0"}, "RETENTION_DAYS must be"),
        ({"MAX_REPOSITORY_MB": "1.5"}, "MAX_REPOSITORY_MB must be"),
        ({"SECRET_KEY_PREVIOUS": "short"}, "SECRET_KEY_PREVIOUS is shorter"),
        ({"SMTP_URL": "mail.example.org", "MAIL_FROM": "a@b.org"}, "SMTP_URL must look like smtp://"),
        (
            {"SMTP_URL": "smtp://user@mail.example.org", "MAIL_FROM": "a@b.org"},
            "SMTP_URL must contain both a user and a",
        ),
        ({"SMTP_URL": "smtp://mail.example.org"}, "MAIL_FROM is not set"),
        ({"MAIL_FROM": "GitInsight <a@b.org>"}, "MAIL_FROM must be a mail address without a name"),
        ({"MAIL_FROM": "a@b.org\nBcc: c@d.org"}, "MAIL_FROM must be a mail address without a name"),
        ({"OUTBOUND_ALLOW": "localhost"}, "OUTBOUND_ALLOW must be a comma-separated list of networks"),
        ({"OUTBOUND_ALLOW": "10.1.2.3/8"}, "OUTBOUND_ALLOW must be a comma-separated list of networks"),
    ],
)
def test_an_invalid_setting_raises_a_message_without_secrets(changed: dict[str, str | None], message: str) -> None:
    with pytest.raises(SettingsError, match=message) as error:
        read(**changed)
    assert len(str(error.value).splitlines()) == 1
    for secret in ("w" * 31, "seven!", PEM):
        assert secret not in str(error.value)


def test_a_key_file_must_be_a_text_file(tmp_path: Path) -> None:
    key = tmp_path / "key.der"
    key.write_bytes(b"\x30\x82\xff\xfe")
    with pytest.raises(SettingsError, match="not a text file"):
        read(GITHUB_PRIVATE_KEY=None, GITHUB_PRIVATE_KEY_PATH=str(key))


def test_line_ends_written_as_two_characters_are_converted() -> None:
    assert read(GITHUB_PRIVATE_KEY=PEM.replace("\n", "\\n")).private_key == PEM


def test_secrets_never_appear_in_the_representation() -> None:
    secrets = {
        "GITHUB_WEBHOOK_SECRET": "webhook-" + "1" * 32,
        "GITHUB_WEBHOOK_SECRET_PREVIOUS": "previous-" + "2" * 32,
        "SECRET_KEY": "key-" + "3" * 32,
        "GITHUB_CLIENT_SECRET": "client-" + "4" * 32,
        "DATABASE_URL": "postgres://user:database-password@db/app",
        "REDIS_URL": "redis://:redis-password@cache",
        "SECRET_KEY_PREVIOUS": "key-" + "3" * 31,
        "SMTP_URL": "smtp://user:smtp-password@mail.example.org",
        "MAIL_FROM": "gitinsight@example.org",
    }
    settings = read(**secrets)
    for shown in (repr(settings), str(settings), f"{settings}"):
        for word in ("webhook-", "previous-", "key-3", "client-", "password", "PRIVATE KEY"):
            assert word not in shown
        assert "port=8000" in shown


@pytest.mark.parametrize(("host", "shown"), [("0.0.0.0", "127.0.0.1"), ("::", "127.0.0.1"), ("10.0.0.5", "10.0.0.5")])
def test_the_default_public_url_is_reachable(host: str, shown: str) -> None:
    assert read(HOST=host, PORT="81").public_url == f"http://{shown}:81"


STAND_IN_URL = "http://127.0.0.1:8001"


@pytest.mark.parametrize(
    ("url", "api", "stand_in", "local"),
    [
        (STAND_IN_URL, STAND_IN_URL, STAND_IN_URL, True),
        (STAND_IN_URL, STAND_IN_URL, "", False),  # a GitHub Enterprise behind a tunnel
        (STAND_IN_URL, "https://api.github.com", STAND_IN_URL, False),
        ("https://github.com", STAND_IN_URL, STAND_IN_URL, False),
        ("https://ghe.example.org", "https://ghe.example.org", "", False),
    ],
)
def test_only_the_stand_in_that_up_started_is_local(url: str, api: str, stand_in: str, local: bool) -> None:
    assert is_local(read(GITHUB_URL=url, GITHUB_API_URL=api, GITINSIGHT_STAND_IN=stand_in)) is local


def test_the_default_redis_url_is_the_socket_of_the_embedded_valkey() -> None:
    long = Path("/data") / ("x" * 200)
    assert read(DATA_DIR=str(long)).redis_url == f"unix://{valkey_socket(long)}"
