"""Registering an App from a manifest: the page's end, and the exchange of the code.

Source: docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest.
"""

import json
import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.local.answers import answer, not_found
from bot.local.keys import CONFIG, HUB, MANIFESTS, UNKNOWN_FIELDS

_CODE_SECONDS = 3600
_MOST = 100
_NAME_MAX = 34
_NEEDED = ("name", "url", "redirect_url", "hook_attributes")
_OPTIONAL = ("description", "callback_urls", "setup_url", "public", "default_permissions", "default_events")
_ORGANIZATION = re.compile(r"[A-Za-z0-9-]{1,39}")


@dataclass
class Manifests:
    """Codes that are out, with until when they serve and the manifest; the last organization that was named."""

    codes: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict)
    organization: str = ""


async def register(request: web.Request) -> web.StreamResponse:
    """POST /settings/apps/new and /organizations/{org}/settings/apps/new: back to the App with a code.

    GitHub shows the App and asks first. The way back leads to the app of this stand-in only, so that no other page
    gets a code.
    """
    manifests, organization = request.app[MANIFESTS], request.match_info.get("org", "")
    if not request.app[CONFIG].private_key_pem:
        raise web.HTTPNotFound
    if organization and not _ORGANIZATION.fullmatch(organization):
        raise web.HTTPNotFound
    manifest = _read((await request.post()).get("manifest"))
    request.app[UNKNOWN_FIELDS].extend(set(manifest) - {*_NEEDED, *_OPTIONAL})
    redirect_url = manifest["redirect_url"]
    if not redirect_url.startswith(f"{request.app[CONFIG].app_url.rstrip('/')}/"):
        raise web.HTTPUnprocessableEntity(text="The redirect_url is not of the app that this stand-in knows.")
    while len(manifests.codes) >= _MOST:
        del manifests.codes[next(iter(manifests.codes))]
    code, manifests.organization = secrets.token_hex(20), organization
    manifests.codes[code] = (time.time() + _CODE_SECONDS, manifest)
    state = {"state": request.query["state"]} if "state" in request.query else {}
    raise web.HTTPFound(f"{redirect_url}?{urlencode({'code': code} | state)}")


async def convert(request: web.Request) -> web.Response:
    """POST /app-manifests/{code}/conversions: each code serves once."""
    until, manifest = request.app[MANIFESTS].codes.pop(request.match_info["code"], (0.0, {}))
    if until <= time.time():
        raise not_found()
    config = request.app[CONFIG]
    made = request.app[HUB].show.app() | {
        "name": manifest["name"],
        "external_url": manifest["url"],
        "permissions": manifest.get("default_permissions", {}),
        "events": manifest.get("default_events", []),
        "client_secret": config.client_secret or secrets.token_hex(20),
        "webhook_secret": config.webhook_secret,
        "pem": config.private_key_pem,
    }
    return answer(made, 201)


def _read(text: object) -> dict[str, Any]:
    try:
        manifest = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        manifest = None
    if not isinstance(manifest, dict) or any(name not in manifest for name in _NEEDED):
        raise web.HTTPUnprocessableEntity(text=f"The manifest needs {', '.join(_NEEDED)}.")
    hook = manifest["hook_attributes"]
    urls = [manifest["url"], manifest["redirect_url"], hook.get("url") if isinstance(hook, dict) else None]
    if not all(isinstance(url, str) and url.startswith(("http://", "https://")) for url in urls):
        raise web.HTTPUnprocessableEntity(text="A URL of the manifest is none.")
    if not isinstance(manifest["name"], str) or not 0 < len(manifest["name"]) <= _NAME_MAX:
        raise web.HTTPUnprocessableEntity(text=f"The name is longer than {_NAME_MAX} characters.")
    return manifest
