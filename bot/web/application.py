"""The complete web application, assembled from its parts."""

from aiohttp import web
from redis.asyncio import Redis

from bot.db.engine import Database
from bot.settings import Settings
from bot.web import health, inbox, metrics, notifications, pages, schema, sign_in, webhook
from bot.web.api import setup as api
from bot.web.github_app import HAS_APP
from bot.web.pages import admin_status, badge
from bot.web.pages.on_github import GitHubPages
from bot.web.policy import security_headers


def create_app(
    settings: Settings, db: Database, redis: Redis, *, public_pages: bool = False, has_app: bool = True
) -> web.Application:
    """Create the application.

    public_pages: whether the pages of private repositories are public, too (`up --local` on one's own machine).
    has_app: whether there is a GitHub App that issues and pull requests are synced with; not in `up --local`.
    """
    app = web.Application(client_max_size=webhook.MAX_BODY)
    app.on_response_prepare.append(security_headers)
    app[health.DATABASE] = db
    app[health.REDIS] = redis
    app[health.DATA_DIR] = settings.data_dir
    app[HAS_APP] = has_app
    webhook.setup(app, settings.webhook_secrets)
    inbox.setup(app, db, redis)
    health.setup(app)
    metrics.setup(app, settings.metrics_token)
    schema.setup(app)
    pages.setup(app, public=public_pages, github=GitHubPages(settings.github_url, settings.stand_in))
    app[admin_status.HAS_MAIL] = settings.mail is not None
    badge.setup(app, settings.secret_keys, settings.public_url)
    api.setup(app, settings, redis)
    sign_in.setup(app, settings)
    notifications.setup(app, settings.secret_keys)
    return app
