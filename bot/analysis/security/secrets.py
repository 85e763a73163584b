"""Secrets on added lines, by the format detectors of detect-secrets. The secret itself never leaves this module.

Detectors that guess (entropy, keywords) are left out: https://github.com/Yelp/detect-secrets#viewing-all-enabled-plugins
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from bot.domain.files import FileChange

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
NAMES = {
    "Artifactory Credentials": "An Artifactory token",
    "AWS Access Key": "An AWS access key",
    "Azure Storage Account access key": "An Azure storage account key",
    "Basic Auth Credentials": "A password in a URL",
    "Discord Bot Token": "A Discord bot token",
    "GitHub Token": "A GitHub token",
    "GitLab Token": "A GitLab token",
    "Mailchimp Access Key": "A Mailchimp API key",
    "NPM tokens": "An npm token",
    "OpenAI Token": "An OpenAI API key",
    "Private Key": "A private key",
    "PyPI Token": "A PyPI token",
    "SendGrid API Key": "A SendGrid API key",
    "Slack Token": "A Slack token",
    "Square OAuth Secret": "A Square OAuth secret",
    "Stripe Access Key": "A Stripe API key",
    "Telegram Bot Token": "A Telegram bot token",
    "Twilio API Key": "A Twilio API key",
}
_PLACEHOLDER = re.compile(
    r"example|sample|dummy|changeme|placeholder|redacted|your[-_]?|xxx|<[^>]*>|\{\{?[^}]*\}|\$\{?\w|\.\.\.|\*\*\*|"
    r"(.)\1{5}|0123456|123456|abcdef|user:pass|:password|:secret|username|localhost|127\.0\.0\.1",
    re.IGNORECASE,
)
_BASIC_AUTH = "Basic Auth Credentials"
_MAX_LINE = 4_000
# Their patterns do not check word boundaries.
_BOUNDED = {"AWS Access Key", "Mailchimp Access Key", "Telegram Bot Token", "Twilio API Key"}
# https://github.blog/changelog/2022-10-18-introducing-fine-grained-personal-access-tokens/
_FINE_GRAINED = re.compile(r"github_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59}")
_END_OF_WORD = re.compile(r"[\w+/=.~-]*")
_PRIVATE_KEY = "Private Key"
_KEY_BODY = re.compile(r"[A-Za-z0-9+/=]{40}")


@dataclass(frozen=True, slots=True)
class SecretFound:
    """The kind and line of an added secret. The secret itself is not stored.

    kind: as detect-secrets names it.
    ordinal: among the secrets of this kind in the file.
    """

    kind: str
    line: int
    ordinal: int

    @property
    def name(self) -> str:
        """The name of the kind, to begin a sentence."""
        return NAMES.get(self.kind, f"A secret ({self.kind})")


@cache
def _detectors() -> tuple[Any, ...]:
    """The detectors, imported on first use: the import is slow, and the analysis child starts often."""
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
    """Whether key material follows the header line; without it, the code only mentions the header."""
    following = (file.after or "").split("\n")[number - 1 : number + 4]
    return bool(_KEY_BODY.search("\n".join(line[:_MAX_LINE] for line in following).partition("KEY-----")[2]))


def values_on_line(line: str) -> list[str]:
    """Everything that a detector matches, extended to the end of its word, placeholders included."""
    return [
        line[match.start() : match.end()] + _END_OF_WORD.findall(line[match.end() :])[0]
        for _, match in _matches(line[:_MAX_LINE])
    ]


def _on_line(line: str) -> list[tuple[str, str]]:
    """(kind, secret) of each detector that matches, without placeholders."""
    return [
        (kind, match[0])
        for kind, match in _matches(line)
        if not _PLACEHOLDER.search(_surroundings(kind, line, match[0]))
    ]


def _matches(line: str) -> Iterator[tuple[str, re.Match[str]]]:
    """(kind, match) of all detectors: detect-secrets itself returns the first group only, which can be a prefix."""
    for detector in _detectors():
        for pattern in detector.denylist:
            for match in pattern.finditer(line):
                if detector.secret_type not in _BOUNDED or not _inside_word(line, match):
                    yield detector.secret_type, match
    for match in _FINE_GRAINED.finditer(line):
        yield "GitHub Token", match


def _inside_word(line: str, match: re.Match[str]) -> bool:
    """Whether the match is part of a longer word, as in checksums."""
    around = (line[match.start() - 1 : match.start() + 1], line[match.end() - 1 : match.end() + 1])
    return any(len(pair) == 2 and pair.isalnum() for pair in around)


def _surroundings(kind: str, line: str, secret: str) -> str:
    """The text to check for placeholders: the secret; for a password in a URL, the whole URL."""
    if kind != _BASIC_AUTH:
        return secret
    return next((word for word in line.split() if secret in word), secret)
