"""What the classification of changes and issues looks at: hashed words of title and body, the rules, the files."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p

import numpy as np
from numpy.typing import NDArray

from bot.domain.kinds import Described, FileMix, Kind
from bot.ml.ngrams import Tokens, tokens

# The rules' words as features. The other kinds are decided by the rules alone.
_RULES = (Kind.FIX, Kind.FEATURE, Kind.REFACTOR, Kind.DOCS, Kind.TEST, Kind.CHORE, Kind.MERGE)
_SORTS = ("production", "test", "docs", "build", "other")
_FILES = (
    *(f"{measure}_{sort}" for measure in ("share", "any", "only") for sort in _SORTS),
    "files", "added", "deleted", "share_added", "balance", "created", "code_and_test", "unknown",
)  # fmt: skip
NAMES = (*(f"rule_{kind}" for kind in _RULES), *_FILES)

_BODY_SEED = 0x1B873593
_MAX_BODY = 1_000  # characters that are looked at; fewer remain
# Lines of a body that name people or issues, and the words of a conventional type: they would give the answer away
# while training, and say nothing elsewhere.
_TRAILER = re.compile(
    r"^\W*(?:co-authored|signed-off|reviewed|acked|tested|reported|cc|author|reviewer|fixes|closes|resolves|pr-url"
    r"|refs?|see|ticket|change-id|---)[\w-]{0,20}\s*(?:[:#-]|$)",
    re.IGNORECASE,
)
_TYPE = re.compile(r"^[\s*+-]{0,10}[A-Za-z]{1,20}(?:\([^)]{0,60}\))?!?:\s")
_FRAGMENT = re.compile(
    r"\.(?:bugfix|feature|misc|doc|removal|trivial|improvement|breaking|contrib|vendor|packaging)\b", re.IGNORECASE
)

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Inputs:
    """The features of several changes.

    title, body: their tokens, by length. Of the body, words only: its characters cost more than they tell.
    table: shape (changes, len(NAMES)).
    """

    title: list[Tokens]
    body: list[Tokens]
    table: Floats


def inputs(changes: Sequence[Described]) -> Inputs:
    """Return the features of changes. The cost of a change is bounded."""
    return Inputs(
        tokens([change.subject for change in changes]),
        tokens([told(change.body) for change in changes], _BODY_SEED, words_only=True),
        np.array([_row(change) for change in changes], dtype=np.float32).reshape(len(changes), len(NAMES)),
    )


def told(body: str) -> str:
    """Return what a body tells about the change: without trailers, conventional types and names of news fragments."""
    if not body:
        return ""
    lines = [_TYPE.sub("", line) for line in body[:_MAX_BODY].split("\n") if not _TRAILER.match(line)]
    return _FRAGMENT.sub(" ", " ".join(lines))


def _row(change: Described) -> list[float]:
    rules = [float(change.rule is kind) for kind in _RULES]
    if change.files is None:
        return [*rules, *[0.0] * (len(_FILES) - 1), 1.0]
    return [*rules, *_of_files(change.files), 0.0]


def _of_files(mix: FileMix) -> list[float]:
    counts = (mix.production, mix.test, mix.docs, mix.build, mix.other)
    files, lines = max(1, mix.files), max(1, mix.added + mix.deleted)
    return [
        *(count / files for count in counts),
        *(float(count > 0) for count in counts),
        *(float(0 < count == mix.files) for count in counts),
        *(log1p(count) / 4 for count in (mix.files, mix.added, mix.deleted)),
        mix.added / lines,
        2 * min(mix.added, mix.deleted) / lines,
        float(mix.created > 0),
        float(mix.production > 0 and mix.test > 0),
    ]
