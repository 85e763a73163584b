"""Whether this instance has a GitHub App, so that issues and pull requests are synced."""

from aiohttp import web

HAS_APP = web.AppKey("has_app", bool)
