"""Builds a digest mail with a text and an HTML part, both from `templates/digest.j2`, and the unsubscribe headers.

One-click unsubscribe: RFC 8058, https://www.rfc-editor.org/rfc/rfc8058
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from bot.domain.notifications import NotificationKind
from bot.mail import check_address
from bot.notify.messages import details_url
from bot.text import count, plain, without_spans

_TEMPLATES = Path(__file__).parent / "templates"
_MAX_REMARKS = 10
# With the default of 78 characters, the policy would fold and encode a long link in a header, and mail programs would
# not recognize it. RFC 5322, 2.1.1 allows 998 characters.
_POLICY = SMTP.clone(max_line_length=990)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One analysis in a digest.

    kind: the kind of the notification, as in the outbox.
    payload: its payload, as in the outbox.
    at: when the analysis ended.
    """

    kind: NotificationKind
    payload: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """The contents of a digest mail.

    sender: the sender's mail address.
    address: the recipient's mail address.
    message_id: the local part of the Message-ID; the same at every attempt.
    at: the date of the mail.
    daily: whether the subscription is daily; otherwise there is a mail after each analysis.
    entries: the analyses in the mail.
    left_out: the number of analyses that are not in the mail.
    public_url: the URL of this instance.
    unsubscribe_url: the link that ends the subscription.
    """

    sender: str
    address: str
    message_id: str
    at: datetime
    daily: bool
    entries: Sequence[Entry]
    left_out: int
    public_url: str
    unsubscribe_url: str


def compose(digest: Digest) -> EmailMessage:
    """Build the mail. Raises ValueError for an invalid mail address."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = f"GitInsight <{check_address(digest.sender)}>"
    message["To"] = check_address(digest.address)
    message["Subject"] = _subject(digest)
    message["Date"] = format_datetime(digest.at)
    message["Message-ID"] = f"<{digest.message_id}@{digest.sender.rpartition('@')[2]}>"
    message["List-Unsubscribe"] = f"<{digest.unsubscribe_url}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: prevents out-of-office replies
    shown = {
        "digest": digest,
        "analyses": [_shown(entry, digest.public_url) for entry in digest.entries],
        "shown_remarks": _MAX_REMARKS,
    }
    template = _template()
    message.set_content(_block(template, "text", shown).strip() + "\n")
    message.add_alternative(_block(template, "html", shown), subtype="html")
    return message


def _subject(digest: Digest) -> str:
    """Return the subject. It contains repository names, but no titles, because titles are untrusted text."""
    names = sorted({plain(entry.payload["repository"]["full_name"], 80) for entry in digest.entries})
    number = len(digest.entries) + digest.left_out
    analyses = "1 analysis" if number == 1 else f"{number:,} analyses"
    return f"[GitInsight] {names[0] if len(names) == 1 else f'{len(names)} repositories'}: {analyses}"


def _shown(entry: Entry, public_url: str) -> dict[str, Any]:
    payload = entry.payload
    remarks = payload.get("remarks", [])
    failed = entry.kind is NotificationKind.FAILED
    return {
        "name": payload["repository"]["full_name"],
        "subject": _subject_of(payload),
        "head": payload["head_sha"][:10],
        "url": details_url(payload, public_url),
        "error": without_spans(payload.get("error", "")),
        "outcome": "could not be analyzed" if failed else count(payload["counts"]["remarks"], "remark"),
        "highlights": [
            {**one, "title": without_spans(one["title"]), "url": _insight_url(one, payload, public_url)}
            for one in payload.get("highlights", [])
        ],
        "remarks": [{**remark, "title": without_spans(remark["title"])} for remark in remarks[:_MAX_REMARKS]],
        "more": payload["counts"]["remarks"] - min(len(remarks), _MAX_REMARKS) if "counts" in payload else 0,
    }


def _subject_of(payload: Mapping[str, Any]) -> str:
    if payload["pull_request"] is not None:
        title = f" ({payload['pull_request_title']})" if payload.get("pull_request_title") else ""
        return f"pull request #{payload['pull_request']}{title}"
    return "the whole repository" if payload.get("whole_repository") else f"push to {payload['ref']}"


def _insight_url(highlight: Mapping[str, Any], payload: Mapping[str, Any], public_url: str) -> str:
    """The part of the history page that shows recommendations and patterns, or trends."""
    place = "metrics" if highlight["type"] == "trend" else "patterns"
    return f"{public_url}/repositories/{payload['repository']['id']}/history#{place}"


def _block(template: Template, name: str, shown: Mapping[str, Any]) -> str:
    return "".join(template.blocks[name](template.new_context(dict(shown))))


@cache
def _template() -> Template:
    # The text block turns off the escaping. All other blocks are HTML.
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    return environment.get_template("digest.j2")
