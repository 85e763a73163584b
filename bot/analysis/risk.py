"""The change risk as an insight, with comparable changes and reasons. The probability itself comes from `bot/ml`.

It is a remark only where it says more than the size of the change: by a model that is better than size here, with a
reason besides size, and with more fixes among the changes most alike than among those of the same size.
The text is never about a person: the model uses the experience of the author, but the text does not mention it.
"""

from collections.abc import Mapping
from dataclasses import asdict

from bot import paths
from bot.analysis.analyzer import Analyzer
from bot.analysis.functions.facts import FileFunctions
from bot.analysis.inline import added_tests
from bot.analysis.measured import share_of
from bot.analysis.production import is_production
from bot.analysis.weightiest import Place, heaviest_function, heaviest_hunk
from bot.domain.change import Change
from bot.domain.files import FileChange
from bot.domain.history import Basis, ChangeRisk, FileHistory, HistoryFacts, Reason
from bot.domain.insights import Insight, InsightType, Location, Severity, Standing, fingerprint
from bot.text import code, commits, count

_LEAST_PROBABILITY = 0.25
_HIGH = 0.99
_MOST_REASONS = 3
_LINKED = 3
_LEAST_CONTRIBUTION = 0.1
_LEAST_LINES = 20
# The share of fixes among the changes most alike, as a multiple of that among changes of the same size.
_LEAST_LIFT = 1.5
_LEAST_COMPARED = 20
_MOST_FIXED_FILES = 2
_LEAST_FIXES = 2
PERSONAL = frozenset({"exp", "rexp", "sexp", "own_share"})
_SIZE = frozenset({"la", "ld", "nf", "nd", "ns", "entropy"})
_WORDS: Mapping[str, str] = {
    "la": "{value:,.0f} lines are added (usual here: {usual:,.0f})",
    "ld": "{value:,.0f} lines are deleted (usual here: {usual:,.0f})",
    "lt": "the changed files have {value:,.0f} lines (usual here: {usual:,.0f})",
    "nf": "{value:,.0f} files of code are changed (usual here: {usual:,.0f})",
    "nd": "{value:,.0f} folders are changed (usual here: {usual:,.0f})",
    "ns": "{value:,.0f} top folders are changed (usual here: {usual:,.0f})",
    "entropy": "the lines are spread widely over the files",
    "ndev": "{value:,.0f} people have changed these files (usual here: {usual:,.0f})",
    "nuc": "these files were last changed by {value:,.0f} different changes (usual here: {usual:,.0f})",
    "age": "the files were last changed {value:,.0f} days ago on average (usual here: {usual:,.0f})",
    "fix": "the change is a fix, and fixes often need another fix",
    "recent_fixes": "the changed files were fixed {value:,.0f} times in the last 90 days (usual here: {usual:,.0f})",
}


def measure(file: FileChange, functions: FileFunctions) -> Place | None:
    """Where the function of production code that is changed most is changed."""
    return heaviest_function(file, functions) if is_production(file) else None


def analyze(change: Change, measured: Mapping[str, Place]) -> list[Insight]:
    """One insight: a remark if the percentile reaches the threshold of the configuration, else a note."""
    history = change.history
    if history is None or history.risk is None:
        return []
    production = [file for file in change.files if is_production(file)]
    lines = sum((file.added or 0) - added_tests(file) + (file.deleted or 0) for file in production)
    if lines <= 0:
        return []
    threshold, location = change.config.risk / 100, _location(production, measured, history.files)
    return [_insight(history, history.risk, location, is_remark=_is_remark(history, lines, threshold))]


def _is_remark(history: HistoryFacts, lines: int, threshold: float) -> bool:
    risk = history.risk
    return (
        risk is not None
        and risk.probability is not None
        and risk.basis is Basis.MODEL
        and risk.percentile >= threshold
        and risk.probability >= _LEAST_PROBABILITY
        and lines >= _LEAST_LINES
        and _says_more_than_size(risk, history.files)
    )


def _says_more_than_size(risk: ChangeRisk, files: tuple[FileHistory, ...]) -> bool:
    if min(risk.similar, risk.same_size) < _LEAST_COMPARED:
        return False
    alike, same_size = risk.similar_fixed / risk.similar, risk.same_size_fixed / risk.same_size
    besides = any(reason.feature not in _SIZE and _in_words(reason, files) for reason in risk.reasons)
    return besides and alike > 0 and alike >= _LEAST_LIFT * same_size


def _insight(history: HistoryFacts, risk: ChangeRisk, location: tuple[Location, ...], *, is_remark: bool) -> Insight:
    return Insight(
        type=InsightType.RISK,
        rule="risk/change",
        title=_title(risk),
        description=_comparison(history, risk) + (_because(history, risk) or _known(history.files)),
        remedy="Ask for a second review, or add a test of what these files do together." if is_remark else "",
        severity=Severity.MEDIUM if is_remark and risk.percentile >= _HIGH else Severity.LOW,
        confidence=share_of("risk/change", _basis(risk)),
        standing=Standing.REMARK if is_remark else Standing.NOTE,
        evidence={
            "basis": risk.basis.value,
            "probability": None if risk.probability is None else round(risk.probability, 3),
            "percentile": round(risk.percentile, 3),
            "compared_with": risk.compared,
            "similar": risk.similar,
            "similar_needed_fix": risk.similar_fixed,
            "same_size": risk.same_size,
            "same_size_needed_fix": risk.same_size_fixed,
            "examples": [asdict(fix) for fix in risk.examples],
            "reasons": [asdict(reason) for reason in risk.reasons if reason.feature not in PERSONAL],
            "model_version": risk.model_version,
        },
        locations=location,
        tags=("risk",),
        fingerprint=fingerprint("risk/change"),
    )


