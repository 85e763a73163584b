"""The table of endpoints."""

from aiohttp import web

from bot.web.api.insights import Insight, Insights
from bot.web.api.problems import unknown
from bot.web.api.repositories import Repositories, Repository

ROUTES = (
    web.view("/api/v1/repositories", Repositories),
    web.view("/api/v1/repositories/{id}", Repository),
    web.view("/api/v1/repositories/{id}/insights", Insights),
    web.view("/api/v1/insights/{id}", Insight),
    web.route("*", "/api/{rest:.*}", unknown),
)
