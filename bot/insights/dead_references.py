"""What is said of lines that name files which are gone: an insight for each such file, and one recommendation. Pure."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, fingerprint
from bot.domain.removed import GonePaths, RemovedPath
from bot.domain.tree import Mention
from bot.insights.advice import Advice, Measure
from bot.insights.findings import Findings
from bot.insights.receipts import Receipt, commit_words, in_evidence, is_plain, listed
from bot.text import code, count

RULE = "repository/dead-reference"
# docs/patterns.md tells which repositories they are.
_READ = Confidence(0.92, "22 of 24 such paths of ten repositories that were read last were right")
_MOST_INSIGHTS = 100
_MOST_PLACES = 20
_PLACES_SHOWN = 3
_STEPS_SHOWN = 6


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
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule=RULE,
        title=f"{code(path, 120)} is gone, and {code(first.path, 120)}:{first.line} still names it",
        description=f"{what} It is named at {places}{more}. The first line is {code(first.text.strip(), 120)}.",
        remedy=f"Name {code(now, 120)} there."
        if now
        else "Delete these lines, or name what took its place."
        + (f" Only {code(same[0], 120)} has this name now." if len(same) == 1 else ""),
        severity=Severity.LOW,
        confidence=_READ,
        evidence={
            "gone": path,
            "now": now,
            "change": change,
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


def dead_reference_advice(findings: Findings) -> Iterator[Advice]:
    """Mend the lines that name files which are gone.

    benefit: the lines; effort: the files that they are in.
    """
    dead = [one for one in findings.insights if one.rule == RULE and one.locations]
    if not dead:
        return
    lines = sum(len(one.locations) for one in dead)
    files = {place.path for one in dead for place in one.locations}
    names = "names a file which is" if lines == 1 else "name files which are"
    steps = "; ".join(_step(one) for one in dead[:_STEPS_SHOWN])
    more = f"; and {count(len(dead) - _STEPS_SHOWN, 'more path')}" if len(dead) > _STEPS_SHOWN else ""
    went = "; ".join(f"{_gone(one)} with {one.evidence.get('change')}" for one in dead[:_PLACES_SHOWN])
    yield Advice(
        name="dead-references",
        target=("dead references",),
        title=f"Mend {count(lines, 'line')} that {names} gone",
        first=f"{steps}{more}.",
        facts=f"{'These' if len(dead) <= _PLACES_SHOWN else 'The first of these'} went so: {went}.",
        effect="What runs such a line fails; who follows it finds nothing; a rule for such a file has no effect.",
        measure=Measure(name="lines that name a file which is gone", today=lines, unit="", goal="0"),
        findings=tuple(dead),
        benefit=lines,
        effort=len(files),
        locations=tuple(place for one in dead for place in one.locations[:1])[:_MOST_PLACES],
    )


def _gone(insight: Insight) -> str:
    return code(str(insight.evidence.get("gone")), 120)


def _step(insight: Insight) -> str:
    """What to do about one path."""
    place, now = insight.locations[0], insight.evidence.get("now")
    where = f"{code(place.path, 120)}:{place.start_line}"
    if len(insight.locations) > 1:
        where += f" and {count(len(insight.locations) - 1, 'more line')}"
    do = f"write {code(str(now), 120)} for" if now else "delete or replace"
    return f"in {where}, {do} {_gone(insight)}"
