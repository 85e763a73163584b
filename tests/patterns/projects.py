"""Pasts of projects that are made up, with and without patterns in them. The same seed gives the same past."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha1

from bot.domain.changed_files import ChangedFiles, ProjectFile
from bot.domain.items import Account, Item, ItemKind, PullFacts, Response, ResponseKind
from bot.domain.periods import DAY, YEAR
from bot.domain.project import Project, ProjectChange

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
UNTIL = int(NOW.timestamp())
# Words of no meaning, the first ones more often, as in a language.
WORDS = tuple(
    f"{first}{middle}{last}" for first in "bdfgklmnprstvz" for middle in ("a", "e", "i", "o", "u") for last in "lmnrtx"
)


@dataclass
class Made:
    """A past in the making."""

    seed: int = 0
    files: dict[int, ProjectFile] = field(default_factory=dict)
    changes: list[ProjectChange] = field(default_factory=list)
    by_change: dict[str, tuple[int, ...]] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start the random numbers."""
        self.random = random.Random(self.seed)

    def file(self, path: str, lines: int = 200) -> int:
        """Add a file; returns its number."""
        number = len(self.files) + 1
        self.files[number] = ProjectFile(path, lines)
        return number

    def change(self, files: Sequence[int], days_ago: float, **facts: object) -> ProjectChange:
        """Add a change. facts: fields of the change."""
        number = len(self.changes)
        known: dict[str, object] = {
            "sha": sha1(b"%d" % number, usedforsecurity=False).hexdigest(),
            "when": UNTIL - int(days_ago * DAY),
            "person": 1,
            "is_bot": False,
            "kind": "other",
            "is_fix": False,
            "is_mass": False,
            "files": len(files),
            "added": 20,
            "deleted": 5,
            "subject": f"Change {number}",
        }
        change = ProjectChange(**{**known, **facts})  # type: ignore[arg-type]
        self.changes.append(change)
        self.by_change[change.sha] = tuple(files)
        return change

    def issue(self, title: str, body: str = "", days_ago: float = 100, **facts: object) -> Item:
        """Add an issue; it is open unless `closed_after` (days) is given."""
        return self._item(ItemKind.ISSUE, title, body, days_ago, None, facts)

    def pull(
        self, title: str, body: str = "", days_ago: float = 100, merged_after: float | None = None, **facts: object
    ) -> Item:
        """Add a pull request; it is open unless `merged_after` or `closed_after` (days) is given."""
        created = NOW - timedelta(days=days_ago)
        merged = None if merged_after is None else created + timedelta(days=merged_after)
        pull = PullFacts(draft=False, base_ref=str(facts.pop("base_ref", "main")), head_sha="a" * 40, merged_at=merged)
        if merged_after is not None:
            facts["closed_after"] = merged_after
        return self._item(ItemKind.PULL_REQUEST, title, body, days_ago, pull, facts)

    def respond(self, item: Item, after_days: float, author: Account | None) -> None:
        """Add a comment to an item."""
        at = item.created_at + timedelta(days=after_days)
        number = len(self.responses) + 1
        self.responses.append(
            Response(github_id=number, number=item.number, kind=ResponseKind.COMMENT, author=author, at=at)
        )

    def _item(
        self, kind: ItemKind, title: str, body: str, days_ago: float, pull: PullFacts | None, facts: dict[str, object]
    ) -> Item:
        number = len(self.items) + 1
        created = NOW - timedelta(days=days_ago)
        closed_after = facts.pop("closed_after", None)
        closed = created + timedelta(days=closed_after) if isinstance(closed_after, int | float) else None
        item = Item(
            github_id=number,
            number=number,
            kind=kind,
            title=title,
            body=body,
            author=Account(number, f"person{number}"),
            state="open" if closed is None else "closed",
            created_at=created,
            updated_at=closed or created,
            closed_at=closed,
            pull=pull,
        )
        item = replace(item, **facts)  # type: ignore[arg-type]
        self.items.append(item)
        return item

    def text(self, words: int) -> str:
        """Words of no meaning."""
        return " ".join(WORDS[min(int(self.random.paretovariate(0.9)), len(WORDS)) - 1] for _ in range(words))

    @property
    def project(self) -> Project:
        """The past."""
        return Project(
            now=NOW,
            changes=tuple(sorted(self.changes, key=lambda change: change.when)),
            items=tuple(self.items),
            responses=tuple(sorted(self.responses, key=lambda response: response.at)),
            synced=frozenset(ItemKind),
        )

    @property
    def changed(self) -> ChangedFiles:
        """The files of its changes."""
        return ChangedFiles(self.files, self.by_change)


