"""Secrets on added lines, by the detectors of detect-secrets that know a format. The secret itself never leaves here.

Detectors that guess (entropy, keywords) are left out: https://github.com/Yelp/detect-secrets#viewing-all-enabled-plugins
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from detect_secrets.plugins.artifactory import ArtifactoryDetector
from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.basic_auth import BasicAuthDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.npm import NpmDetector
from detect_secrets.plugins.openai import OpenAIDetector
from detect_secrets.plugins.private_key import PrivateKeyDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

from bot.domain import FileChange

_DETECTORS = (
    ArtifactoryDetector, AWSKeyDetector, AzureStorageKeyDetector, BasicAuthDetector, DiscordBotTokenDetector,
    GitHubTokenDetector, GitLabTokenDetector, MailchimpDetector, NpmDetector, OpenAIDetector, PrivateKeyDetector,
    PypiTokenDetector, SendGridDetector, SlackDetector, SquareOAuthDetector, StripeDetector,
    TelegramBotTokenDetector, TwilioKeyDetector,
)  # fmt: skip
_PLACEHOLDER = re.compile(
    r"example|sample|dummy|changeme|placeholder|redacted|your[-_]?|xxx|<[^>]*>|\{\{?[^}]*\}|\$\{?\w|\.\.\.|\*\*\*|"
    r"(.)\1{5}|0123456|123456|abcdef|user:pass|:password|:secret|username|localhost|127\.0\.0\.1",
    re.IGNORECASE,
)
_MAX_LINE = 4_000


@dataclass(frozen=True, slots=True)
class SecretFound:
    """Where a secret of which kind was added. Nothing of the secret itself is kept."""

    kind: str
    line: int
    ordinal: int


@cache
def _detectors() -> tuple[Any, ...]:
    return tuple(detector() for detector in _DETECTORS)


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
            counted[kind] = counted.get(kind, 0) + 1
            found.append(SecretFound(kind, number, counted[kind]))
    return tuple(found)


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
    if kind != BasicAuthDetector.secret_type:
        return secret
    return next((word for word in line.split() if secret in word), secret)
