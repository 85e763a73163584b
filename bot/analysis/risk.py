"""The change risk as an insight, with comparable changes and reasons. The probability itself comes from `bot/ml`.

The text is never about a person: the model uses the experience of the author, but the text does not mention it.
"""

from collections.abc import Mapping
from dataclasses import asdict

from bot import paths
from bot.analysis.analyzer import Analyzer
from bot.domain.change import Change
from bot.domain.history import ChangeRisk, FileHistory, HistoryFacts, Reason
from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, Standing, fingerprint
from bot.text import code, commits, count

_LEAST_PROBABILITY = 0.25
_HIGH = 0.99
_MOST_REASONS = 3
_LINKED = 3
_LEAST_CONTRIBUTION = 0.1
_LEAST_LINES = 20
PERSONAL = frozenset({"exp", "rexp", "sexp", "own_share"})
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


def analyze(change: Change, measured: Mapping[str, object]) -> list[Insight]:
    """One insight: a remark if the percentile reaches the threshold of the configuration, else a note."""
    history = change.history
    if history is None or history.risk is None:
        return []
    lines = sum((file.added or 0) + (file.deleted or 0) for file in change.files if paths.is_production(file.path))
    return [_insight(history, history.risk, lines, change.config.risk / 100)] if lines else []


def _insight(history: HistoryFacts, risk: ChangeRisk, lines: int, threshold: float) -> Insight:
    is_remark = (
        risk.probability is not None
        and risk.percentile >= threshold
        and risk.probability >= _LEAST_PROBABILITY
        and lines >= _LEAST_LINES
    )
    reasons = [words for reason in risk.reasons if (words := _in_words(reason, history.files))][:_MOST_REASONS]
    because = f" Mostly because {'; '.join(reasons)}." if reasons else ""
    return Insight(
        type=InsightType.RISK,
        rule="risk/change",
        title=_title(risk),
        description=_comparison(history, risk) + because,
        remedy="Ask for a second review, or add a test of what these files do together." if is_remark else "",
        severity=Severity.MEDIUM if is_remark and risk.percentile >= _HIGH else Severity.LOW,
        confidence=_confidence(history, risk),
        standing=Standing.REMARK if is_remark else Standing.NOTE,
        evidence={
            "probability": None if risk.probability is None else round(risk.probability, 3),
            "percentile": round(risk.percentile, 3),
            "compared_with": risk.compared,
            "similar": risk.similar,
            "similar_needed_fix": risk.similar_fixed,
            "examples": [asdict(fix) for fix in risk.examples],
            "reasons": [asdict(reason) for reason in risk.reasons if reason.feature not in PERSONAL],
            "model_version": risk.model_version,
        },
        locations=_locations(history.files),
        tags=("risk",),
        fingerprint=fingerprint("risk/change"),
    )


def _title(risk: ChangeRisk) -> str:
    above = f"riskier than {risk.percentile:.0%} of the last {count(risk.compared, 'change')} here"
    return f"This change scores as {above}"


def _comparison(history: HistoryFacts, risk: ChangeRisk) -> str:
    if risk.probability is None:
        return (
            f"There is too little history for a probability: {count(history.changes, 'change')}, "
            f"{history.known_faulty} of them known to have needed a fix."
        )
    such = f" (such as {commits(fix.sha for fix in risk.examples[:_LINKED])})" if risk.examples else ""
    return (
        f"Of the {risk.similar} past changes scored nearest to this one, {risk.similar_fixed} needed a fix or a revert "
        f"within 90 days{such}; the model says {risk.probability:.0%}."
    )


def _confidence(history: HistoryFacts, risk: ChangeRisk) -> Confidence:
    """The confidence: high if the nearest changes and the model agree, low without a probability."""
    if risk.probability is None or not risk.similar:
        return Confidence(0.3, "a model of other projects, not yet checked against this one")
    apart = abs(risk.probability - risk.similar_fixed / risk.similar)
    return Confidence(
        round(max(0.3, 0.9 - 2 * apart), 2), f"model and {risk.similar} nearest changes differ by {apart:.0%}"
    )


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


def _locations(files: tuple[FileHistory, ...]) -> tuple[Location, ...]:
    """The changed file with the most recent fixes."""
    code_files = [past for past in files if paths.is_production(past.path)] or files
    if not code_files:
        return ()
    worst = max(code_files, key=lambda past: (past.fixes_quarter, len(past.fixes_year), past.revisions_year))
    return (Location(worst.path, 1, 1),)


ANALYZER: Analyzer[object] = Analyzer(name="risk", analyze=analyze)
