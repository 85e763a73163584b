"""`gitinsight up --demo`: a small repository, made on the spot, in whose open branches every analyzer speaks.

The same commits are made every time: contents, people and dates are fixed.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.commands import demo_modules as modules
from bot.commands import demo_texts as texts
from bot.git.run import git

START = 1_704_189_600  # 2 January 2024, 10:00 UTC
DAY = 86_400
FOLDER = "corner-shop"
_ARTICLES = "bread milk honey cheese apples pears plums cherries flour sugar salt butter eggs rice beans tea".split()
_ITEM_ROUNDS = 12
_COUPONS = 40
_TEAM = ("Ada Park", "Ben Ruiz", "Cleo Weber")
_LEFT = "Grace Olsen"


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit. day: since `START`. files: by path, whole contents."""

    day: int
    author: str
    message: str
    files: Mapping[str, str] = field(default_factory=dict)


_Event = Callable[[int], Iterator[Commit]]


@dataclass(frozen=True, slots=True)
class Branch:
    """An open branch with one commit on the default branch."""

    name: str
    commit: Commit


async def make_demo(folder: Path) -> Path:
    """Make the repository in a folder that does not exist yet, with a checkout. Returns its path. Raises GitError."""
    target = folder / FOLDER
    if (target / ".git").is_dir():
        return target
    fresh = folder / f"{FOLDER}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    git_dir = fresh / ".git"
    git_dir.mkdir(parents=True)
    await git(git_dir, "init", "--quiet", "--template=", "--initial-branch=main")
    await git(git_dir, "fast-import", "--quiet", stdin=b"".join(_stream()))
    await git(git_dir, "config", "core.bare", "false")
    await git(git_dir, "reset", "--quiet", "--hard", "main", env={"GIT_WORK_TREE": str(fresh)})
    fresh.rename(target)
    return target


def branches() -> tuple[Branch, ...]:
    """Return the open branches."""
    files = _final()
    day = _last_day() + 1
    return (
        Branch("wrap-gifts", Commit(day, "Cleo Weber", "Wrap gifts", _gift(files))),
        Branch("express-orders", Commit(day + 1, "Ada Park", "Express orders", _express(files))),
        Branch("faster-backup", Commit(day + 2, "Ben Ruiz", "Back up in one step", _backup())),
        Branch("tidy-up", Commit(day + 3, "Ben Ruiz", "Tidy up the old code", _tidy(files))),
        Branch("loyalty-and-invoices", Commit(day + 4, "Cleo Weber", "Loyalty points and invoices", _large())),
        Branch("late-coupons", Commit(day + 5, "Ben Ruiz", "Fix coupons of late orders", _coupons(files))),
    )


def _gift(files: Mapping[str, str]) -> dict[str, str]:
    return {"shop/orders.py": files["shop/orders.py"].replace(modules.ORDERS_BEFORE, modules.ORDERS_GIFT)}


def _express(files: Mapping[str, str]) -> dict[str, str]:
    return {"shop/orders.py": files["shop/orders.py"].replace(modules.ORDERS_BEFORE, modules.ORDERS_EXPRESS)}


def _backup() -> dict[str, str]:
    return {"shop/backup.py": texts.BACKUP, "requirements.txt": texts.OLD_REQUIREMENTS}


def _tidy(files: Mapping[str, str]) -> dict[str, str]:
    regions = {path: text.replace(texts.OLD_GATEWAY, texts.NEW_GATEWAY) for path, text in _regions().items()}
    regions.pop("config/jp.yml")
    return {
        "pyproject.toml": texts.PROJECT.format("3.12"),
        "shop/dates.py": texts.DATES_WITHOUT,
        "shop/discounts.py": texts.DISCOUNTS,
        "shop/catalogue.py": texts.CATALOGUE_EAGER,
        "shop/legacy.py": modules.legacy(40, changed=True),
        "shop/export_csv.py": files["shop/export_csv.py"].replace(texts.EXPORT_BEFORE, texts.EXPORT_AFTER),
        **regions,
    }


def _large() -> dict[str, str]:
    # More files than one part may share a word with.
    named = {"shop/loyalty": ("points", "tiers", "perks"), "billing": ("ledger", "taxes", "dunning")}
    subjects = {"shop/loyalty": "loyalty", "billing": "invoice"}
    return {
        f"{home}/{name}.py": modules.module(subjects[home], name, 14) for home, names in named.items() for name in names
    }


def _coupons(files: Mapping[str, str]) -> dict[str, str]:
    return {
        "shop/coupons.py": files["shop/coupons.py"] + texts.LATE_COUPON,
        "shop/items/walnuts.py": modules.item("walnuts", 1),
        "docs/guide.md": files["docs/guide.md"].replace(texts.COUPONS, texts.COUPONS_CORRECTED),
    }


def _regions() -> dict[str, str]:
    named = (("eu", "EUR"), ("us", "USD"), ("jp", "JPY"))
    return {f"config/{name}.yml": texts.region(name, currency) for name, currency in named}