def _title(risk: ChangeRisk) -> str:
    others = f"{risk.percentile:.0%} of the last {count(risk.compared, 'change')} here"
    match risk.basis:
        case Basis.LINES:
            return f"This change has more changed lines than {others}"
        case Basis.CHURN:
            return f"The files of this change were changed more than those of {others}"
        case Basis.MODEL:
            return f"This change scores as riskier than {others}"


def _comparison(history: HistoryFacts, risk: ChangeRisk) -> str:
    if risk.probability is None:
        return (
            f"There is too little history for a probability: {count(history.changes, 'change')}, "
            f"{history.known_faulty} of them known to have needed a fix."
        )
    such = f" (such as {commits(fix.sha for fix in risk.examples[:_LINKED])})" if risk.examples else ""
    of_size = f"Of {count(risk.same_size, 'past change')} of this size {risk.same_size_fixed}"
    needed = "needed a fix or a revert within 90 days"
    if risk.basis is not Basis.MODEL:
        alone = f"Judged by the {risk.basis} alone, the probability is {risk.probability:.0%}."
        return f"{of_size} {needed}. {alone}" if risk.same_size else f"No past change is of this size. {alone}"
    alike = f"of the {risk.similar} most alike {risk.similar_fixed}"
    said = f"; the model says {risk.probability:.0%}."
    if not risk.same_size:
        return f"No past change is of this size; {alike} {needed}{such}{said}"
    return f"{of_size} {needed}, {alike}{such}{said}"


def _because(history: HistoryFacts, risk: ChangeRisk) -> str:
    """The reasons of the model. A baseline has none: it would only repeat itself."""
    if risk.basis is not Basis.MODEL:
        return ""
    reasons = [words for reason in risk.reasons if (words := _in_words(reason, history.files))][:_MOST_REASONS]
    return f" Mostly because {'; '.join(reasons)}." if reasons else ""


def _known(files: tuple[FileHistory, ...]) -> str:
    """What is known exactly: the files that were fixed most in the year, with their newest fix."""
    fixed = [past for past in files if paths.is_production(past.path) and len(past.fixes_year) >= _LEAST_FIXES]
    fixed.sort(key=lambda past: (-len(past.fixes_year), past.path))
    told = (
        f" {code(past.path)} was fixed {len(past.fixes_year)} times in the last year, last by "
        f"{commits([past.fixes_year[0].sha])}."
        for past in fixed[:_MOST_FIXED_FILES]
    )
    return "".join(told)


def _basis(risk: ChangeRisk) -> str:
    """What the probability rests on, and whether the nearest changes and the model agree."""
    if risk.probability is None or not risk.similar:
        return "a model of other projects, not yet checked against this one"
    if risk.basis is not Basis.MODEL:
        return f"by the {risk.basis} alone"
    apart = abs(risk.probability - risk.similar_fixed / risk.similar)
    return f"model and {risk.similar} nearest changes differ by {apart:.0%}"


def _in_words(reason: Reason, files: tuple[FileHistory, ...]) -> str | None:
    """A reason as text; None if it lowers the risk or is about a person."""
    if reason.contribution < _LEAST_CONTRIBUTION or reason.feature not in _WORDS:
        return None
    if reason.feature == "recent_fixes" and files:
        worst = max(files, key=lambda past: past.fixes_quarter)
        if worst.fixes_quarter > 1:
            return f"{code(worst.path)} was fixed {worst.fixes_quarter} times in the last 90 days"
    if (
        reason.feature in {"la", "ld", "lt", "nf", "nd", "ns", "ndev", "nuc", "recent_fixes"}
        and reason.value <= reason.usual
    ):
        return None  # it raises the risk in the model, but the sentence would be contradictory
    return _WORDS[reason.feature].format(value=reason.value, usual=reason.usual)


def _location(
    production: list[FileChange], measured: Mapping[str, Place], files: tuple[FileHistory, ...]
) -> tuple[Location, ...]:
    """Where most code is changed, counted once more for each recent fix of the file; nowhere if no code is changed."""
    fixes = {past.path: past.fixes_quarter for past in files}
    places = [(file.path, place) for file in production if (place := measured.get(file.path) or heaviest_hunk(file))]
    if not places:
        return ()
    path, place = max(places, key=lambda one: one[1].lines * (1 + fixes.get(one[0], 0)))
    return (Location(path, place.start, place.end),)


ANALYZER: Analyzer[Place] = Analyzer(name="risk", measure_functions=measure, analyze=analyze)
