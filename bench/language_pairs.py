"""Pairs of a changelog fragment and the commit that added it, from any repository with towncrier's fragments.

Who looks for the change that a line of the changelog describes knows neither its number nor its author. So numbers of
issues and pull requests, and names of people, are cut out of both texts; and the fragments do not count as files of the
commit.
"""

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from secrets import token_hex

from bot.git.log import known_time

# The usual kinds of towncrier, and those that the projects of docs/language.md add.
_KINDS = (
    "feature bugfix doc docs removal deprecation breaking misc packaging contrib improvement bug process trivial change"
    " vendor minor"
)
_FRAGMENT = re.compile(
    rf"^(?:.*/)?(?:changes|changelog|changelog\.d|news|newsfragments|topfiles)/"
    rf"[^/]+\.(?P<kind>{'|'.join(_KINDS.split())})(?:\.\d+)?(?:\.(?:rst|md|txt))?$",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r":(?:issue|pr|pull|bug|gh|ticket|commit|user|cve)(?:-\w+)?:`[^`]*`"
    r"|https?://\S+|\(?(?:\b(?:issue|pr|pull request|ticket|fixes|closes|refs?|gh)[ :-]*)?\B#\d+\)?|\bgh-\d+\b",
    re.IGNORECASE,
)
_PEOPLE = re.compile(
    r"(?:\s--?\s*|\s|\()(?:by|patch by|contributed by|courtesy of|thanks to)\s+(?:@\w|:user|`|[A-Z]).*", re.DOTALL
)
_TRAILERS = re.compile(
    r"^(?:[\w-]+-by|git-svn-id|cherry-picked from|\(cherry picked)\b.*$", re.IGNORECASE | re.MULTILINE
)
_BACKPORT = re.compile(r"^(?:\[[^\]]*\]\s*)+")
_LONGEST = 2_000


class BadInput(Exception):
    """A repository that cannot be judged. The message is for the user."""


@dataclass(frozen=True, slots=True)
class Commit:
    """One candidate. The texts are without numbers; paths without fragments."""

    sha: str
    when: int
    author: str
    subject: str
    body: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """The text of a fragment, its kind, and the positions of the commits that added it."""

    text: str
    kind: str
    answers: tuple[int, ...]


def read(repository: Path, *, first_parent: bool) -> tuple[list[Commit], list[Pair]]:
    """Read all commits, oldest first, and the pairs. Raises BadInput.

    first_parent: the changes of the default branch, as the app sees them; else all commits but merges.
    """
    commits: list[Commit] = []
    added: list[tuple[str, int]] = []
    for commit, fragments in _commits(repository, first_parent=first_parent):
        added += [(path, len(commits)) for path in fragments]
        commits.append(commit)
    texts = _contents(repository, [f"{commits[position].sha}:{path}" for path, position in added])
    answers: dict[str, tuple[str, list[int]]] = {}
    for (path, position), text in zip(added, texts, strict=True):
        cleaned = clean(text)
        if len(cleaned) >= 15 and (match := _FRAGMENT.match(path)):
            answers.setdefault(cleaned, (match["kind"].lower(), []))[1].append(position)
    if not answers:
        raise BadInput(f"{repository} has no fragments of a changelog")
    pairs = [Pair(text, kind, tuple(dict.fromkeys(found))) for text, (kind, found) in answers.items()]
    return commits, [pair for pair in pairs if len(pair.answers) <= 3]


def among_answers(commits: Sequence[Commit], pairs: Sequence[Pair]) -> tuple[list[Commit], list[Pair]]:
    """Return only the commits that answer a pair, and the pairs with their new positions: far fewer candidates."""
    kept = sorted({answer for pair in pairs for answer in pair.answers})
    new = {answer: position for position, answer in enumerate(kept)}
    moved = [replace(pair, answers=tuple(new[answer] for answer in pair.answers)) for pair in pairs]
    return [commits[answer] for answer in kept], moved


def clean(text: str) -> str:
    """Return a text in one line, without numbers of issues and pull requests, and without people."""
    return " ".join(_PEOPLE.sub("", _NUMBER.sub(" ", text[:_LONGEST])).split())


def _commits(repository: Path, *, first_parent: bool) -> Iterator[tuple[Commit, list[str]]]:
    walk = ["--first-parent", "--diff-merges=first-parent"] if first_parent else ["--no-merges"]
    # The separator is random, so that no message can imitate it.
    start = token_hex(16)
    form = f"{start}%x00%H%x00%ct%x00%an <%ae>%x00%s%x00%b%x00"
    output = _git(repository, "log", "--reverse", *walk, "--raw", "--no-renames", "-z", f"--format={form}", "HEAD")
    for record in output.decode("utf-8", "replace").split(f"{start}\0")[1:]:
        sha, when, author, subject, body, *raw = record.split("\0")
        names = [field.lstrip("\n") for field in raw]
        entries = [(info.split(" "), path) for info, path in pairwise(names) if info[:1] == ":"]
        if subject.startswith(("Merge pull request ", "Merge branch ")):
            first, _, body = body.strip().partition("\n")
            subject = first or subject
        paths = tuple(path for _, path in entries if not _FRAGMENT.match(path))
        # A link (mode 120000) names another fragment.
        fragments = [
            path for info, path in entries if info[-1] == "A" and info[1] == "100644" and _FRAGMENT.match(path)
        ]
        if len(fragments) != 1 or not paths or subject.startswith("Merge branch "):
            fragments = []
        subject = clean(_BACKPORT.sub("", subject))
        yield (
            Commit(sha, known_time(when.encode()) or 0, author, subject, clean(_TRAILERS.sub("", body)), paths),
            fragments,
        )


def _contents(repository: Path, names: list[str]) -> list[str]:
    """Return the texts of blobs; empty for those that the clone lacks."""
    output = _git(repository, "cat-file", "--batch", stdin="\n".join(names).encode() + b"\n")
    texts, position = [], 0
    for _ in names:
        end = output.index(b"\n", position)
        header = output[position:end].split(b" ")
        size = int(header[2]) if len(header) == 3 and header[1] == b"blob" else -1
        texts.append(output[end + 1 : end + 1 + size].decode("utf-8", "replace") if size >= 0 else "")
        position = end + 1 + (size + 1 if size >= 0 else 0)
    return texts


def _git(repository: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    git_dir = repository / ".git" if (repository / ".git").exists() else repository
    done = subprocess.run(["git", f"--git-dir={git_dir}", *arguments], input=stdin, capture_output=True, check=False)
    if done.returncode:
        raise BadInput(f"git cannot read {repository}: {done.stderr.decode('utf-8', 'replace').strip()[:200]}")
    return done.stdout
