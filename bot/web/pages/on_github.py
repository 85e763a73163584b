"""Links to GitHub's pages: repositories, pull requests, commits, and lines of files.

The host is that of the settings, because GitHub Enterprise Server has another one. The stand-in of `up --local` has
pages of pull requests and of commits by their full sha, but none of files, issues and branches: what has no page gets
no link. Names, shas and paths come from strangers: what is not of their form gets no link either.
"""

import re
from dataclasses import dataclass

from markupsafe import Markup, escape

from bot.domain.github_files import FULL_NAME, NO_FILES, SHA, GitHubFiles, files_at
from bot.domain.insights import Location
from bot.web.pages.filters import MARKDOWN

_SHORT = re.compile(r"[0-9a-f]{7,40}|[0-9a-f]{64}")
# In our own words: short shas as `text.commits` writes them, and numbers of issues and pull requests.
_MENTIONED = re.compile(r"\b(?=[0-9]{0,9}[a-f])[0-9a-f]{10}\b|(?<![\w&])#[1-9][0-9]{0,8}\b")
_FULL_SHA = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b")
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class GitHubPages:
    """The addresses of GitHub's pages. Each is empty where there is no such page.

    url: of GitHub.
    stand_in: whether it is the stand-in of `up --local`.
    """

    url: str
    stand_in: bool = False

    def repository(self, full_name: str) -> str:
        """The page of a repository."""
        is_name = FULL_NAME.fullmatch(full_name) and not {".", ".."} & set(full_name.split("/"))
        return f"{self.url}/{full_name}" if is_name else ""

    def pull(self, full_name: str, number: int) -> str:
        """The page of a pull request."""
        return self._below(full_name, f"pull/{number}")

    def item(self, full_name: str, number: int) -> str:
        """The page of an issue or a pull request: GitHub redirects from one to the other."""
        return "" if self.stand_in else self._below(full_name, f"issues/{number}")

    def commit(self, full_name: str, sha: str | None) -> str:
        """The page of a commit. The sha may be abbreviated."""
        known = (SHA if self.stand_in else _SHORT).fullmatch(sha or "")
        return self._below(full_name, f"commit/{sha}") if known else ""

    def lines(self, full_name: str, sha: str | None, place: Location) -> str:
        """The lines of a file at a commit."""
        return self._files(full_name, sha).lines(place)

    def file(self, full_name: str, sha: str | None, path: str) -> str:
        """A file at a commit."""
        return self._files(full_name, sha).file(path)

    def history(self, full_name: str, sha: str | None, path: str) -> str:
        """The commits that changed a file, up to a commit."""
        return self.file(full_name, sha, path).replace("/blob/", "/commits/", 1)

    def _files(self, full_name: str, sha: str | None) -> GitHubFiles:
        return NO_FILES if self.stand_in else files_at(self.url, full_name, sha)

    def _below(self, full_name: str, path: str) -> str:
        above = self.repository(full_name)
        return f"{above}/{path}" if above else ""

    def markdown(self, text: str, full_name: str) -> Markup:
        """Our own Markdown as HTML. Shas and numbers outside of code spans become links, as on GitHub."""
        parts = []
        for token in MARKDOWN.parseInline(text)[0].children or []:
            if token.type == "text":
                parts.append(self._mentions(token.content, full_name))
            else:
                rendered = MARKDOWN.renderer.render([token], MARKDOWN.options, {})
                parts.append(Markup(rendered))  # noqa: S704 - HTML is off: markdown-it escapes everything
        return Markup("").join(parts)

    def _mentions(self, words: str, full_name: str) -> Markup:
        parts, end = [], 0
        for found in _MENTIONED.finditer(words):
            name = found[0]
            address = self.item(full_name, int(name[1:])) if name.startswith("#") else self.commit(full_name, name)
            if address:
                parts += [escape(words[end : found.start()]), _link(address, name)]
                end = found.end()
        return Markup("").join([*parts, escape(words[end:])])

    def shas(self, text: str, full_name: str) -> Markup:
        """Plain text in which full shas are short, and links."""
        parts, end = [], 0
        for found in _FULL_SHA.finditer(text):
            short, address = Markup("<code>{}</code>").format(found[0][:_SHOWN]), self.commit(full_name, found[0])
            parts += [escape(text[end : found.start()]), _link(address, short) if address else short]
            end = found.end()
        return Markup("").join([*parts, escape(text[end:])])


def _link(address: str, words: str | Markup) -> Markup:
    return Markup('<a href="{}">{}</a>').format(address, words)
