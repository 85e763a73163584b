"""Repositories."""

from typing import Any

from bot.web.api.models import repositories as models
from bot.web.api.models.examples.names import CREATED, LATER, OWNER, REPOSITORY, page

HOOK = "https://example.org/hooks/gitinsight"
REPOSITORY_ANSWER: dict[str, Any] = {
    "id": REPOSITORY,
    "github_id": 1296269,
    "name": "hello-world",
    "full_name": "octocat/hello-world",
    "description": "My first repository on GitHub!",
    "url": "https://github.com/octocat/hello-world",
    "language": "Python",
    "stars": 80,
    "forks": 9,
    "watchers": 80,
    "size": 108,
    "created_at": CREATED,
    "updated_at": LATER,
    "last_analyzed": LATER,
    "analysis_status": "completed",
    "auto_analyze": True,
    "notification_settings": {"email_updates": True, "webhook_url": HOOK},
    "owner": {
        "id": OWNER,
        "github_id": 583231,
        "username": "octocat",
        "avatar_url": "https://avatars.githubusercontent.com/u/583231",
    },
}
EXAMPLES: dict[type[object], Any] = {
    models.RegisterRepository: {
        "github_url": "https://github.com/octocat/hello-world",
        "name": "hello-world",
        "description": "My first repository on GitHub!",
        "language": "Python",
        "auto_analyze": True,
        "notification_settings": {"email_updates": True, "webhook_url": HOOK},
    },
    models.ChangeRepository: {"auto_analyze": True, "notification_settings": {"email_updates": False}},
    models.Repository: REPOSITORY_ANSWER,
    models.RepositoryPage: page(REPOSITORY_ANSWER),
}
