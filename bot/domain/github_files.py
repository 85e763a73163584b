"""The addresses of files and lines on GitHub, at one commit. Names, shas and paths come from strangers.

https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/creating-a-permanent-link-to-a-code-snippet
"""

import re
from dataclasses import dataclass
from urllib.parse import quote

from bot.domain.insights import Location

FULL_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# Such a path was not UTF-8 (`paths.path_text`), so that its address is not known.
_UNKNOWN = re.compile(r"\\x[89a-f][0-9a-f]|[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class GitHubFiles:
    """The files of a repository at a commit. folder: the address above them; empty where there are no such pages."""

    folder: str = ""

    def file(self, path: str) -> str:
        """The page of a file; empty where there is none. It contains no character that Markdown or HTML reads."""
        if not self.folder or {"", ".", ".."} & set(path.split("/")) or _UNKNOWN.search(path):
            return ""
        return f"{self.folder}/{quote(path)}"

    def lines(self, place: Location) -> str:
        """The lines of a file. `plain=1` shows the source of files that GitHub would render."""
        address = self.file(place.path)
        if not address or place.start_line < 1:
            return address
        end = f"-L{place.end_line}" if place.end_line > place.start_line else ""
        return f"{address}?plain=1#L{place.start_line}{end}"


NO_FILES = GitHubFiles()


def files_at(github_url: str, full_name: str, sha: str | None) -> GitHubFiles:
    """The files of a repository at a commit; none for what is no name or no full sha, or without a GitHub."""
    is_name = FULL_NAME.fullmatch(full_name) and not {".", ".."} & set(full_name.split("/"))
    if not github_url or not is_name or not SHA.fullmatch(sha or ""):
        return NO_FILES
    return GitHubFiles(f"{github_url}/{full_name}/blob/{sha}")
