"""What the page of a pull request says of its prediction and of what became of it, in our Markdown. Pure."""

from datetime import datetime, timedelta

from bot.db.predictions import Prediction
from bot.db.pull_history import FollowUp, PullHistory
from bot.domain.items import Item
from bot.domain.periods import FIX_WINDOW
from bot.text import code

_DAYS = timedelta(seconds=FIX_WINDOW).days


def predicted(prediction: Prediction | None) -> str:
    """What was predicted, as a sentence."""
    if prediction is None:
        return "No risk was predicted."
    if prediction.probability is None:
        return "No risk was predicted: the repository has too little history to learn from."
    sentence = (
        f"The predicted risk is **{prediction.probability:.0%}**: the probability of a fix or a revert within {_DAYS} "
        "days after the merge"
    )
    if prediction.percentile is None:
        return f"{sentence}."
    return f"{sentence}. It is higher than for {prediction.percentile:.0%} of the earlier changes."


def became(pull: PullHistory) -> str:
    """What became of the pull request, as sentences."""
    prediction, item = pull.prediction, pull.item
    if prediction is None or prediction.landed_sha is None:
        return _not_found(pull)
    merged = f"It was merged{_on(item)} as {prediction.landed_sha[:10]}."
    if prediction.outcome:
        return f"{merged} {_corrected(pull.follow_up, prediction.outcome_at, item)}"
    if prediction.outcome is False:
        return f"{merged} No fix and no revert of it was found within {_DAYS} days."
    merged_at = _merged_at(item)
    until = f", until {merged_at + timedelta(days=_DAYS):%Y-%m-%d}" if merged_at else ""
    return f"{merged} No fault was found in it yet; fixes and reverts are looked for during {_DAYS} days{until}."


def _not_found(pull: PullHistory) -> str:
    item = pull.item
    if _merged_at(item):
        return f"It was merged{_on(item)}. Its commit is not in the indexed history of the default branch yet."
    if item is not None and item.state == "closed":
        on = f" on {item.closed_at:%Y-%m-%d}" if item.closed_at else ""
        return f"It was closed{on} without a merge."
    if pull.is_open or item is not None:
        return "It is open."
    return "It is not open any more, and no merge of it was found."


def _corrected(follow_up: FollowUp | None, known_at: datetime | None, item: Item | None) -> str:
    if follow_up is None:
        return f"It needed a fix or a revert within {_DAYS} days."
    what = "reverted" if follow_up.is_revert else "fixed"
    merged_at = _merged_at(item)
    days = (known_at - merged_at).days if known_at and merged_at else None
    when = f" on {known_at:%Y-%m-%d}" if known_at else ""
    after = f", {days} {'day' if days == 1 else 'days'} after the merge" if days is not None and days >= 0 else ""
    subject = f", {code(follow_up.subject, 120)}" if follow_up.subject else ""
    return f"It was **{what}**{when} by {follow_up.sha[:10]}{subject}{after}."


def _merged_at(item: Item | None) -> datetime | None:
    return item.pull.merged_at if item is not None and item.pull is not None else None


def _on(item: Item | None) -> str:
    merged_at = _merged_at(item)
    return f" on {merged_at:%Y-%m-%d}" if merged_at else ""
