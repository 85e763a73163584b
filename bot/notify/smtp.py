"""Handing a mail over to the mail server, once."""

import asyncio
from email.message import EmailMessage

import aiosmtplib

from bot.mail import MailServer

_SECONDS = 30.0  # for one command
_ALL_SECONDS = 60.0
_PERMANENT = 500


class NotSent(Exception):
    """The server does not have the mail. refused: it will not take mail for this address."""

    def __init__(self, message: str, *, refused: bool = False) -> None:
        super().__init__(message.replace("\0", " ")[:300])
        self.refused = refused


async def send(server: MailServer, message: EmailMessage) -> None:
    """Returns when the server has taken the responsibility for the mail. Raises NotSent."""
    try:
        async with asyncio.timeout(_ALL_SECONDS), _client(server) as client:
            await client.send_message(message)
    except aiosmtplib.SMTPRecipientsRefused as refused:
        reasons = [f"{one.code} {one.message}" for one in refused.recipients]
        forever = all(one.code >= _PERMANENT for one in refused.recipients)
        raise NotSent(f"the mail server refuses the address: {'; '.join(reasons)}", refused=forever) from refused
    except (aiosmtplib.SMTPException, OSError) as problem:
        raise NotSent(f"{type(problem).__name__}: {problem}") from problem


async def look(server: MailServer) -> None:
    """Connect and sign in, and send nothing. Raises NotSent."""
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
        # None: by STARTTLS where the server offers it.
        start_tls=None if not server.tls and not server.start_tls else server.start_tls,
        timeout=_SECONDS,
    )
