"""GitHub's JSON of users, the App, the installation and the repository.

Sources: the REST description at github.com/github/rest-api-description.
"""

import base64
from typing import Any
from urllib.parse import quote

from bot.local.config import (
    APP_NAME,
    APP_SLUG,
    BOT_LOGIN,
    EVENTS,
    INSTALLATION_ID,
    NEEDED_FOR,
    PERMISSIONS,
    Identity,
    LocalConfig,
    stable_id,
)
from bot.local.repository_urls import API_URLS

Json = dict[str, Any]


def node_id(kind: str, number: int) -> str:
    """Return an opaque id in GitHub's older format."""
    return base64.b64encode(f"0{len(kind)}:{kind}{number}".encode()).decode()


class Representations:
    """Converts accounts, the App and repositories to GitHub's JSON, with the stand-in's URLs."""

    def __init__(self, config: LocalConfig, identity: Identity, default_branch: str, created_at: str) -> None:
        self.config = config
        self.identity = identity
        self.default_branch = default_branch
        self.created_at = created_at
        self.unaccepted = config.unaccepted
        self.has_issues = True
        self.root = config.base_url.rstrip("/")
        self.api = f"{self.root}/repos/{identity.full_name}"
        self.html = f"{self.root}/{identity.full_name}"

    def user(self, login: str) -> Json:
        """Return an account. The login of an App's account ends in `[bot]`."""
        number = self.identity.owner_id if login == self.identity.owner else stable_id(login)
        url = f"{self.root}/users/{quote(login)}"
        return {
            "login": login,
            "id": number,
            "node_id": node_id("User", number),
            "avatar_url": f"{self.root}/_static/avatar.svg",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{self.root}/{quote(login)}",
            "followers_url": f"{url}/followers",
            "following_url": f"{url}/following{{/other_user}}",
            "gists_url": f"{url}/gists{{/gist_id}}",
            "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
            "subscriptions_url": f"{url}/subscriptions",
            "organizations_url": f"{url}/orgs",
            "repos_url": f"{url}/repos",
            "events_url": f"{url}/events{{/privacy}}",
            "received_events_url": f"{url}/received_events",
            "type": "Bot" if login.endswith("[bot]") else "User",
            "user_view_type": "public",
            "site_admin": False,
        }

    def user_or_null(self, login: str | None) -> Json | None:
        """Return an account; None for a deleted user."""
        return self.user(login) if login else None

    def owner(self) -> Json:
        """Return the account that owns the repository and has installed the App."""
        return self.user(self.identity.owner)

    def bot(self) -> Json:
        """Return the App's own account."""
        return self.user(BOT_LOGIN)

    def app(self) -> Json:
        """Return the App."""
        number = self.config.app_id
        return {
            "id": number,
            "client_id": self.config.client_id,
            "slug": APP_SLUG,
            "node_id": node_id("Integration", number),
            "owner": self.owner(),
            "name": APP_NAME,
            "description": "",
            "external_url": self.config.app_url or self.root,
            "html_url": f"{self.root}/apps/{APP_SLUG}",
            "created_at": self.created_at,
            "updated_at": self.created_at,
            "permissions": dict(PERMISSIONS),
            "events": list(EVENTS),
        }

    @property
    def permissions(self) -> dict[str, str]:
        """The permissions that the installation has: those of the App that it has accepted."""
        return {name: level for name, level in PERMISSIONS.items() if name not in self.unaccepted}

    @property
    def events(self) -> list[str]:
        """The events that the installation gets: those of the App that its permissions allow."""
        return [event for event in EVENTS if NEEDED_FOR.get(event) not in self.unaccepted]

    def installation(self) -> Json:
        """Return the App's installation on the owner's account."""
        return {
            "id": INSTALLATION_ID,
            "client_id": self.config.client_id,
            "account": self.owner(),
            "repository_selection": "selected",
            "access_tokens_url": f"{self.root}/app/installations/{INSTALLATION_ID}/access_tokens",
            "repositories_url": f"{self.root}/installation/repositories",
            "html_url": f"{self.root}/settings/installations/{INSTALLATION_ID}",
            "app_id": self.config.app_id,
            "app_slug": APP_SLUG,
            "target_id": self.identity.owner_id,
            "target_type": "User",
            "permissions": self.permissions,
            "events": self.events,
            "created_at": self.created_at,
            "updated_at": self.created_at,
            "single_file_name": None,
            "has_multiple_single_files": False,
            "single_file_paths": [],
            "suspended_by": None,
            "suspended_at": None,
        }

    def repository(self, full_name: str | None = None, open_issues: int = 0) -> Json:
        """Return the served repository, or a fork of it for another full name."""
        full_name = full_name or self.identity.full_name
        fork = full_name != self.identity.full_name
        owner, _, name = full_name.partition("/")
        number = stable_id(full_name) if fork else self.identity.repository_id
        api, html = f"{self.root}/repos/{full_name}", f"{self.root}/{full_name}"
        host = self.root.partition("://")[2]
        return {
            "id": number,
            "node_id": node_id("Repository", number),
            "name": name,
            "full_name": full_name,
            "private": True,
            "owner": self.user(owner),
            "html_url": html,
            "description": None,
            "fork": fork,
            "url": api,
            **{field: api + ending for field, ending in API_URLS.items()},
            "git_url": f"git://{host}/{full_name}.git",
            "ssh_url": f"git@{host}:{full_name}.git",
            "clone_url": f"{html}.git",
            "svn_url": html,
            "created_at": self.created_at,
            "updated_at": self.created_at,
            "pushed_at": self.created_at,
            **self._repository_facts(open_issues),
        }

    def _repository_facts(self, open_issues: int) -> Json:
        counts = ("size", "stargazers_count", "watchers_count", "forks_count", "forks", "watchers")
        return {
            "homepage": None,
            "language": None,
            **dict.fromkeys(counts, 0),
            "has_issues": self.has_issues,
            "has_projects": False,
            "has_downloads": False,
            "has_wiki": False,
            "has_pages": False,
            "has_discussions": False,
            "mirror_url": None,
            "archived": False,
            "disabled": False,
            "open_issues_count": open_issues,
            "license": None,
            "allow_forking": True,
            "is_template": False,
            "web_commit_signoff_required": False,
            "topics": [],
            "visibility": "private",
            "custom_properties": {},
            "open_issues": open_issues,
            "default_branch": self.default_branch,
        }
