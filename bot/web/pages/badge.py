"""`/badge/{owner}/{repo}.svg`: the health of a repository, or how well its risk model predicts, as an image.

The badges of public repositories are public. That of a private one needs the key that its settings page shows: the id
of the repository on GitHub, signed with SECRET_KEY. It opens the badge and nothing else. docs/badges.md explains them.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web
from markupsafe import Markup

from bot.db import at_a_glance, snapshots
from bot.db.at_a_glance import Glance
from bot.db.repository_views import RepositoryView, repository_named
from bot.domain.model_card import ModelCard
from bot.text import plain
from bot.web.health import DATABASE
from bot.web.pages.access import PUBLIC

HEALTH, RISK_MODEL = "health", "risk-model"
_SECONDS = 300
_LETTER, _EDGE, _HEIGHT = 6.7, 8, 20
_LONGEST = 60
_GREEN, _AMBER, _RED, _GREY, _BLUE = "#1a7f37", "#9a6700", "#cf222e", "#57606a", "#0550ae"
_COLOURS = {"good": _GREEN, "fair": _AMBER, "poor": _RED}


@dataclass(frozen=True, slots=True)
class _Signing:
    """keys: SECRET_KEY, and the one before it. public_url: of this instance."""

    keys: tuple[str, ...]
    public_url: str


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge: what is measured, the result in a few words, and the colour behind it."""

    name: str
    words: str
    colour: str


_SIGNING = web.AppKey("badge_signing", _Signing)


def setup(app: web.Application, keys: Sequence[str], public_url: str) -> None:
    """Add the route."""
    app[_SIGNING] = _Signing(tuple(keys), public_url)
    app.router.add_get("/badge/{owner}/{name}.svg", badge)


async def badge(request: web.Request) -> web.Response:
    """The badge. Unknown repositories and those that the visitor may not see have the same one, with status 404."""
    shown = request.query.get("show", HEALTH)
    full_name = f"{request.match_info['owner']}/{request.match_info['name']}"
    view = await repository_named(request.app[DATABASE], full_name) if "\x00" not in full_name else None
    if view is None or shown not in (HEALTH, RISK_MODEL) or not _may_see(request, view):
        return _image(Badge("GitInsight", "not found", _GREY), "", status=404, cache="no-store")
    made = await (_health(request, view) if shown == HEALTH else _risk_model(request, view))
    cache = "private" if view.private else "public"
    return _image(made, view.full_name, status=200, cache=f"{cache}, max-age={_SECONDS}")


def address(request: web.Request, view: RepositoryView, shown: str) -> str:
    """The address of a badge; for a private repository, with its key."""
    signing = request.app[_SIGNING]
    key = f"&key={_key(signing.keys[0], view.github_id)}" if view.private else ""
    return f"{signing.public_url}/badge/{quote(view.full_name)}.svg?show={shown}{key}"


def _may_see(request: web.Request, view: RepositoryView) -> bool:
    if not view.private or request.app[PUBLIC]:
        return True
    given = request.query.get("key", "").encode()
    return any(hmac.compare_digest(_key(key, view.github_id).encode(), given) for key in request.app[_SIGNING].keys)


def _key(secret_key: str, github_id: int) -> str:
    derived = hashlib.sha256(b"gitinsight badge\0" + secret_key.encode()).digest()
    return hmac.digest(derived, str(github_id).encode(), hashlib.sha256).hex()[:40]


async def _health(request: web.Request, view: RepositoryView) -> Badge:
    seen = await at_a_glance.glance(request.app[DATABASE], view.id)
    return Badge("GitInsight", _health_words(seen), _COLOURS.get(seen.health, _GREY))


def _health_words(seen: Glance) -> str:
    if seen.health == "unknown":
        return "not known yet"
    if not seen.total:
        return "no open remarks"
    return f"{seen.health}, {seen.total:,} open {'remark' if seen.total == 1 else 'remarks'}"


async def _risk_model(request: web.Request, view: RepositoryView) -> Badge:
    stored = await snapshots.get_snapshot(request.app[DATABASE], view.id, ModelCard)
    card = snapshots.content_of(stored)
    if card is None or not card.scores or not card.judged:
        return Badge("risk model", "not judged yet", _GREY)
    words = f"ROC-AUC {card.scores[0].auc:.2f} on {card.judged:,} changes (chance: 0.50)"
    return Badge("risk model", words, _BLUE)


def _image(made: Badge, full_name: str, *, status: int, cache: str) -> web.Response:
    left, right = (len(text) * _LETTER + 2 * _EDGE for text in (made.name, made.words[:_LONGEST]))
    title = f"{plain(full_name)}: {made.name}, {made.words}" if full_name else f"{made.name}: {made.words}"
    drawing = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}" '
        'viewBox="0 0 {width} {height}" aria-label="{title}"><title>{title}</title>'
        '<rect width="{width}" height="{height}" rx="3" fill="{colour}"/>'
        '<path d="M3 0h{inner}v{height}H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="#24292f"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">'
        '<text x="{left_middle}" y="14">{name}</text><text x="{right_middle}" y="14">{words}</text></g></svg>'
    ).format(
        width=f"{left + right:.0f}",
        height=_HEIGHT,
        title=title,
        colour=made.colour,
        inner=f"{left - 3:.0f}",
        left_middle=f"{left / 2:.1f}",
        right_middle=f"{left + right / 2:.1f}",
        name=made.name,
        words=made.words[:_LONGEST],
    )
    headers = {"Cache-Control": cache}
    return web.Response(text=drawing, status=status, content_type="image/svg+xml", headers=headers)
