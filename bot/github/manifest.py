"""Creating a GitHub App from a manifest: what is sent to GitHub, and what a code is exchanged for.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import yaml
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from gidgethub import HTTPException

from bot.app_file import Credentials
from bot.environment import MIN_SECRET_BYTES
from bot.github.client import client

_PACKAGE = Path(__file__).parents[1]
_CODE = re.compile(r"[A-Za-z0-9_-]{1,200}")
# https://docs.github.com/en/enterprise-cloud@latest/admin/managing-iam/iam-configuration-reference/username-considerations-for-external-authentication
_ORGANIZATION = re.compile(r"[A-Za-z0-9-]{1,39}")
# Values of a file of the `.env` kind in single quotes; nothing GitHub gives out needs more.
_PLAIN = re.compile(r"[A-Za-z0-9._~+/=-]{1,200}")
_PEM = re.compile(r"[A-Za-z0-9+/= \r\n-]{1,20000}")


class SetupRefused(Exception):
    """GitHub does not exchange the code, or gave what cannot be used; the message is a sentence for the maintainer."""


@dataclass(frozen=True, slots=True)
class MadeApp:
    """An App that GitHub has created. install_url: where to choose the repositories that it should look at."""

    credentials: Credentials
    install_url: str


def is_organization(name: str) -> bool:
    """Whether an organization of GitHub can have this name."""
    return _ORGANIZATION.fullmatch(name) is not None


def manifest(public_url: str) -> dict[str, Any]:
    """`app.yml` with the addresses of this instance in it."""
    installed = _PACKAGE / "app.yml"
    registration: dict[str, Any] = yaml.safe_load(
        (installed if installed.is_file() else _PACKAGE.parent / "app.yml").read_text()
    )
    return registration | {
        "url": public_url,
        "hook_attributes": {"url": f"{public_url}/webhook", "active": True},
        "redirect_url": f"{public_url}/setup/callback",
        "callback_urls": [f"{public_url}/auth/callback"],
        "setup_url": f"{public_url}/",
    }


def registration_url(github_url: str, organization: str, state: str) -> str:
    """Where the manifest is posted to: for an organization, or with "" for the account of who posts it."""
    place = f"/organizations/{quote(organization, safe='')}" if organization else ""
    return f"{github_url}{place}/settings/apps/new?{urlencode({'state': state})}"


async def convert(session: aiohttp.ClientSession, api_url: str, github_url: str, code: str) -> MadeApp:
    """The App for a code, which serves once and for an hour. Raises SetupRefused, and RetryLater for what passes."""
    if not _CODE.fullmatch(code):
        raise SetupRefused("GitHub sent no code that it could have made.")
    path = "/app-manifests/{code}/conversions"
    try:
        given = await client(session, api_url).post(path, {"code": code}, data=b"")
    except HTTPException as refused:
        if refused.status_code in {404, 422}:
            raise SetupRefused(
                "GitHub does not know this code any more: it serves once and within an hour."
            ) from refused
        raise SetupRefused(
            f"GitHub answered with status {int(refused.status_code)} when asked for the App's credentials."
        ) from refused
    except ValueError as problem:
        raise SetupRefused("GitHub's answer is not an App's credentials.") from problem
    return _made(given, github_url)


def _made(given: Any, github_url: str) -> MadeApp:
    try:
        app_id, names = given["id"], ("pem", "webhook_secret", "client_id", "client_secret")
        pem, webhook_secret, client_id, client_secret = (given[name] or "" for name in names)
        page = str(given.get("html_url") or "")
    except (TypeError, KeyError, AttributeError) as problem:
        raise SetupRefused("GitHub's answer is not an App's credentials.") from problem
    if type(app_id) is not int or app_id < 1:
        raise SetupRefused("GitHub's answer names no App id.")
    if not isinstance(webhook_secret, str) or len(webhook_secret.encode()) < MIN_SECRET_BYTES:
        raise SetupRefused(f"GitHub made a webhook secret of fewer than {MIN_SECRET_BYTES} bytes, which is not safe.")
    for value in (webhook_secret, client_id, client_secret):
        if not isinstance(value, str) or not _PLAIN.fullmatch(value):
            raise SetupRefused("GitHub's answer holds a secret or client id in a form that GitHub does not use.")
    _check_key(pem)
    install = f"{page}/installations/new" if page.startswith(f"{github_url}/") else f"{github_url}/settings/apps"
    return MadeApp(Credentials(app_id, pem, webhook_secret, client_id, client_secret), install)


def _check_key(pem: object) -> None:
    if not isinstance(pem, str) or not _PEM.fullmatch(pem):
        raise SetupRefused("GitHub's answer holds no private key in PEM form.")
    try:
        load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise SetupRefused("GitHub's answer holds a private key that cannot be read.") from problem
