"""Users and their tokens. The tokens are cut: they are no tokens."""

from typing import Any

from bot.web.api.models import users as models
from bot.web.api.models.examples.names import CREATED, LAST, USER, page

_USER = {
    "id": USER,
    "github_id": 583231,
    "login": "octocat",
    "name": "The Octocat",
    "avatar_url": "https://avatars.githubusercontent.com/u/583231",
    "role": "maintainer",
    "created_at": CREATED,
    "last_seen": LAST,
}
_ACCESS, _REFRESH = "eyJhbGciOiJIUzI1NiJ9.access.…", "eyJhbGciOiJIUzI1NiJ9.refresh.…"
EXAMPLES: dict[type[object], Any] = {
    models.UserView: _USER,
    models.UserPage: page(_USER),
    models.ChangeUser: {"role": "maintainer"},
    models.RefreshToken: {"refresh_token": _REFRESH},
    models.TokenPair: {
        "access_token": _ACCESS,
        "token_type": "Bearer",
        "expires_in": 3600,
        "refresh_token": _REFRESH,
    },
    models.RevokeToken: {"token": _ACCESS},
}
