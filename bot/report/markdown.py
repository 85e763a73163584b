"""The summary of the check run and the comment, as Markdown within GitHub's limits.

Insights have text of the repository in code spans only (`bot/text.py`); everything else here is ours.
"""

from collections.abc import Sequence

from bot.domain.change import LeftOut, Report
from bot.domain.github_files import NO_FILES, GitHubFiles
from bot.domain.insights import Insight, Location
from bot.domain.published import MARKER, Conclusion
from bot.report.context import Section, context
from bot.report.selection import SHOWN_REMARKS, Group, Selection, conclusion
from bot.text import code, count, without_spans

# https://docs.github.com/en/rest/checks/runs: `summary` and `text` take 65,535 characters. Counted in bytes here,
# which is never more generous; a comment takes 65,536.
MAX_SUMMARY = 65_535
MAX_COMMENT = 65_000
MAX_TITLE = 255
_LEFT_OUT_SHOWN = 30
_PRAISE_SHOWN = 5
ALIKE_SHOWN = 5
_LIST_BYTES = 12_000
_LINE_CHARACTERS = 1_000
# So that a title and a place of nothing but backticks are one line together.
_PLACE_CHARACTERS = 80
_ADDRESS_CHARACTERS = 600
_CUT = "\n\n_The rest did not fit; the details page has it all._"


def verdict(chosen: Selection) -> str:
    """One sentence that sums the report up, plain text."""
    report = chosen.report
    files = count(report.files_analyzed, "file")
    if chosen.remarks:
        worst = chosen.remarks[0].severity.value
        how_bad = f"the worst of {worst} severity" if len(chosen.remarks) > 1 else f"of {worst} severity"
        return f"{count(len(chosen.remarks), 'remark')} on {files}, {how_bad}."
    if chosen.failures:
        return f"No remarks on {files}, but {count(len(chosen.failures), 'analyzer')} failed."
    if not report.files_analyzed:
        return "Nothing to analyze: " + _why_nothing(report)
    better = f"; {count(len(chosen.praise), 'function')} became simpler" if chosen.praise else ""
    return f"No remarks on {files}{better}."


def title(chosen: Selection) -> str:
    """The check run's title, which stands alone in GitHub's lists: the worst remark, or the verdict."""
    remarks = chosen.remarks
    if not remarks:
        return verdict(chosen)[:MAX_TITLE]
    more = f", and {count(len(remarks) - 1, 'more remark')}" if len(remarks) > 1 else ""
    worst = without_spans(_line(remarks[0].title))
    room = MAX_TITLE - len(more)
    return (worst if len(worst) <= room else worst[: room - 1] + "…") + more


def summary(chosen: Selection, details_url: str, notes: Sequence[str] = (), files: GitHubFiles = NO_FILES) -> str:
    """The check run's summary: verdict, notes, at most ten kinds of remarks, the rest and the context folded.

    files: the files at the head on GitHub, which the places of the remarks link.
    """
    report = chosen.report
    parts = list(notes)
    if report.config_problem:
        parts.append(f"**Configuration:** {report.config_problem}")
    if conclusion(chosen) is Conclusion.FAILURE and report.config.gate is not None:
        parts.append(f"This repository's own gate fails the check at severity {report.config.gate.value} and above.")
    parts += _remarks(chosen.groups, files)
    parts += _praise(chosen.praise)
    parts += _list([failure.title for failure in chosen.failures])
    parts += _context(context(chosen))
    parts += _dismissed(chosen)
    parts += _left_out(report.left_out)
    return _fit(f"**{verdict(chosen)}**", parts, _footer(chosen, details_url), MAX_SUMMARY)


def comment(chosen: Selection, details_url: str, files: GitHubFiles = NO_FILES) -> str:
    """The pull request's one comment; its first line is the marker by which it is found again. files: as above."""
    head = f"{MARKER}\n**{verdict(chosen)}**"
    parts = _remarks(chosen.groups, files)
    parts += _praise(chosen.praise)
    return _fit(head, parts, _footer(chosen, details_url), MAX_COMMENT)


def _remarks(groups: Sequence[Group], files: GitHubFiles) -> list[str]:
    """The first groups in full, each with its other places folded, then the titles of all others."""
    parts = []
    for number, group in enumerate(groups[:SHOWN_REMARKS], start=1):
        parts.append(_remark(number, group.lead, files))
        parts += _folded(group.others, f"{len(group.others):,} more of this kind", files, ALIKE_SHOWN)
    rest = [remark for group in groups[SHOWN_REMARKS:] for remark in (group.lead, *group.others)]
    return parts + _folded(rest, count(len(rest), "more remark"), files)


def _remark(number: int, remark: Insight, files: GitHubFiles) -> str:
    """One numbered remark: title, evidence in words, remedy, place and confidence."""
    place = remark.locations[0] if remark.locations else None
    lines = [f"{number}. **{_line(remark.title)}**"]
    lines.append(f"   {_line(remark.description)}")
    if remark.remedy:
        lines.append(f"   {_line(remark.remedy)}")
    where = f"{_linked(code(place.path), place, files)} · " if place else ""
    confidence = f"confidence {remark.confidence.score:.0%} ({remark.confidence.reason})"
    lines.append(f"   <sub>{where}{remark.severity.value} · {confidence} · {remark.rule}</sub>")
    return "  \n".join(lines)


