"""Sends one mail through the mail server. There are no retries here."""

import asyncio
from email.message import EmailMessage

import aiosmtplib

from bot.mail import MailServer

_COMMAND_TIMEOUT = 30.0
_TOTAL_TIMEOUT = 60.0
_PERMANENT = 500


class NotSent(Exception):
    """The mail was not sent. refused: whether the server permanently rejects mail for this address."""

    def __init__(self, message: str, *, refused: bool = False) -> None:
        super().__init__(message.replace("\0", " ")[:300])
        self.refused = refused


async def send(server: MailServer, message: EmailMessage) -> None:
    """Send a mail. It returns after the server has accepted the mail. Raises NotSent."""
    try:
        async with asyncio.timeout(_TOTAL_TIMEOUT), _client(server) as client:
            await client.send_message(message)
    except aiosmtplib.SMTPRecipientsRefused as refused:
        reasons = [f"{recipient.code} {recipient.message}" for recipient in refused.recipients]
        permanent = all(recipient.code >= _PERMANENT for recipient in refused.recipients)
        raise NotSent(f"the mail server refuses the address: {'; '.join(reasons)}", refused=permanent) from refused
    except (aiosmtplib.SMTPException, OSError) as problem:
        raise NotSent(f"{type(problem).__name__}: {problem}") from problem


async def check_connection(server: MailServer) -> None:
    """Connect and authenticate without sending a mail. Raises NotSent."""
    try:
        async with _client(server) as client:
            await client.noop()
    except (aiosmtplib.SMTPException, OSError) as problem:
        raise NotSent(f"{type(problem).__name__}: {problem}") from problem


def _client(server: MailServer) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        use_tls=server.tls,
        # None: STARTTLS if the server offers it.
        start_tls=None if not server.tls and not server.start_tls else server.start_tls,
        timeout=_COMMAND_TIMEOUT,
    )
