"""Makes a data file of issues and pull requests from a repository's own history, for the stand-in (docs/data-file.md).

    python bench/made_items.py PATH > items.jsonl

What the history tells is real: numbers, titles, authors, merge times, shas, release tags, and the issues that commit
messages name. What it does not tell is invented by a seeded generator and means nothing: when something was opened,
reviews, comments, labels, open items. The file is to try the sync and the pages on many items, not to judge a project.
"""

import argparse
import json
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.git.log import known_time

_MERGE = re.compile(r"Merge pull request #(\d{1,9}) from (\S+)")
_SQUASHED = re.compile(r"\s*\(#(\d{1,9})\)\s*$")
_NAMED = re.compile(r"\b(?:fix(?:e[sd])?|close[sd]?|resolve[sd]?)\s*:?\s+#(\d{1,9})", re.IGNORECASE)
_LABELS = ("bug", "feature", "docs", "question", "good first issue")
_OPEN = 40


@dataclass(frozen=True)
class Commit:
    """A commit of the default branch."""

    sha: str
    parents: tuple[str, ...]
    author: str
    committer: str
    at: datetime
    subject: str
    body: str


def commits_of(path: Path) -> list[Commit]:
    """The first-parent history, oldest first."""
    form = "format:%H%x00%P%x00%an%x00%cn%x00%ct%x00%s%x00%b"
    fields = _git(path, "log", "--first-parent", "--reverse", "-z", f"--format={form}", "HEAD").split("\0")
    return [_commit(*record) for record in zip(*(fields[place::7] for place in range(7)), strict=True)]


def _commit(sha: str, parents: str, author: str, committer: str, at: str, subject: str, body: str) -> Commit:
    when = datetime.fromtimestamp(known_time(at.encode()) or 0, UTC)
    return Commit(sha, tuple(parents.split()), author, committer, when, subject, body.strip("\n"))


def _git(path: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(path), *arguments], check=True, capture_output=True)
    return done.stdout.decode("utf-8", "replace")


def records(path: Path, seed: int) -> Iterator[Mapping[str, object]]:
    """The lines of the data file."""
    dice = random.Random(seed)
    commits = [commit for commit in commits_of(path) if commit.parents]
    pulls: dict[int, tuple[Commit, str]] = {}
    issues: dict[int, Commit] = {}
    for commit in commits:
        if found := _pull_of(commit):
            pulls.setdefault(found[0], (commit, found[1]))
        for number in _NAMED.findall(f"{commit.subject}\n{commit.body}"):
            issues.setdefault(int(number), commit)
    yield from ({"type": "label", "name": name} for name in _LABELS)
    for number, (commit, title) in sorted(pulls.items()):
        yield from _pull(number, commit, title, dice)
    people = sorted({_login(commit.author) for commit in commits})
    for number, commit in sorted(issues.items()):
        if number not in pulls:
            yield from _issue(number, commit, people, dice)
    yield from _open_issues(1 + max([0, *pulls, *issues]), commits, people, dice)
    yield from _releases(path)
    counts = Counter(_login(commit.author) for commit in commits)
    yield from ({"type": "contributor", "user": who, "contributions": done} for who, done in counts.most_common())


def _pull_of(commit: Commit) -> tuple[int, str] | None:
    if match := _MERGE.match(commit.subject):
        title = next((line.strip() for line in commit.body.splitlines() if line.strip()), match[2])
        return int(match[1]), _SQUASHED.sub("", title)
    if match := _SQUASHED.search(commit.subject):
        return int(match[1]), commit.subject[: match.start()].strip()
    return None


def _pull(number: int, commit: Commit, title: str, dice: random.Random) -> Iterator[Mapping[str, object]]:
    opened = commit.at - timedelta(hours=dice.lognormvariate(3.0, 1.2))
    head = commit.parents[1] if len(commit.parents) > 1 else commit.sha
    yield {
        "type": "pull",
        "number": number,
        "title": title[:250] or "(no title)",
        "user": _login(commit.author),
        "created_at": _time(opened),
        "merged_at": _time(commit.at),
        "merged_by": _login(commit.committer),
        "merge_commit_sha": commit.sha,
        "head_sha": head,
        "base_sha": commit.parents[0],
        "base_ref": "main",
        "state": "closed",
    }
    if dice.random() < 0.8:
        at = opened + (commit.at - opened) * dice.random()
        reviewer = "reviewer-" + str(dice.randrange(5))
        yield {"type": "review", "number": number, "user": reviewer, "created_at": _time(at), "state": "APPROVED"}


def _issue(number: int, commit: Commit, people: list[str], dice: random.Random) -> Iterator[Mapping[str, object]]:
    opened = commit.at - timedelta(days=dice.lognormvariate(3.0, 1.5))
    yield {
        "type": "issue",
        "number": number,
        "title": (_SQUASHED.sub("", commit.subject) or "(no title)")[:250],
        "body": commit.body[:2_000],
        "user": dice.choice(people),
        "created_at": _time(opened),
        "closed_at": _time(commit.at),
        "state": "closed",
        "state_reason": "completed",
        "labels": ["bug"] if dice.random() < 0.5 else [],
    }
    if dice.random() < 0.7:
        at = opened + (commit.at - opened) * dice.random() * 0.3
        yield {"type": "comment", "number": number, "user": dice.choice(people), "created_at": _time(at)}


def _open_issues(
    first: int, commits: list[Commit], people: list[str], dice: random.Random
) -> Iterator[Mapping[str, object]]:
    for number, commit in enumerate(dice.sample(commits, min(_OPEN, len(commits))), start=first):
        opened = commits[-1].at - timedelta(days=dice.lognormvariate(4.0, 1.0))
        yield {
            "type": "issue",
            "number": number,
            "title": (_SQUASHED.sub("", commit.subject) or "(no title)")[:250],
            "user": dice.choice(people),
            "created_at": _time(opened),
            "labels": [dice.choice(_LABELS)],
        }


def _releases(path: Path) -> Iterator[Mapping[str, object]]:
    form = "%(refname:short)%09%(creatordate:unix)"
    for line in _git(path, "for-each-ref", f"--format={form}", "refs/tags").splitlines():
        tag, _, at = line.partition("\t")
        if at.isdigit():
            when = _time(datetime.fromtimestamp(int(at), UTC))
            yield {"type": "release", "tag": tag, "user": "releaser", "created_at": when, "published_at": when}


def _login(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:39] or "ghost"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", type=Path, help="a clone with its history")
    parser.add_argument("--seed", type=int, default=1, help="of the invented part (default 1)")
    chosen = parser.parse_args()
    for record in records(chosen.repository, chosen.seed):
        sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
