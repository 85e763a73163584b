"""Mails: one digest as text and HTML, both from `templates/digest.j2`, with the headers that let a person leave.

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

from bot.mail import check_address
from bot.notify.messages import details_url
from bot.text import count, plain, without_spans

_TEMPLATES = Path(__file__).parent / "templates"
_SHOWN_REMARKS = 10
FAILED = "analysis.failed"
# Folded at 78 characters, a link in a header would be cut and encoded, which mail programs do not read as a link;
# a line may have 998 (RFC 5322, 2.1.1).
_POLICY = SMTP.clone(max_line_length=990)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One analysis in a digest. kind and payload as in the outbox."""

    kind: str
    payload: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """All that a mail says. left_out: how many analyses it only counts. message_id: the same at every attempt."""

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
    """The mail, ready to send. Raises ValueError for an address that would break a header."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = f"GitInsight <{check_address(digest.sender)}>"
    message["To"] = check_address(digest.address)
    message["Subject"] = _subject(digest)
    message["Date"] = format_datetime(digest.at)
    message["Message-ID"] = f"<{digest.message_id}@{digest.sender.rpartition('@')[2]}>"
    message["List-Unsubscribe"] = f"<{digest.unsubscribe_url}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    shown = {
        "digest": digest,
        "analyses": [_shown(entry, digest.public_url) for entry in digest.entries],
        "shown_remarks": _SHOWN_REMARKS,
    }
    template = _template()
    message.set_content(_block(template, "text", shown).strip() + "\n")
    message.add_alternative(_block(template, "html", shown), subtype="html")
    return message


def _subject(digest: Digest) -> str:
    """Repository names, but no titles: those belong to strangers."""
    names = sorted({plain(entry.payload["repository"]["full_name"], 80) for entry in digest.entries})
    analyses = len(digest.entries) + digest.left_out
    what = "1 analysis" if analyses == 1 else f"{analyses:,} analyses"
    return f"[GitInsight] {names[0] if len(names) == 1 else f'{len(names)} repositories'}: {what}"


def _shown(entry: Entry, public_url: str) -> dict[str, Any]:
    payload = entry.payload
    number = payload["pull_request"]
    remarks = payload.get("remarks", [])
    return {
        "name": payload["repository"]["full_name"],
        "subject": f"pull request #{number}" if number is not None else f"push to {payload['ref']}",
        "head": payload["head_sha"][:10],
        "url": details_url(payload, public_url),
        "error": without_spans(payload.get("error", "")),
        "outcome": "could not be analyzed" if entry.kind == FAILED else count(payload["counts"]["remarks"], "remark"),
        "remarks": [{**remark, "title": without_spans(remark["title"])} for remark in remarks[:_SHOWN_REMARKS]],
        "more": payload["counts"]["remarks"] - min(len(remarks), _SHOWN_REMARKS) if "counts" in payload else 0,
    }


def _block(template: Template, name: str, shown: Mapping[str, Any]) -> str:
    return "".join(template.blocks[name](template.new_context(dict(shown))))


@cache
def _template() -> Template:
    # The text block turns escaping off for itself; everything else is HTML.
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    return environment.get_template("digest.j2")