def history() -> Iterator[Commit]:
    """Yield the commits of the default branch, oldest first."""
    yield Commit(0, "Ada Park", "Begin", _first_files())
    yield Commit(1, _LEFT, "Read the journal of the old till", {"shop/legacy.py": modules.legacy(40)})
    yield Commit(2, "Ben Ruiz", "Take orders", {"shop/orders.py": modules.orders(0), "shop/mails.py": modules.mails(0)})
    day = 3
    events = dict(zip(range(20, 200, 25), _events(), strict=False))
    for revision in range(1, _ITEM_ROUNDS * len(_ARTICLES) + 1):
        day += 2
        yield _article(day, revision)
        if revision % 8 == 0:
            yield _order(day + 1, revision // 8)
        if revision in events:
            yield from events.pop(revision)(day)
    yield from _coupon_kinds(day + 2)


def _coupon_kinds(day: int) -> Iterator[Commit]:
    """Yield features that each bring an entry of the change log."""
    for kind in range(1, _COUPONS + 1):
        files = {
            "shop/coupons.py": "".join(map(texts.COUPON.format, range(1, kind + 1))),
            "tests/test_coupons.py": "".join(map(texts.COUPON_TEST.format, range(1, kind + 1))),
            "CHANGES.md": "".join(f"- Coupons of kind {number}\n" for number in range(kind, 0, -1)),
        }
        yield Commit(day, _TEAM[kind % len(_TEAM)], f"Support coupons of kind {kind}", files)


def _first_files() -> dict[str, str]:
    return {
        "README.md": texts.README,
        "docs/guide.md": texts.GUIDE + texts.COUPONS,
        "docs/coupons.md": texts.COUPONS,
        "docs/articles.md": "".join(f"- {name}\n" for name in _ARTICLES),
        "pyproject.toml": texts.PROJECT.format("3.10"),
        "requirements.txt": texts.REQUIREMENTS,
        "shop/__init__.py": texts.INIT,
        "shop/dates.py": texts.DATES,
        "shop/discounts.py": texts.DISCOUNTS,
        "shop/catalogue.py": texts.CATALOGUE,
        "shop/backup.py": texts.BACKUP,
        "shop/export_csv.py": texts.export("csv"),
        "shop/export_json.py": texts.export("json"),
        **_regions(),
    }


def _article(day: int, revision: int) -> Commit:
    name = _ARTICLES[revision % len(_ARTICLES)]
    steps = 1 + revision // len(_ARTICLES)
    author = _TEAM[revision % len(_TEAM)]
    files = {
        f"shop/items/{name}.py": modules.item(name, steps),
        f"tests/items/test_{name}.py": modules.item_test(name, steps),
    }
    return Commit(day, author, f"Add a step for {name} (#{revision + 100})", files)


def _order(day: int, revision: int) -> Commit:
    message = (
        f"Fix the total of late orders, case {revision}" if revision % 3 == 0 else f"Settle orders, rule {revision}"
    )
    files = {"shop/orders.py": modules.orders(revision), "shop/mails.py": modules.mails(revision)}
    return Commit(day, _TEAM[revision % len(_TEAM)], message, files)


def _stream() -> Iterator[bytes]:
    """Yield what `git fast-import` reads."""
    for commit in history():
        yield _written("main", commit)
    for branch in branches():
        yield _written(branch.name, branch.commit, since=b"from refs/heads/main\n")


def _written(branch: str, commit: Commit, since: bytes = b"") -> bytes:
    who, when = commit.author, START + commit.day * DAY
    message = commit.message.encode()
    head = f"commit refs/heads/{branch}\ncommitter {who} <{who.split()[0].lower()}@shop.example> {when} +0000\n"
    parts = [head.encode(), b"data %d\n%s\n" % (len(message), message), since]
    for path, text in commit.files.items():
        content = text.encode()
        parts.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content))
    return b"".join(parts)


def _events() -> tuple[_Event, ...]:
    """Return what happens once: a fix, a change that is reverted, and the end of a shell."""
    return (_fix, _revert, _safe_backup)


def _fix(day: int) -> Iterator[Commit]:
    message = "Fix a crash of the discount of an empty order\n\nFixes #41"
    yield Commit(day, "Ada Park", message, {"shop/discounts.py": texts.DISCOUNTS_FIXED})


def _revert(day: int) -> Iterator[Commit]:
    title = "Read prices eagerly (#52)"
    yield Commit(day, "Cleo Weber", title, {"shop/catalogue.py": texts.CATALOGUE_EAGER})
    message = f'Revert "{title}"\n\nReverts corner/shop#52\n\nThe shop starts a minute later.'
    yield Commit(day + 1, "Ada Park", message, {"shop/catalogue.py": texts.CATALOGUE})


def _safe_backup(day: int) -> Iterator[Commit]:
    message = "Security: fix a command injection in the backup\n\nFixes #57"
    yield Commit(day, "Ada Park", message, {"shop/backup.py": texts.BACKUP_SAFE})


def _final() -> dict[str, str]:
    """Return the files at the head of the default branch."""
    files: dict[str, str] = {}
    for commit in history():
        files |= commit.files
    return files


def _last_day() -> int:
    return max(commit.day for commit in history())
