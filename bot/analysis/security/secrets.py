"""Secrets on added lines, by the detectors of detect-secrets that know a format. The secret itself never leaves here.

Detectors that guess (entropy, keywords) are left out: https://github.com/Yelp/detect-secrets#viewing-all-enabled-plugins
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from bot.domain import FileChange

_DETECTORS = {
    "artifactory": "ArtifactoryDetector",
    "aws": "AWSKeyDetector",
    "azure_storage_key": "AzureStorageKeyDetector",
    "basic_auth": "BasicAuthDetector",
    "discord": "DiscordBotTokenDetector",
    "github_token": "GitHubTokenDetector",
    "gitlab_token": "GitLabTokenDetector",
    "mailchimp": "MailchimpDetector",
    "npm": "NpmDetector",
    "openai": "OpenAIDetector",
    "private_key": "PrivateKeyDetector",
    "pypi_token": "PypiTokenDetector",
    "sendgrid": "SendGridDetector",
    "slack": "SlackDetector",
    "square_oauth": "SquareOAuthDetector",
    "stripe": "StripeDetector",
    "telegram_token": "TelegramBotTokenDetector",
    "twilio": "TwilioKeyDetector",
}
_PLACEHOLDER = re.compile(
    r"example|sample|dummy|changeme|placeholder|redacted|your[-_]?|xxx|<[^>]*>|\{\{?[^}]*\}|\$\{?\w|\.\.\.|\*\*\*|"
    r"(.)\1{5}|0123456|123456|abcdef|user:pass|:password|:secret|username|localhost|127\.0\.0\.1",
    re.IGNORECASE,
)
_BASIC_AUTH = "Basic Auth Credentials"
_MAX_LINE = 4_000
_PRIVATE_KEY = "Private Key"
_KEY_BODY = re.compile(r"[A-Za-z0-9+/=]{40}")


@dataclass(frozen=True, slots=True)
class SecretFound:
    """Where a secret of which kind was added. Nothing of the secret itself is kept."""

    kind: str
    line: int
    ordinal: int


@cache
def _detectors() -> tuple[Any, ...]:
    """Imported on first use: they are slow to import, and the analysis child starts often."""
    return tuple(
        getattr(import_module(f"detect_secrets.plugins.{module}"), name)() for module, name in _DETECTORS.items()
    )


def secrets_on_added_lines(file: FileChange) -> tuple[SecretFound, ...]:
    """Secrets that this change added: on an added line, and not anywhere in the text before."""
    found: list[SecretFound] = []
    counted: dict[str, int] = {}
    for number, line in file.added_lines():
        if len(line) > _MAX_LINE or "pragma: allowlist secret" in line:
            continue
        for kind, secret in _on_line(line):
            if file.before is not None and secret in file.before:
                continue
            if kind == _PRIVATE_KEY and not _has_key_body(file, number):
                continue
            counted[kind] = counted.get(kind, 0) + 1
            found.append(SecretFound(kind, number, counted[kind]))
    return tuple(found)


def _has_key_body(file: FileChange, number: int) -> bool:
    """Whether key material follows the header line: code that only looks for the header holds no key."""
    following = (file.after or "").split("\n")[number - 1 : number + 4]
    return bool(_KEY_BODY.search("\n".join(line[:_MAX_LINE] for line in following).partition("KEY-----")[2]))


def values_on_line(line: str) -> list[str]:
    """Whatever a detector takes for a secret, placeholders too: what must not be quoted."""
    return [
        secret.secret_value
        for detector in _detectors()
        for secret in detector.analyze_line(filename="file", line=line[:_MAX_LINE], line_number=1)
        if secret.secret_value
    ]


def _on_line(line: str) -> list[tuple[str, str]]:
    """(kind, secret) of each detector that fires, placeholders left out."""
    return [
        (detector.secret_type, secret.secret_value or "")
        for detector in _detectors()
        for secret in detector.analyze_line(filename="file", line=line, line_number=1)
        if not _PLACEHOLDER.search(_surroundings(detector.secret_type, line, secret.secret_value or ""))
    ]


def _surroundings(kind: str, line: str, secret: str) -> str:
    """What is searched for signs of a placeholder: the secret, and for passwords in URLs the whole URL."""
    if kind != _BASIC_AUTH:
        return secret
    return next((word for word in line.split() if secret in word), secret)
