"""The table of endpoints."""

from aiohttp import web

from bot.web.api.insights import Insight, Insights
from bot.web.api.problems import unknown
from bot.web.api.repositories import Repositories, Repository
from bot.web.api.snapshots import BackTest, Coupling, Hotspots, ModelCard, Ownership

ROUTES = (
    web.view("/api/v1/repositories", Repositories),
    web.view("/api/v1/repositories/{id}", Repository),
    web.view("/api/v1/repositories/{id}/insights", Insights),
    web.view("/api/v1/repositories/{id}/hotspots", Hotspots),
    web.view("/api/v1/repositories/{id}/ownership", Ownership),
    web.view("/api/v1/repositories/{id}/coupling", Coupling),
    web.view("/api/v1/repositories/{id}/model-card", ModelCard),
    web.view("/api/v1/repositories/{id}/back-test", BackTest),
    web.view("/api/v1/insights/{id}", Insight),
    web.route("*", "/api/{rest:.*}", unknown),
)
