"""Forms of secrets that the engine does not find, or finds only beside other parts. Pure functions on lines.

Every pattern has bounds at both ends and bounded repetitions. What a pattern matches is no secret yet: random letters
and digits, an id of Discord inside, a body of a key are asked for where the form allows it.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.credentials import PRIVATE_KEY, URL_PASSWORD, looks_random
from bot.scan.secret_filters import is_placeholder, is_silent_assignment, is_silent_url

BASIC_AUTH, PRIVATE, ASSIGNED = "Basic Auth Credentials", "Private Key", "Password"
_KEY_BODY = re.compile(r"[A-Za-z0-9+/]{40}")
# PGP has headers and an empty line before the body (RFC 9580, section 6.2), PuTTY the public key.
_KEY_HEAD_LINES = 10
_MAX_BODY_LINE = 4_000


@dataclass(frozen=True, slots=True)
class Match:
    """A secret on a line.

    kind: of the table in `secret_kinds.py`.
    start, end: of its characters in the line.
    """

    kind: str
    start: int
    end: int


def _always(match: re.Match[str]) -> bool:
    return True


def _is_random(match: re.Match[str]) -> bool:
    return looks_random(match[1])


def _has_random_part(match: re.Match[str]) -> bool:
    return any(map(looks_random, re.findall(r"[A-Za-z0-9]{10,}", match[1])))


def _has_discord_id(match: re.Match[str]) -> bool:
    """Whether the first part is the id of a user (https://discord.com/developers/docs/reference#snowflakes)."""
    part = match[2]
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).isdigit()
    except binascii.Error:
        return False


_FORMS: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    ("AWS Access Key", re.compile(r"(?<![\w+/=-])((?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})(?![\w+/=-])"), _always),
    (
        "AWS Access Key",
        re.compile(
            r"(?i:aws_?(?:secret|session)?_?(?:secret_?)?access_?key|aws_?secret(?:_?key)?|secret_?access_?key)"
            r"[\"'\\\]\s:=>,(]{1,12}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"
        ),
        _is_random,
    ),
    # The engine asks for the lengths of today; OpenAI, Anthropic and GitLab promise none.
    ("OpenAI Token", re.compile(r"(?<![\w-])(sk-(?:proj|svcacct|admin)-[\w-]{40,300})(?![\w-])"), _has_random_part),
    ("Anthropic API Key", re.compile(r"(?<![\w-])(sk-ant-[a-z]{2,10}\d\d-[\w-]{40,300})(?![\w-])"), _has_random_part),
    ("GitLab Token", re.compile(r"(?<![\w-])(gl[a-z]{2,5}-[\w.-]{20,300})(?![\w-])"), _has_random_part),
    ("Google Client Secret", re.compile(r"(?<![\w-])(GOCSPX-[\w-]{28})(?![\w-])"), _is_random),
    # The letters `Q~` after a digit mark the form: https://learn.microsoft.com/purview/sit-defn-client-secret-api-key
    ("Azure Client Secret", re.compile(r"(?<![\w.~-])([\w.~-]{3}\dQ~[\w.~-]{31,34})(?![\w.~-])"), _is_random),
    (
        "Discord Bot Token",
        re.compile(r"(?<![\w.-])(([MNO][A-Za-z0-9_-]{22,27})\.[\w-]{6}\.[\w-]{27,40})(?![\w.-])"),
        _has_discord_id,
    ),
    # https://jfrog.com/help/r/jfrog-platform-administration-documentation: API keys and reference tokens
    ("Artifactory Credentials", re.compile(r"(?<![\w+/=-])(AKCp[A-Za-z0-9]{69})(?![\w+/=-])"), _is_random),
    ("Artifactory Credentials", re.compile(r"(?<![\w+/=-])(cmVmdGtu[A-Za-z0-9]{56})(?![\w+/=-])"), _is_random),
    ("crates.io Token", re.compile(r"(?<![\w+/=-])(cio[A-Za-z0-9]{32})(?![\w+/=-])"), _is_random),
)
_NAME = (
    r"(?:pass(?:word|wd|phrase)|passw|pwd|secret|secret_?key|api_?key|access_?key|encryption_?key|signing_?key"
    r"|(?:auth|access|api|bearer|refresh|bot|deploy)_?token)"
)
_QUOTED = re.compile(
    rf"{_NAME}(?:\\?[\"'])?\]?\s{{0,8}}(?::=|=>|[:=])\s{{0,8}}(\\{{0,2}}[\"'`])(?P<value>[^\s\"'`\\]{{8,128}})\1",
    re.IGNORECASE,
)
_BARE = re.compile(rf"{_NAME}\s{{0,8}}[:=]\s{{0,8}}(?P<value>[^\s\"'`\\,;]{{8,128}})\s*$", re.IGNORECASE)
_ELEMENT = re.compile(rf"<([\w.-]{{0,40}}{_NAME})>(?P<value>[^\s<>]{{8,128}})</\1>", re.IGNORECASE)
_BARE_FILE = re.compile(
    r"(^|/)\.env(\.[\w.-]+)?$|(^|/)(credentials|config|\.npmrc|\.pypirc|\.netrc)$"
    r"|\.(env|ini|cfg|conf|cnf|properties|ya?ml|toml|txt|tfvars)$",
    re.IGNORECASE,
)


def on_line(line: str, path: str) -> Iterator[Match]:
    """Yield the secrets of a line in the forms of this module, without private keys."""
    for kind, pattern, is_meant in _FORMS:
        for match in pattern.finditer(line):
            if is_meant(match) and not is_placeholder(match[1]):
                yield Match(kind, *match.span(1))
    yield from in_urls(line)
    for pattern in (_QUOTED, _ELEMENT, *((_BARE,) if _BARE_FILE.search(path) else ())):
        for match in pattern.finditer(line):
            if not is_silent_assignment(match["value"]):
                yield Match(ASSIGNED, *match.span("value"))


def in_urls(line: str) -> Iterator[Match]:
    """Yield the passwords between `://` and `@`."""
    for match in URL_PASSWORD.finditer(line):
        if not is_silent_url(match["user"], match["password"], match["host"]):
            yield Match(BASIC_AUTH, *match.span("password"))


def has_key_body(head: str, following: list[str]) -> bool:
    """Return whether a private key begins on a line: key material follows. Code only mentions the head."""
    found = PRIVATE_KEY.search(head)
    if not found:
        return False
    if "PuTTY" in found[0]:
        lines = iter(following[:60])
        return any(line.startswith("Private-Lines:") for line in lines) and bool(_KEY_BODY.search(next(lines, "")))
    rest = [line[:_MAX_BODY_LINE] for line in (head[found.end() :], *following[:_KEY_HEAD_LINES])]
    return bool(_KEY_BODY.search("\n".join(rest).partition("-----")[0]))
