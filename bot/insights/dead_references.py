"""What is said of lines that name files which are gone: an insight for each such file. Pure."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, fingerprint
from bot.domain.removed import GonePaths, RemovedPath
from bot.domain.tree import Mention
from bot.insights.receipts import Receipt, commit_words, day, in_evidence, is_plain, listed
from bot.text import code, count

RULE = "repository/dead-reference"
# docs/patterns.md tells which repositories they are.
_READ = Confidence(0.92, "22 of 24 such paths of ten repositories that were read last were right")
_MOST_INSIGHTS = 100
_MOST_PLACES = 20
_PLACES_SHOWN = 3


def reference_insights(found: Mapping[str, Sequence[Mention]], gone: GonePaths) -> list[Insight]:
    """One insight for each path that is gone and still named, those with the most lines first; at most 100."""
    most = sorted(found, key=lambda path: (-len(found[path]), path))[:_MOST_INSIGHTS]
    return [_insight(gone.files.get(path) or gone.folders[path], path, found[path], gone) for path in most]


def _insight(removed: RemovedPath, path: str, lines: Sequence[Mention], gone: GonePaths) -> Insight:
    """removed: of a folder, its last file."""
    first, same = lines[0], gone.by_name.get(path.rpartition("/")[2], ())
    is_folder = removed.path != path
    now = "" if is_folder else removed.now
    change = commit_words(removed.commit)
    if is_folder:
        what = f"Its last file went with {change}."
    else:
        what = f"It was moved to {code(now, 120)} with {change}." if now else f"It was deleted with {change}."
    places = ", ".join(f"{code(one.path, 120)}:{one.line}" for one in lines[:_PLACES_SHOWN])
    more = f" and {count(len(lines) - _PLACES_SHOWN, 'more line')}" if len(lines) > _PLACES_SHOWN else ""
    only = f" Only {code(same[0], 120)} has this name now." if len(same) == 1 and not now else ""
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule=RULE,
        title=f"{code(path, 120)} is gone, and {code(first.path, 120)}:{first.line} still names it",
        description=f"{what} It is named at {places}{more}. The first line is {code(first.text.strip(), 120)}.{only}",
        remedy="Delete what is only about this file, such as an entry of a list; else name "
        f"{code(now, 120) if now else 'what took its place'} there.",
        severity=Severity.LOW,
        confidence=_READ,
        evidence={
            "gone": path,
            "now": now,
            "went": f"{removed.commit.sha[:10]}, {day(removed.commit.when)}",
            "places": [asdict(one) for one in lines[:_MOST_PLACES]],
            "receipts": in_evidence(_receipts(path, lines, removed)),
        },
        locations=tuple(Location(one.path, one.line, one.line) for one in lines[:_MOST_PLACES]),
        tags=("commits",),
        fingerprint=fingerprint(RULE, path),
    )


def _receipts(path: str, lines: Sequence[Mention], removed: RemovedPath) -> Iterator[Receipt]:
    """What shows that the line is there, that the file is not, and which change took it away."""
    if is_plain(path) and is_plain(lines[0].path):
        name, place = shlex.quote(path.rpartition("/")[2]), shlex.quote(lines[0].path)
        yield Receipt("the line names it", f"git grep -nF -e {name} HEAD -- {place}")
        yield Receipt("no file is there: nothing is printed", f"git ls-tree -r --name-only HEAD -- {shlex.quote(path)}")
    yield from listed("the change that took it away", [removed.commit])
