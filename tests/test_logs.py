"""Logging, and the redaction of tokens. Each test uses a new process, because logging is configured per process."""

import json
import subprocess
import sys

import pytest

JWT = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiI3IiwiZXhwIjoxfQ.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg-_x"
SECRETS = [
    "ghs_16C7e42F292c6912E7710c838347Ae178B4a",
    "ghs_4242_" + JWT,
    "ghs_4242_" + JWT.replace("c2ln", "c2ln" * 100),
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "ghu_16C7e42F292c6912E7710c838347Ae178B4a",
    "github_pat_11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwXyZ0123456789abcdef",
    JWT,
]
PROGRAM = """
import logging, sys
from bot.logs import configure
configure(sys.argv[1], sys.argv[2])
log = logging.getLogger("bot.test")
secret = sys.argv[3]
log.info("the first line has %s, Bearer %s.", secret, secret)
log.debug("a debug line")
log.warning("url https://x-access-token:%s@github.com/a/b.git", secret)
try:
    raise ValueError(f"in an exception: {secret}")
except ValueError:
    log.exception("failed with %r", {"token": secret})
"""


def logged(level: str, form: str, secret: str = SECRETS[0]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, level, form, secret], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize("form", ["console", "json"])
@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: secret[:9])
def test_tokens_are_redacted_everywhere(form: str, secret: str) -> None:
    text = logged("INFO", form, secret)
    assert text.count("[redacted]") == 5
    for length in range(0, len(secret) - 12, 12):
        assert secret[length : length + 12] not in text
    assert "https://x-access-token:[redacted]@github.com/a/b.git" in text or secret == JWT


def test_the_basic_authorization_of_git_is_redacted() -> None:
    text = logged("INFO", "console", "Authorization: Basic eC1hY2Nlc3MtdG9rZW46Z2hzX3NlY3JldA==")
    assert "eC1hY2Nlc3" not in text
    assert "Authorization: Basic [redacted]" in text


def test_other_words_are_not_redacted() -> None:
    for word in ("ghs_short", "eyJabc", "a" * 64, "ghost_writers_are_not_tokens", "Basic"):
        assert word in logged("INFO", "console", word)


def test_json_lines_contain_the_traceback() -> None:
    lines = [json.loads(line) for line in logged("INFO", "json").splitlines()]
    assert [line["level"] for line in lines] == ["INFO", "WARNING", "ERROR"]
    assert all(line["logger"] == "bot.test" and line["time"].endswith("+00:00") for line in lines)
    assert "Traceback" in lines[2]["message"]
    assert "ValueError" in lines[2]["message"]


def test_levels() -> None:
    assert "a debug line" in logged("DEBUG", "console")
    assert "a debug line" not in logged("INFO", "console")
    assert "the first line" not in logged("ERROR", "console")
