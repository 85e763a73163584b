"""Digest mails: the text and the HTML part, escaping of untrusted text, and the headers."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from bot.domain.notifications import NotificationKind
from bot.mail import check_address
from bot.notify.digest import Digest, Entry, compose
from tests.web.filled import HOSTILE

MOMENT = datetime(2026, 3, 1, 7, tzinfo=UTC)
LINK = "https://insight.example.org/notifications/unsubscribe/" + "A" * 64


def payload(**changed: Any) -> dict[str, Any]:
    remark = {"severity": "high", "title": f"`{HOSTILE}`", "path": HOSTILE, "line": 3}
    return {
        "repository": {"id": "r", "full_name": "octo/public"},
        "analysis_id": "a",
        "pull_request": 7,
        "ref": "main",
        "head_sha": "a" * 40,
        "conclusion": "neutral",
        "counts": {"remarks": 12},
        "remarks": [remark] * 12,
    } | changed


def digest(*entries: Entry, **changed: Any) -> Digest:
    values: dict[str, Any] = {
        "sender": "gitinsight@example.org",
        "address": "alice@example.net",
        "message_id": "one.two",
        "at": MOMENT,
        "daily": True,
        "entries": entries or (Entry(kind=NotificationKind.COMPLETED, payload=payload(), at=MOMENT),),
        "left_out": 0,
        "public_url": "https://insight.example.org",
        "unsubscribe_url": LINK,
    }
    return Digest(**(values | changed))


def received(contents: Digest) -> tuple[EmailMessage, str, str]:
    """Build a mail and parse it again. Returns the mail, its text and its HTML."""
    mail = message_from_bytes(compose(contents).as_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    text, html = mail.get_body(["plain"]), mail.get_body(["html"])
    assert text is not None and html is not None
    return mail, text.get_content(), html.get_content()


def test_a_digest_in_both_forms() -> None:
    mail, text, html = received(digest())
    assert mail.get_content_type() == "multipart/alternative"
    assert mail["From"] == "GitInsight <gitinsight@example.org>"
    assert mail["To"] == "alice@example.net"
    assert mail["Subject"] == "[GitInsight] octo/public: 1 analysis"
    assert mail["Message-ID"] == "<one.two@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    for shown in (text, html):
        assert "octo/public, pull request #7" in shown
        assert "12 remarks" in shown
        assert "and 2 more" in shown
        assert "https://insight.example.org/repositories/r/analyses/a" in shown
        assert LINK in shown
        assert "at most once a day" in shown
    assert text.count("  - high: ") == 10
    assert html.count("<li><b>high</b>: ") == 10


def test_the_title_of_a_pull_request_is_told_where_it_is_synced() -> None:
    titled = payload(pull_request_title="Fix <b>it</b>")
    _, text, html = received(digest(Entry(kind=NotificationKind.COMPLETED, payload=titled, at=MOMENT)))
    assert "pull request #7 (Fix <b>it</b>)" in text
    assert "pull request #7 (Fix &lt;b&gt;it&lt;/b&gt;)" in html


def test_the_unsubscribe_headers_are_neither_folded_nor_encoded() -> None:
    raw = compose(digest()).as_bytes()
    assert f"\r\nList-Unsubscribe: <{LINK}>\r\n".encode() in raw  # neither folded nor encoded
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw


def test_hostile_text_is_escaped() -> None:
    _, text, html = received(digest())
    assert HOSTILE.replace("`", "") in text.replace("`", "")
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_what_is_new_in_a_whole_repository_comes_first() -> None:
    highlights = [
        {"id": "1", "type": "recommendation", "severity": "high", "title": f"Read `{HOSTILE}`"},
        {"id": "2", "type": "trend", "severity": "low", "title": "Reviews take longer"},
    ]
    whole = payload(pull_request=None, whole_repository=True, highlights=highlights)
    _, text, html = received(digest(Entry(kind=NotificationKind.COMPLETED, payload=whole, at=MOMENT)))
    for shown in (text, html):
        assert "octo/public, the whole repository" in shown and "push to" not in shown
        assert shown.index("New or changed since the analysis before:") < shown.index("high")
        assert "https://insight.example.org/repositories/r/history#patterns" in shown
    assert "  - recommendation: Read " in text and "  - trend: Reviews take longer" in text
    assert "<script" not in html and "history#metrics" in html
    assert "New or changed" not in received(digest())[1]


def test_a_failure_a_push_and_the_number_of_left_out_analyses() -> None:
    failed = Entry(
        kind=NotificationKind.FAILED,
        payload=payload(pull_request=None, error="GitHub denies access to `x<b>y`.", counts=None, remarks=[])
        | {"repository": {"id": "s", "full_name": "octo/other"}},
        at=MOMENT,
    )
    del failed.payload["counts"]  # type: ignore[attr-defined]
    done = Entry(kind=NotificationKind.COMPLETED, payload=payload(), at=MOMENT)
    mail, text, html = received(digest(failed, done, left_out=3, daily=False))
    assert mail["Subject"] == "[GitInsight] 2 repositories: 5 analyses"
    assert "octo/other, push to main at aaaaaaaaaa: could not be analyzed" in text
    assert "x<b>y" in text
    assert "x&lt;b&gt;y" in html
    for shown in (text, html):
        assert "3 earlier analyses are not listed here" in shown
        assert "after each analysis" in shown


@pytest.mark.parametrize(
    "address",
    [
        "alice@example.net\nBcc: all@example.org",
        "alice@example.net\r\nX: y",
        "alice@example.net, bob@example.net",
        "Alice <alice@example.net>",
        "alice@example.net ",
        "alice",
        "@example.net",
        "alice@",
        "",
        "a@b@c",
        "alice@exämple.net",
        "a" * 250 + "@example.net",
        "alice@example.net\0",
    ],
)
def test_invalid_addresses_are_rejected(address: str) -> None:
    with pytest.raises(ValueError, match="mail address"):
        check_address(address)
    with pytest.raises(ValueError, match="mail address"):
        compose(digest(address=address))


def test_a_repository_name_with_a_line_end_cannot_add_a_header() -> None:
    entry = Entry(
        kind=NotificationKind.COMPLETED,
        payload=payload() | {"repository": {"id": "r", "full_name": "octo/x\r\nBcc: all@example.org"}},
        at=MOMENT,
    )
    mail, _, _ = received(digest(entry))
    assert mail["Bcc"] is None
    assert mail["Subject"] == "[GitInsight] octo/x Bcc: all@example.org: 1 analysis"