def _folded(remarks: Sequence[Insight], heading: str, files: GitHubFiles, shown: int | None = None) -> list[str]:
    if not remarks:
        return []
    rows = [_row(remark, files) for remark in remarks[:shown]]
    return [_details(heading, "".join(_list(rows, of=len(remarks))))]


def _row(remark: Insight, files: GitHubFiles) -> str:
    """A title with its place. A row that a link would make too long goes without: it would be cut."""
    title = _line(remark.title)
    if not remark.locations:
        return title
    place = remark.locations[0]
    shown = code(place.path, _PLACE_CHARACTERS)
    linked = f"{title} · {_linked(shown, place, files)}"
    return linked if len(linked) <= _LINE_CHARACTERS else f"{title} · {shown}:{place.start_line}"


def _linked(path: str, place: Location, files: GitHubFiles) -> str:
    """A path, a code span, with its line; a link if GitHub has a page of it and the address is not endless."""
    words, address = f"{path}:{place.start_line}", files.lines(place)
    return f"[{words}]({address})" if address and len(address) <= _ADDRESS_CHARACTERS else words


def _praise(praise: Sequence[Insight]) -> list[str]:
    if not praise:
        return []
    return [
        "**Simpler than before**\n\n"
        + "".join(_list([insight.title for insight in praise[:_PRAISE_SHOWN]], of=len(praise)))
    ]


def _context(sections: Sequence[Section]) -> list[str]:
    """One folded block for the reviewer, with a list per section."""
    if not sections:
        return []
    lists = [f"**{section.heading}**\n\n{''.join(_list(section.rows))}" for section in sections]
    return [_details("Context for the reviewer", "\n\n".join(lists))]


def _dismissed(chosen: Selection) -> list[str]:
    """How many remarks were dismissed, without the remarks. The words on the gate are there only if it would count."""
    if not chosen.dismissed:
        return []
    gate = chosen.report.config.gate
    gated = sum(gate is not None and remark.severity.rank >= gate.rank for remark in chosen.dismissed)
    body = "People who may write to this repository dismissed them. They return when their evidence changes."
    if gated:
        body += f" The gate does not count them: {gated:,} would have failed the check."
    return [_details(count(len(chosen.dismissed), "dismissed remark"), body)]


def _left_out(left_out: Sequence[LeftOut]) -> list[str]:
    if not left_out:
        return []
    rows = _list([f"{code(item.path)}: {item.reason}" for item in left_out[:_LEFT_OUT_SHOWN]], of=len(left_out))
    return [_details(f"{count(len(left_out), 'file')} not analyzed", "".join(rows))]


def _list(items: Sequence[str], of: int | None = None) -> list[str]:
    """One block of list items, as many as there is room for, the others (of so many) counted; nothing for none."""
    rows: list[str] = []
    room = _LIST_BYTES
    for item in items:
        row = f"- {_line(item)}"
        room -= len(row.encode()) + 1
        if room < 0:
            break
        rows.append(row)
    if (more := (of or len(items)) - len(rows)) > 0:
        rows.append(f"- and {more:,} more")
    return ["\n".join(rows)] if rows else []


def _line(markdown: str) -> str:
    """One line of ours; an absurdly long one as a cut code span, so that no span is left open."""
    return markdown if len(markdown) <= _LINE_CHARACTERS else code(without_spans(markdown))


def _details(heading: str, body: str) -> str:
    return f"<details><summary>{heading}</summary>\n\n{body}\n\n</details>"


def _footer(chosen: Selection, details_url: str) -> str:
    report = chosen.report
    notes = f"{count(len(chosen.notes), 'minor note')}" if chosen.notes else ""
    compared = f"{report.head_sha[:10]} against {report.merge_base[:10]}"
    link = f"[Details]({details_url})" if details_url else ""
    return "<sub>" + " · ".join(word for word in (link, notes, compared, report.engine) if word) + "</sub>"


def _fit(head: str, parts: Sequence[str], footer: str, limit: int) -> str:
    """Head, as many whole parts as fit, and footer, so that no block is left open and the verdict always stands."""
    text = "\n\n".join((head, *parts, footer))
    if len(text.encode()) <= limit:
        return text
    kept = [head]
    room = limit - len(f"{head}{_CUT}\n\n{footer}".encode())
    for part in parts:
        size = len(f"\n\n{part}".encode())
        if size <= room:
            kept.append(part)
            room -= size
    return "\n\n".join(kept) + f"{_CUT}\n\n{footer}"


def _why_nothing(report: Report) -> str:
    if not report.left_out:
        return "the change has no files."
    reasons = sorted({item.reason for item in report.left_out})
    return f"{count(len(report.left_out), 'changed file')} ({', '.join(reasons[:4])})."
