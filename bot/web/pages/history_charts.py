"""The charts of a repository's history: hotspots, ownership, coupling, the change risk and its calibration. Pure."""

from typing import Literal

from bot.domain.model_card import ModelCard
from bot.domain.snapshots import Coupling, HotspotFile, Hotspots, Ownership
from bot.web.pages.chart import Axis, Bar, Bars, Chart, Mark, Part, Series

_LABELLED = 6
_BARS = 20
_OWNERS: tuple[tuple[Literal["main", "rest"], str], ...] = (("main", "main author"), ("rest", "all others"))


def hotspot_chart(hotspots: Hotspots) -> Chart | None:
    """The number of changes against the complexity. The size is the churn; the colour is the number of fixes."""
    known = [(file, file.complexity) for file in hotspots.files if file.complexity is not None]
    if not known:
        return None
    few, some, many = series = (
        Series("fewer than 2 fixes", "link"),
        Series("2 to 4 fixes", "warn"),
        Series("5 fixes and more", "bad"),
    )
    most = max(file.churn for file, _ in known) or 1
    marks = [
        Mark(
            series=many if file.fixes >= 5 else some if file.fixes >= 2 else few,
            x=file.revisions,
            y=complexity,
            text=_hotspot_text(file),
            radius=3 + 15 * (file.churn / most) ** 0.5,
            label=file.path if number < _LABELLED else "",
        )
        for number, (file, complexity) in enumerate(known)
    ]
    return Chart(
        title="Hotspots: how often files change, and how complex they are",
        x=Axis("changes within the last year", compressed=True),
        y=Axis("levels of indentation, summed", compressed=True),
        series=series,
        marks=tuple(reversed(marks)),
        note="The larger a mark, the more lines were added and deleted within the last year.",
    )


def _hotspot_text(file: HotspotFile) -> str:
    return f"{file.path}: {file.revisions} changes, {file.fixes} of them fixes, {file.lines} lines"


def risk_chart(card: ModelCard) -> Chart | None:
    """Each judged change at its time and predicted risk; changes that needed a fix have another colour."""
    if not card.points:
        return None
    clean, fixed = series = Series("needed no fix", "link"), Series("needed a fix", "bad")
    marks = [
        Mark(
            series=(outcome := fixed if point.needed_fix else clean),
            x=point.when,
            y=point.probability,
            text=f"{point.sha[:10]}: {point.probability:.0%}, {outcome.name}",
            radius=4 if point.needed_fix else 2.5,
        )
        for point in sorted(card.points, key=lambda point: point.needed_fix)
    ]
    title = "Predicted risk over time, and which changes needed a fix"
    return Chart(
        title, Axis("date of the change (UTC)", "date"), Axis("predicted risk", "percent"), series, tuple(marks)
    )


def calibration_chart(card: ModelCard) -> Chart | None:
    """The predicted risk against the observed share of fixes. On the line, both are equal."""
    if not card.calibration:
        return None
    expected, observed = series = Series("as predicted", "quiet", "line"), Series("observed", "link")
    most = max(0.1, *(max(row.predicted, row.observed) for row in card.calibration))
    largest = max(row.count for row in card.calibration)
    line = (Mark(expected, 0.0, 0.0), Mark(expected, most, most))
    marks = (
        Mark(
            series=observed,
            x=row.predicted,
            y=row.observed,
            text=f"{row.count} changes: predicted {row.predicted:.0%}, needed a fix {row.observed:.0%}",
            radius=4 + 10 * (row.count / largest) ** 0.5,
        )
        for row in card.calibration
    )
    return Chart(
        title="Calibration: predicted against observed",
        x=Axis("predicted risk", "percent"),
        y=Axis("share of changes that needed a fix", "percent"),
        series=series,
        marks=(*line, *marks),
        note="The larger a mark, the more changes had this risk.",
    )


def ownership_chart(ownership: Ownership) -> Bars | None:
    """The share of each file's lines by its main author, and by other people."""
    bars = []
    for file in ownership.files[:_BARS]:
        share = file.main_share or 0.0
        main = Part(share, "main", f"{file.main_author}: {share:.0%}")
        rest = Part(1 - share, "rest", f"{max(0, file.people - 1)} others: {1 - share:.0%}")
        bars.append(Bar(file.path, (main, rest)))
    title, axis = "Ownership: the main author's share of each file's lines", "share of the file's lines"
    return Bars(title, tuple(bars), axis, legend=_OWNERS) if bars else None


def coupling_chart(coupling: Coupling) -> Bars | None:
    """How often the second file changes together with the first."""
    bars = [
        Bar(
            " → ".join(_names(pair.one, pair.other)),
            (Part(pair.confidence, "main", f"{pair.together} of {pair.changes} changes of {pair.one}"),),
        )
        for pair in coupling.pairs[:_BARS]
    ]
    title = "Coupling: how often the second file changes together with the first"
    return Bars(title, tuple(bars), "share of the changes of the first file") if bars else None


def _names(first: str, second: str) -> tuple[str, str]:
    """The names of two files, with their folders if the names are equal."""
    names = first.rpartition("/")[2], second.rpartition("/")[2]
    if names[0] != names[1]:
        return names
    return "/".join(first.split("/")[-2:]), "/".join(second.split("/")[-2:])
