"""Recommendations on issues and pull requests. Pure."""

from collections.abc import Iterator

from bot.insights.advice import Advice, Measure
from bot.insights.evidence import joined
from bot.insights.findings import Findings
from bot.insights.item_patterns import (
    like_fingerprint,
    shown_items,
    slow_review_fingerprint,
    slow_review_name,
    topic_fingerprint,
)
from bot.text import code

_LEAST_PAIRS = 3
_LEAST_ISSUES = 5
_RECENT_DAYS = 180
# The trends of what a group of pull requests waits for, by the keys of `domain.trends`.
_WAITING = {
    "first_response": ("pull-first-response", "review-cycle-duration"),
    "merge": ("lead-time-to-merge", "review-cycle-duration"),
}


def review_advice(findings: Findings) -> Iterator[Advice]:
    """Pull requests that wait longer than others.

    benefit: the pull requests of a year, times the share of their waiting that is above the others'; effort: the pull
    requests of a year.
    """
    patterns = findings.past.patterns
    for review in patterns.slow_reviews if patterns else ():
        named = findings.get(slow_review_fingerprint(review))
        if named is None:
            continue
        until = "first answer" if review.measure == "first_response" else "merge"
        name = slow_review_name(review)
        own = name[:1].lower() + name[1:]
        yield Advice(
            name="faster-review",
            target=(review.measure, review.group, "" if review.group == "size" else review.value),
            title=f"Agree on who reviews {own} first, and how soon",
            first=f"look at where the slowest of the newest waited: {shown_items(review.examples)}. "
            + (
                "Ask for parts that can be merged by themselves."
                if review.group == "size"
                else "Name two people for them in CODEOWNERS, or in the notes for maintainers."
            ),
            effect=f"About {review.per_year:.0f} pull requests of a year wait {review.days:,.1f} days for their "
            f"{until} (median), others {review.rest_days:,.1f}."
            + (f" {review.open:,} are open now." if review.open else ""),
            measure=Measure(
                name=f"days until the {until} of {own}, median", today=review.days, unit="days", usual=review.rest_days
            ),
            findings=(named, *findings.worse_trends(*_WAITING[review.measure])),
            benefit=review.per_year * (1 - review.rest_days / review.days) if review.days else 0.0,
            effort=review.per_year,
        )


def topic_advice(findings: Findings) -> Iterator[Advice]:
    """Topics of issues that grow.

    benefit: the issues of a year above the former share; effort: the open issues on it, which have to be read.
    """
    patterns = findings.past.patterns
    for topic in patterns.topics if patterns else ():
        named = findings.get(topic_fingerprint(topic))
        if named is None or topic.growth is None or topic.low is None or topic.low <= 1:
            continue
        excess = topic.recent * (1 - 1 / topic.growth) * 365 / _RECENT_DAYS
        if topic.recent < _LEAST_ISSUES:
            continue
        words = joined([code(word, 30) for word in topic.words[:3]], 0, "word")
        yield Advice(
            name="answer-topic",
            target=tuple(sorted(topic.words[:2])),
            title=f"Find out why more issues speak of {words}",
            first=f"read {shown_items(topic.examples)}, and decide whether they have one cause. Mend it, or answer it "
            "once in the documentation and close them with a link.",
            effect=f"Its share of the new issues has grown at least {topic.low:.1f}-fold: about {excess:.0f} a year.",
            measure=Measure(name=f"issues that speak of {words} in {_RECENT_DAYS} days", today=topic.recent, unit=""),
            findings=(named, *findings.worse_trends("issue-age", "issue-resolution-duration")),
            benefit=excess,
            effort=max(1, topic.open),
        )


def duplicate_advice(findings: Findings) -> Iterator[Advice]:
    """Open items that may be duplicates. benefit: the pairs; effort: the items that have to be read."""
    patterns = findings.past.patterns
    pairs = patterns.duplicates if patterns else ()
    named = [(pair, one) for pair in pairs if (one := findings.get(like_fingerprint(pair, "duplicate"))) is not None]
    if len(named) < _LEAST_PAIRS:
        return
    shown = ", ".join(f"#{pair.one.number} and #{pair.other.number}" for pair, _ in named[:5])
    items = {(pair.kind, item.number) for pair, _ in named for item in (pair.one, pair.other)}
    yield Advice(
        name="close-duplicates",
        target=("open",),
        title=f"Look through {len(named):,} pairs of open items that may be duplicates",
        first=f"compare {shown}. Close the one with less in it, with a link to the other.",
        effect="Each closed duplicate is one item less to read, and brings what is known to one place.",
        measure=Measure(name="pairs of open items that may be duplicates", today=len(named), unit=""),
        findings=tuple(one for _, one in named),
        benefit=len(named),
        effort=len(items),
    )
