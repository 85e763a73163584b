"""Insights on the patterns of issues and pull requests. Titles of strangers are in code spans. Pure."""

from collections.abc import Sequence

from bot.domain.insights import Confidence, Insight, InsightType, Severity, Standing, fingerprint
from bot.domain.patterns import IssueTopic, ItemExample, LikePair, Patterns, Period, SlowReview
from bot.insights.evidence import TESTED, evidence_of, joined
from bot.text import code, count

_WORDS = Confidence(0.7, "by the words that the issues share")
_LIKE = Confidence(0.5, "by the likeness of the texts; nobody has checked how often that is right here")


def topic_fingerprint(topic: IssueTopic) -> str:
    """The fingerprint of the insight on a topic: of its two strongest words."""
    return fingerprint("repository/pattern/topic", *sorted(topic.words[:2]))


def topic_insight(topic: IssueTopic, period: Period) -> Insight:
    """What many issues speak of. It is said to grow only if that is more than chance."""
    words = joined([code(word, 30) for word in topic.words], 0, "word")
    grows = topic.low is not None and topic.low > 1
    since = f" Its share of the new issues has grown at least {topic.low:.1f}-fold in 180 days." if grows else ""
    bugs = f" Reports of a bug, as far as labels and titles tell: {topic.bugs:,}." if topic.bugs else ""
    days = f" Closed after {topic.days_to_close:,.0f} days (median)" if topic.days_to_close is not None else ""
    usual = (
        f", other issues after {topic.usual_days_to_close:,.0f}"
        if days and topic.usual_days_to_close is not None
        else ""
    )
    closed = f"{days}{usual}." if days else ""
    return Insight(
        type=InsightType.PATTERN,
        rule="repository/pattern/topic",
        title=f"{count(topic.issues, 'issue')} speak of {words}",
        description=f"Open: {topic.open:,}; of the last 180 days: {topic.recent:,}.{closed}"
        f"{bugs}{since} For example {shown_items(topic.examples)}.",
        remedy="If they ask the same, answer it once in the documentation; else look for one cause.",
        severity=Severity.LOW if grows else Severity.INFO,
        confidence=_WORDS,
        evidence=evidence_of(topic, period),
        tags=("issues",),
        fingerprint=topic_fingerprint(topic),
    )


def slow_review_fingerprint(review: SlowReview) -> str:
    """The fingerprint of the insight on a group of pull requests that waits long."""
    value = "" if review.group == "size" else review.value
    return fingerprint("repository/pattern/slow-review", review.measure, review.group, value)


def slow_review_name(review: SlowReview) -> str:
    """The pull requests of a group, as they stand in a sentence."""
    if review.group == "size":
        return f"Pull requests with at least {int(review.value):,} changed lines"
    where = "labelled" if review.group == "label" else "that change"
    return f"Pull requests {where} {code(review.value, 80)}"


def slow_review_insight(review: SlowReview, period: Period) -> Insight:
    """Which pull requests wait longer than the others. Persons are never named."""
    open_now = f"{review.open:,} of the group are open. " if review.open else ""
    until = "a first answer" if review.measure == "first_response" else "their merge"
    return Insight(
        type=InsightType.PATTERN,
        rule="repository/pattern/slow-review",
        title=f"{slow_review_name(review)} wait {review.days:,.1f} days for {until}, others {review.rest_days:,.1f}",
        description=f"The median of {count(review.pulls, 'pull request')} is {review.days:,.1f} days "
        f"({review.low:,.1f} to {review.high:,.1f}), that of {review.rest:,} others {review.rest_days:,.1f}. "
        f"{open_now}The slowest of the newest: {shown_items(review.examples)}.",
        remedy="Agree on who looks at these first, and how soon.",
        severity=Severity.LOW,
        confidence=TESTED,
        evidence=evidence_of(review, period),
        tags=("pull_requests",),
        fingerprint=slow_review_fingerprint(review),
    )


def like_insights(patterns: Patterns) -> list[Insight]:
    """Items that seem to be about the same, as notes: their precision is not known."""
    periods = {"issue": patterns.issues, "pull_request": patterns.pulls}
    duplicates = ((pair, "duplicate", "may be a duplicate of") for pair in patterns.duplicates)
    overlaps = ((pair, "closed-overlap", "is like one that was closed unmerged:") for pair in patterns.overlaps)
    return [
        _like(pair, period, name, relation)
        for pair, name, relation in (*duplicates, *overlaps)
        if (period := periods[pair.kind]) is not None
    ]


def like_fingerprint(pair: LikePair, name: str) -> str:
    """The fingerprint of the insight on a pair."""
    return fingerprint(f"repository/pattern/{name}", pair.kind, str(pair.one.number), str(pair.other.number))


def _like(pair: LikePair, period: Period, name: str, relation: str) -> Insight:
    what = "Issue" if pair.kind == "issue" else "Pull request"
    return Insight(
        type=InsightType.PATTERN,
        rule=f"repository/pattern/{name}",
        title=f"{what} #{pair.one.number} {relation} #{pair.other.number}",
        description=f"{code(pair.one.title, 120)} and {code(pair.other.title, 120)} have a likeness of "
        f"{pair.score:.2f}, of at most 1.",
        remedy="Close one with a reference to the other."
        if name == "duplicate"
        else "Read first why the earlier one was not merged.",
        severity=Severity.INFO,
        confidence=_LIKE,
        standing=Standing.NOTE,
        evidence=evidence_of(pair, period),
        tags=("issues" if pair.kind == "issue" else "pull_requests",),
        fingerprint=like_fingerprint(pair, name),
    )


def shown_items(examples: Sequence[ItemExample]) -> str:
    """The first three examples with their numbers and titles."""
    return ", ".join(f"#{example.number} {code(example.title, 80)}" for example in examples[:3])