def noise(seed: int, *, changes: int = 900, files: int = 120, items: int = 0, years: float = 3) -> Made:
    """A past in which everything is chance: large and active files get more fixes, large changes need more of them."""
    made = Made(seed)
    chance = made.random
    paths = [f"{folder}/{name}.py" for folder in ("app", "app/io", "core", "core/net", "web") for name in WORDS]
    numbers = [made.file(path, int(chance.lognormvariate(5, 1))) for path in paths[:: max(1, len(paths) // files)]]
    activity = [made.files[number].lines ** 0.7 * chance.lognormvariate(0, 0.5) for number in numbers]
    for _ in range(changes):
        touched = set(chance.choices(numbers, activity, k=min(8, 1 + int(chance.expovariate(0.7)))))
        is_fix, lines = chance.random() < 0.25, int(chance.lognormvariate(3.5, 1.2)) + 1
        needs_fix = chance.random() < min(0.5, 0.03 + lines / 1500)
        kind = "fix" if is_fix else chance.choice(("feature", "refactor", "other"))
        made.change(
            sorted(touched),
            chance.random() * years * YEAR / DAY,
            kind=kind,
            is_fix=is_fix,
            added=lines,
            fixed_after=int(chance.random() * 80 * DAY) if needs_fix else None,
            fixed_by="f" * 40 if needs_fix else None,
        )
    for number in range(items):
        _noise_item(made, number, years)
    return made


def _noise_item(made: Made, number: int, years: float) -> None:
    chance = made.random
    ago = chance.random() * years * YEAR / DAY
    title, body = made.text(7), made.text(80)
    if number % 2:
        made.issue(title, body, ago, **({} if chance.random() < 0.2 else {"closed_after": chance.expovariate(0.05)}))
        return
    labels = tuple(one for one in ("bug", "docs", "ci", "speed") if chance.random() < 0.3)
    after = chance.expovariate(0.2)
    outcome = chance.random()
    facts = {"closed_after": after} if outcome < 0.2 else {}
    item = made.pull(title, body, ago, merged_after=after if outcome > 0.3 else None, labels=labels, **facts)
    made.respond(item, min(after, chance.expovariate(0.5)), Account(1_000_000, "reviewer"))


def patterned(seed: int = 0) -> Made:
    """A past with one pattern of each kind among the noise."""
    made = noise(seed, changes=1200, items=500)
    chance = made.random
    options, manual = made.file("app/options.py", 900), made.file("docs/manual.1", 700)
    broken = made.file("app/terminal.py", 400)
    for number in range(60):
        made.change([options, manual], number * 17, kind="feature", is_fix=False)
        fix = {"kind": "fix", "is_fix": True} if number % 3 else {}
        made.change([broken], number * 17 + 1, **fix)
    screens = [made.file(f"screen/{name}.py", 200) for name in WORDS[:6]]
    for number in range(60):
        needs = number % 5 < 3
        made.change([chance.choice(screens)], 100 + number * 12, kind="feature", fixed_after=9 * DAY if needs else None)
    for number in range(30):
        made.issue(f"Session cookie {made.text(4)} is lost", f"The cookie of the session {made.text(30)}", number * 5)
        made.pull(f"Speed {made.text(5)}", made.text(20), number * 20, merged_after=40 + number, labels=("speed-up",))
    for number in range(4):
        words = made.text(6)
        made.issue(f"Crash while {words} {number}", words, 40)
        made.issue(f"Crash when {words} {number}", words, 20)
    idea = made.text(8)
    made.pull(f"Rewrite {idea}", idea, 300, closed_after=3)
    made.pull(f"Rewrite the {idea}", idea, 10)
    return made
