"""Renders a report for the terminal with rich. Text of the repository is never interpreted as rich markup."""

from collections.abc import Sequence

from rich.console import Console, RenderableType
from rich.console import Group as Rows
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.domain.insights import Insight, Severity
from bot.domain.published import Conclusion
from bot.report.markdown import ALIKE_SHOWN, verdict
from bot.report.selection import SHOWN_REMARKS, Group, Selection, conclusion
from bot.text import count, plain, without_spans

_STYLE = {
    Severity.INFO: "dim",
    Severity.LOW: "cyan",
    Severity.MEDIUM: "yellow",
    Severity.HIGH: "red",
    Severity.CRITICAL: "bold red",
}
_SEVERITY_WIDTH = 8
_LEFT_OUT_SHOWN = 10
_MARK = {
    Conclusion.SUCCESS: ("✓", "green"),
    Conclusion.NEUTRAL: ("●", "yellow"),
    Conclusion.FAILURE: ("✗", "red"),
    Conclusion.SKIPPED: ("–", "dim"),
}


def terminal(chosen: Selection) -> RenderableType:
    """Render the verdict, the remarks as the check shows them, praise, failures and the files left out."""
    report = chosen.report
    mark, style = _MARK[conclusion(chosen)]
    parts: list[RenderableType] = [_hanging(Text(mark, style), Text(verdict(chosen), "bold"))]
    if report.config_problem:
        parts.append(Text(without_spans(report.config_problem), style="yellow"))
    parts += [_remark(group) for group in chosen.groups[:SHOWN_REMARKS]]
    parts += _rest(chosen.groups[SHOWN_REMARKS:])
    parts += [_hanging(Text("+", "green"), Text(without_spans(one.title), "green")) for one in chosen.praise]
    parts += [_hanging(Text("!", "red"), Text(without_spans(one.title), "red")) for one in chosen.failures]
    if report.left_out:
        parts.append(Text(f"{count(len(report.left_out), 'file')} not analyzed", style="dim"))
        shown = (Text(f"{plain(item.path)}: {item.reason}", "dim") for item in report.left_out[:_LEFT_OUT_SHOWN])
        parts += [_hanging(Text(" "), text) for text in shown]
    notes = f" · {count(len(chosen.notes), 'minor note')}, see --format json" if chosen.notes else ""
    parts.append(Text(f"{count(report.files_analyzed, 'file')} · {report.engine}{notes}", style="dim"))
    return Rows(*parts)


def print_report(chosen: Selection, console: Console) -> None:
    """Print a report."""
    console.print(terminal(chosen))


def _hanging(mark: Text, body: RenderableType, width: int | None = None) -> RenderableType:
    """Render a mark and a text beside it. The lines of a long text begin below its first line, not below the mark.

    width: of the mark, which then ends at it.
    """
    grid = Table.grid(padding=(0, 0 if width is None else 2, 0, 0), pad_edge=False)
    grid.add_column(width=width, justify="left" if width is None else "right", no_wrap=True)
    grid.add_column(overflow="fold")
    if width is None:
        mark.append(" ")
    grid.add_row(mark, body)
    return grid


def _remark(group: Group) -> RenderableType:
    remark = group.lead
    place = remark.locations[0] if remark.locations else None
    style = _STYLE[remark.severity]
    title = Text(without_spans(remark.title), "bold")
    head = _hanging(Text(remark.severity.value, style), title, _SEVERITY_WIDTH)
    body: list[RenderableType] = []
    if place:
        body.append(Text(f"{plain(place.path)}:{place.start_line}", style="blue", overflow="fold"))
    body.append(Text(without_spans(remark.description)))
    if remark.remedy:
        body.append(_hanging(Text("→", "green"), Text(without_spans(remark.remedy), "green")))
    confidence = f"confidence {remark.confidence.score:.0%}: {remark.confidence.reason} · {remark.rule}"
    body.append(Text(confidence, style="dim"))
    body += [_hanging(Text("also"), Text(_titled(other))) for other in group.others[:ALIKE_SHOWN]]
    if (more := len(group.others) - ALIKE_SHOWN) > 0:
        body.append(Text(f"and {more:,} more of this kind, see --format json"))
    return Rows(Text(""), head, Padding(Rows(*body), (0, 0, 0, _SEVERITY_WIDTH + 2)))


def _titled(remark: Insight) -> str:
    place = f"{plain(remark.locations[0].path)}:{remark.locations[0].start_line}  " if remark.locations else ""
    return place + without_spans(remark.title)


def _rest(groups: Sequence[Group]) -> list[RenderableType]:
    """Render the kinds of remarks that have no room in full: the worst of each, and how many there are."""
    if not groups:
        return []
    total = sum(1 + len(group.others) for group in groups)
    rows: list[RenderableType] = [Text(""), Text(count(total, "more remark"), "bold")]
    return rows + [
        _hanging(
            Text(group.lead.severity.value, _STYLE[group.lead.severity]), Text(_titled(group.lead)), _SEVERITY_WIDTH
        )
        for group in groups
    ]
