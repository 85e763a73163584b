"""Which words of a line could be a secret: words that look random, passwords in URLs, the head of a private key.

This is a cheap test that matches many words which are no secrets. It decides whether the secret scanner reads a file
(`scan/secrets.py`), and which words are hidden when a line is quoted (`analysis/security/redact.py`).
"""

import re
from collections.abc import Iterator

PRIVATE_KEY = re.compile(r"-----BEGIN[ A-Z0-9_-]{0,60}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d:")
# user and password: https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1
URL_PASSWORD = re.compile(
    r"://(?P<user>[^\s:/?#@'\"`\\<>|,;()]{0,128}):(?P<password>[^\s/@'\"`\\<>|]{1,256})@(?P<host>[^\s/'\"`\\?#,;<>)]{1,256})"
)
# What is shorter holds no secret; a file may have half a million such lines.
SHORTEST = 7
_WORD = re.compile(r"[A-Za-z0-9_+/=~.-]{10,}")
_ALNUM = re.compile(r"[A-Za-z0-9]{10,}")
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_DIGEST = re.compile(
    r"[0-9a-f]{7,128}|[0-9A-F]{7,128}|(?:md5|sha\d{1,3})[-_:=].*|[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
)
_SENSITIVE = re.compile(r"key|token|secret|pass|pwd|auth|cred|api|login|bearer", re.IGNORECASE)
# The first characters of common tokens, for those that do not look random and for lock files, full of digests.
_PREFIXED = re.compile(
    r"(?<![A-Za-z0-9+/_-])(?:sk-|sk_live_|rk_live_|gh[pousr]_|github_pat_|gl[a-z]{2,5}-|xox[a-z]-|xapp-|A[KS]IA|AIza|npm_"
    r"|pypi-|hf_|dop_v1_|shp[a-z]{2}_|dapi|SG\.|hvs\.|eyJ|AKCp|GOCSPX-)[\w.-]{16,}"
)
_ASSIGNED = re.compile(
    r"(?:pass|pwd|secret|token|key|auth|cred)[\w.-]{0,40}\\?[\"']?\]?\s{0,8}(?::=|=>|[:=])\s{0,8}\\?[\"'`]?"
    r"(?P<value>[^\s\"'`\\]{8,256})",
    re.IGNORECASE,
)


def looks_random(word: str) -> bool:
    """Return whether letters and digits, or capitals and small letters, alternate as they do in no word of a language.

    The mean run of equal characters (`Ab`, `abc`, `ABC` and `12` are runs) is about 2 in random letters and digits, and
    more than 3 where there are only capitals and digits.
    """
    runs = _PIECE.findall(word)
    length = sum(map(len, runs))
    if not any(map(str.isalpha, runs)):
        return False
    if not any(map(str.isdigit, runs)):
        limit = 2.7
    elif not any(map(str.islower, word)):
        limit = 4.5 if length >= 16 else 3.0
    else:
        limit = 3.2 if length >= 16 else 2.6
    return length >= 10 and length <= limit * len(runs)


def possible_secrets(line: str, *, digests: bool = False) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each part of a line that could be a secret.

    digests: whether the line is of a file full of digests (a lock file), where looking random says nothing.
    """
    if len(line) < SHORTEST:
        return
    for pattern, group in ((PRIVATE_KEY, 0), (URL_PASSWORD, "password"), (_PREFIXED, 0)):
        for match in pattern.finditer(line):
            yield match.span(group)
    if digests:
        return
    sensitive = bool(_SENSITIVE.search(line))
    for match in _WORD.finditer(line):
        if _is_suspicious(match[0], sensitive):
            yield match.span()
    if sensitive:
        for match in _ASSIGNED.finditer(line):
            if any(map(str.isdigit, match["value"])):
                yield match.span("value")


def _is_suspicious(word: str, sensitive: bool) -> bool:
    if not sensitive and all(_DIGEST.fullmatch(part) for part in re.split(r"[/=.~+]+", word) if len(part) >= 10):
        return False
    return any(map(looks_random, _ALNUM.findall(word)))


def without_secrets(line: str, hidden: str) -> tuple[str, bool]:
    """Return the line with everything that could be a secret replaced, and whether there was any."""
    spans = sorted(possible_secrets(line))
    parts, end = [], 0
    for start, stop in spans:
        if stop > end:
            parts += [line[end : max(start, end)], hidden]
            end = stop
    return ("".join(parts) + line[end:], True) if spans else (line, False)
