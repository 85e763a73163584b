"""Registration of an App from a manifest: the form's target, and the exchange of the code.

Source: docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest.
"""

import json
import re
import secrets
import time
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.local.grants import ManifestCode
from bot.local.keys import CONFIG, HUB, MANIFESTS, UNKNOWN_FIELDS
from bot.local.responses import json_response, not_found

_CODE_SECONDS = 3600
_MAX_CODES = 100
_MAX_NAME = 34
_REQUIRED = ("name", "url", "redirect_url", "hook_attributes")
_OPTIONAL = ("description", "callback_urls", "setup_url", "public", "default_permissions", "default_events")
_ORGANIZATION = re.compile(r"[A-Za-z0-9-]{1,39}")


async def register(request: web.Request) -> web.StreamResponse:
    """POST /settings/apps/new and /organizations/{org}/settings/apps/new: redirect to the App with a code.

    GitHub shows the App first and asks for a confirmation; this stand-in does not.
    The redirect goes to the app of this stand-in only, so that no other page receives a code.
    """
    manifests, organization = request.app[MANIFESTS], request.match_info.get("org", "")
    if not request.app[CONFIG].private_key_pem:
        raise web.HTTPNotFound
    if organization and not _ORGANIZATION.fullmatch(organization):
        raise web.HTTPNotFound
    manifest = _read((await request.post()).get("manifest"))
    request.app[UNKNOWN_FIELDS].extend(set(manifest) - {*_REQUIRED, *_OPTIONAL})
    redirect_url = manifest["redirect_url"]
    if not redirect_url.startswith(f"{request.app[CONFIG].app_url.rstrip('/')}/"):
        raise web.HTTPUnprocessableEntity(text="The redirect_url does not belong to the app that this stand-in serves.")
    while len(manifests.codes) >= _MAX_CODES:
        del manifests.codes[next(iter(manifests.codes))]
    code, manifests.organization = secrets.token_hex(20), organization
    manifests.codes[code] = ManifestCode(time.time() + _CODE_SECONDS, manifest)
    state = {"state": request.query["state"]} if "state" in request.query else {}
    raise web.HTTPFound(f"{redirect_url}?{urlencode({'code': code} | state)}")


async def convert(request: web.Request) -> web.Response:
    """POST /app-manifests/{code}/conversions: return the App's credentials. Each code works once."""
    issued = request.app[MANIFESTS].codes.pop(request.match_info["code"], None)
    if issued is None or issued.expires_at <= time.time():
        raise not_found()
    config, manifest = request.app[CONFIG], issued.manifest
    app = request.app[HUB].show.app() | {
        "name": manifest["name"],
        "external_url": manifest["url"],
        "permissions": manifest.get("default_permissions", {}),
        "events": manifest.get("default_events", []),
        "client_secret": config.client_secret or secrets.token_hex(20),
        "webhook_secret": config.webhook_secret,
        "pem": config.private_key_pem,
    }
    return json_response(app, 201)


def _read(text: object) -> dict[str, Any]:
    try:
        manifest = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        manifest = None
    if not isinstance(manifest, dict) or any(name not in manifest for name in _REQUIRED):
        raise web.HTTPUnprocessableEntity(text=f"The manifest must have the fields {', '.join(_REQUIRED)}.")
    hook = manifest["hook_attributes"]
    urls = [manifest["url"], manifest["redirect_url"], hook.get("url") if isinstance(hook, dict) else None]
    if not all(isinstance(url, str) and url.startswith(("http://", "https://")) for url in urls):
        raise web.HTTPUnprocessableEntity(text="A URL in the manifest does not begin with http:// or https://.")
    if not isinstance(manifest["name"], str) or not 0 < len(manifest["name"]) <= _MAX_NAME:
        raise web.HTTPUnprocessableEntity(text=f"The name must have between 1 and {_MAX_NAME} characters.")
    return manifest
