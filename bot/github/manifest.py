"""Registration of a GitHub App from a manifest: builds the manifest, and exchanges the code for the credentials.

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
# The characters that are allowed in a single-quoted value of an env file. GitHub's values contain no others.
_PLAIN = re.compile(r"[A-Za-z0-9._~+/=-]{1,200}")
_PEM = re.compile(r"[A-Za-z0-9+/= \r\n-]{1,20000}")


class SetupRefused(Exception):
    """GitHub rejected the code, or its response cannot be used. The message is a sentence for the maintainer."""


@dataclass(frozen=True, slots=True)
class MadeApp:
    """A GitHub App that was created. install_url: the page to install it on repositories."""

    credentials: Credentials
    install_url: str


def is_organization(name: str) -> bool:
    """Return whether the text is a valid name of a GitHub organization."""
    return _ORGANIZATION.fullmatch(name) is not None


def manifest(public_url: str) -> dict[str, Any]:
    """Return the contents of `app.yml` with the URLs of this instance."""
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
    """Return the URL to post the manifest to. organization: its name; empty: the account of the signed-in user."""
    owner = f"/organizations/{quote(organization, safe='')}" if organization else ""
    return f"{github_url}{owner}/settings/apps/new?{urlencode({'state': state})}"


async def convert(session: aiohttp.ClientSession, api_url: str, github_url: str, code: str) -> MadeApp:
    """Exchange a code for the new App's credentials. A code works once, within an hour.

    Raises SetupRefused, and RetryLater for temporary failures.
    """
    if not _CODE.fullmatch(code):
        raise SetupRefused("The code does not have the form of GitHub's codes.")
    path = "/app-manifests/{code}/conversions"
    try:
        response = await client(session, api_url).post(path, {"code": code}, data=b"")
    except HTTPException as refused:
        if refused.status_code in {404, 422}:
            raise SetupRefused("GitHub rejected the code. A code works only once, and within an hour.") from refused
        raise SetupRefused(
            f"GitHub responded with status {int(refused.status_code)} to the request for the App's credentials."
        ) from refused
    except ValueError as problem:
        raise SetupRefused("GitHub's response does not contain the App's credentials.") from problem
    return _parsed(response, github_url)


def _parsed(response: Any, github_url: str) -> MadeApp:
    try:
        app_id, names = response["id"], ("pem", "webhook_secret", "client_id", "client_secret")
        pem, webhook_secret, client_id, client_secret = (response[name] or "" for name in names)
        page = str(response.get("html_url") or "")
    except (TypeError, KeyError, AttributeError) as problem:
        raise SetupRefused("GitHub's response does not contain the App's credentials.") from problem
    if type(app_id) is not int or app_id < 1:
        raise SetupRefused("GitHub's response contains no App id.")
    if not isinstance(webhook_secret, str) or len(webhook_secret.encode()) < MIN_SECRET_BYTES:
        raise SetupRefused(f"GitHub's webhook secret is shorter than {MIN_SECRET_BYTES} bytes, which is not safe.")
    for value in (webhook_secret, client_id, client_secret):
        if not isinstance(value, str) or not _PLAIN.fullmatch(value):
            raise SetupRefused("A secret or the client id in GitHub's response contains unexpected characters.")
    _check_key(pem)
    install = f"{page}/installations/new" if page.startswith(f"{github_url}/") else f"{github_url}/settings/apps"
    return MadeApp(Credentials(app_id, pem, webhook_secret, client_id, client_secret), install)


def _check_key(pem: object) -> None:
    if not isinstance(pem, str) or not _PEM.fullmatch(pem):
        raise SetupRefused("GitHub's response contains no private key in PEM format.")
    try:
        load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise SetupRefused("The private key in GitHub's response cannot be read.") from problem
