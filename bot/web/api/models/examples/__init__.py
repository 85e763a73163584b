"""Examples of the bodies of requests and responses, for the OpenAPI document. A test validates each with its model.

They tell one story: the repository `octocat/hello-world`, one of its pull requests, and one of its insights.
"""

from collections.abc import Mapping
from typing import Any

from bot.web.api.models.examples import ai, analyses, history, insights, notifications, repositories, sync, users

Json = Any
EXAMPLES: Mapping[type[object], Json] = {
    **repositories.EXAMPLES,
    **analyses.EXAMPLES,
    **insights.EXAMPLES,
    **history.EXAMPLES,
    **sync.EXAMPLES,
    **ai.EXAMPLES,
    **notifications.EXAMPLES,
    **users.EXAMPLES,
}
