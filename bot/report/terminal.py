"""Renders a report for the terminal with rich. Text of the repository is never interpreted as rich markup."""

from rich.console import Console, RenderableType
from rich.console import Group as Rows
from rich.padding import Padding
from rich.text import Text

from bot.domain.insights import Severity
from bot.domain.published import Conclusion
from bot.report.markdown import verdict
from bot.report.selection import Group, Selection, conclusion
from bot.text import count, plain, without_spans

_STYLE = {
    Severity.INFO: "dim",
    Severity.LOW: "cyan",
    Severity.MEDIUM: "yellow",
    Severity.HIGH: "red",
    Severity.CRITICAL: "bold red",
}
_MARK = {
    Conclusion.SUCCESS: ("✓", "green"),
    Conclusion.NEUTRAL: ("●", "yellow"),
    Conclusion.FAILURE: ("✗", "red"),
    Conclusion.SKIPPED: ("–", "dim"),
}


def terminal(chosen: Selection) -> RenderableType:
    """Render the verdict, all remarks with evidence and remedy, praise, failures and the files left out."""
    report = chosen.report
    mark, style = _MARK[conclusion(chosen)]
    parts: list[RenderableType] = [Text.assemble((f"{mark} ", style), (verdict(chosen), "bold"))]
    if report.config_problem:
        parts.append(Text(without_spans(report.config_problem), style="yellow"))
    parts += [_remark(group) for group in chosen.groups]
    parts += [Text(f"+ {without_spans(insight.title)}", style="green") for insight in chosen.praise]
    parts += [Text(f"! {without_spans(insight.title)}", style="red") for insight in chosen.failures]
    if report.left_out:
        rows = "\n".join(f"  {plain(item.path)}: {item.reason}" for item in report.left_out[:10])
        parts.append(Text(f"{count(len(report.left_out), 'file')} not analyzed\n{rows}", style="dim"))
    notes = f" · {count(len(chosen.notes), 'minor note')}, see --format json" if chosen.notes else ""
    parts.append(Text(f"{count(report.files_analyzed, 'file')} · {report.engine}{notes}", style="dim"))
    return Rows(*parts)


def print_report(chosen: Selection, console: Console) -> None:
    """Print a report."""
    console.print(terminal(chosen))


def _remark(group: Group) -> RenderableType:
    remark = group.lead
    place = remark.locations[0] if remark.locations else None
    head = Text.assemble(
        (f"{remark.severity.value:>8}  ", _STYLE[remark.severity]), (without_spans(remark.title), "bold")
    )
    body = Text()
    if place:
        body.append(f"{plain(place.path)}:{place.start_line}\n", style="blue")
    body.append(without_spans(remark.description) + "\n")
    if remark.remedy:
        body.append("→ " + without_spans(remark.remedy) + "\n", style="green")
    body.append(f"confidence {remark.confidence.score:.0%}: {remark.confidence.reason} · {remark.rule}", style="dim")
    for other in group.others:
        where = f"{plain(other.locations[0].path)}:{other.locations[0].start_line}  " if other.locations else ""
        body.append(f"\nalso  {where}{without_spans(other.title)}")
    return Rows(Text(""), head, Padding(body, (0, 0, 0, 10)))
