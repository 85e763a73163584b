"""Sending mail to an SMTP server that accepts it, rejects it, requires a password or is unavailable."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from bot.mail import MailServer, mail_server
from bot.notify.digest import compose
from bot.notify.smtp import NotSent, check_connection, send
from tests.notify.test_digest import digest
from tests.servers import free_port


class Postbox:
    """The mails that a server has accepted. refusal: the response to RCPT that rejects each mail; None: accept."""

    def __init__(self, refusal: str | None = None) -> None:
        self.mails: list[Envelope] = []
        self.refusal = refusal

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.mails.append(envelope)
        return "250 accepted"


@contextmanager
def running_smtp(postbox: Postbox, **options: Any) -> Iterator[MailServer]:
    """A mail server for the duration of the block."""
    controller = Controller(postbox, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield mail_server(f"smtp://127.0.0.1:{controller.port}")
    finally:
        controller.stop()


async def test_a_mail_arrives_unchanged() -> None:
    postbox = Postbox()
    with running_smtp(postbox) as server:
        await send(server, compose(digest()))
        await check_connection(server)
    (envelope,) = postbox.mails
    assert envelope.rcpt_tos == ["alice@example.net"]
    assert envelope.mail_from == "gitinsight@example.org"
    assert isinstance(envelope.content, bytes)
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in envelope.content
    assert b"octo/public, pull request #7" in envelope.content


@pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")
async def test_a_password_is_sent_without_tls_to_this_machine_only() -> None:
    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"al ice", b"p@ss"), handled=False)

    postbox = Postbox()
    options = {"authenticator": check, "auth_require_tls": False, "auth_required": True}
    with running_smtp(postbox, **options) as server:
        good = mail_server(f"smtp://al%20ice:p%40ss@127.0.0.1:{server.port}")
        await send(good, compose(digest()))
        with pytest.raises(NotSent, match="Authentication"):
            await check_connection(mail_server(f"smtp://alice:wrong@127.0.0.1:{server.port}"))
        elsewhere = MailServer(
            host=good.host, port=good.port, tls=False, start_tls=True, user=good.user, password=good.password
        )
        with pytest.raises(NotSent, match="STARTTLS"):
            await send(elsewhere, compose(digest()))
    assert len(postbox.mails) == 1
    assert "p@ss" not in repr(good)


@pytest.mark.parametrize(("refusal", "permanent"), [("550 no such mailbox", True), ("451 try again later", False)])
async def test_a_rejected_address_is_permanent_or_temporary(refusal: str, permanent: bool) -> None:
    with running_smtp(Postbox(refusal)) as server, pytest.raises(NotSent, match=refusal[4:]) as refused:
        await send(server, compose(digest()))
    assert refused.value.refused is permanent


async def test_an_unavailable_server_does_not_reject_the_address() -> None:
    async with asyncio.timeout(10):
        with pytest.raises(NotSent) as away:
            await send(mail_server(f"smtp://127.0.0.1:{free_port()}"), compose(digest()))
    assert not away.value.refused


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.org", MailServer("mail.example.org", 587, False, False)),
        ("smtp://u:p@mail.example.org:25", MailServer("mail.example.org", 25, False, True, "u", "p")),
        ("smtps://u:p@mail.example.org", MailServer("mail.example.org", 465, True, False, "u", "p")),
        ("smtp://u:p@localhost:25/", MailServer("localhost", 25, False, False, "u", "p")),
    ],
)
def test_the_server_of_a_url(url: str, expected: MailServer) -> None:
    assert mail_server(url) == expected


@pytest.mark.parametrize(
    "url", ["mail.example.org", "http://x", "smtp://", "smtp://u@h", "smtp://h:99999", "smtp://h/x", "smtp://h?x=1"]
)
def test_urls_without_a_server_are_rejected(url: str) -> None:
    with pytest.raises(ValueError, match=r"must|port"):
        mail_server(url)
