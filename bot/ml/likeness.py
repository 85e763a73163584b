"""How likely a past change is one that the author of a new change would name: logistic regression over few signals.

The numbers in `likeness.json` are fitted by `bench/language.py` on changes whose messages name an earlier one.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What a past change and a new one have in common.

    text: the score of the titles (`bot.ml.text`), 0 to 1.
    rare_text: its z-score among all past changes, divided by 10, at most 2.
    meaning: the z-score of the embeddings, divided by 10, -.2 to 1; 0 without a model.
    files: the likeness of the changed files, 0 to 1.
    lines: the share of the lines at the changed places that the past change wrote.
    both: text · files.
    age: ln(1 + years between them).
    same_author: 0 or 1.
    """

    text: float
    rare_text: float
    meaning: float = 0.0
    files: float
    lines: float
    both: float
    age: float
    same_author: float


NAMES = tuple(one.name for one in fields(Signals))
# The least probability of what is worth saying.
FLOOR = 0.12


@dataclass(frozen=True, slots=True)
class Likeness:
    """weights: by the names of the signals."""

    bias: float
    weights: Mapping[str, float]

    def probability(self, signals: Signals) -> float:
        """Return the probability, 0 to 1."""
        weighted = zip((self.weights[name] for name in NAMES), astuple(signals), strict=True)
        log_odds = self.bias + sum(weight * value for weight, value in weighted)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))


@cache
def shipped(*, meaning: bool) -> Likeness:
    """Return the numbers that come with the program. meaning: those for changes whose meaning is known."""
    numbers = json.loads(files("bot.ml").joinpath("likeness.json").read_text(encoding="utf-8"))
    values = numbers["with_model" if meaning else "without_model"]
    return Likeness(float(values["bias"]), {name: float(values["weights"][name]) for name in NAMES})
