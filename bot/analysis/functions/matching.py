"""Match functions at head with functions at the merge base, so that renamed and moved code is not new."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.analysis.functions.facts import FileFunctions, FunctionFacts

# The share of lines two bodies must have in common (Dice's coefficient) to be one function that moved.
SAME_BODY = 0.6
# The same where both have the same last name: `send` that became `Response.send`.
SAME_NAME_BODY = 0.3
# Shorter bodies are alike by chance, so they must be equal.
_SHORT = 4
# A line that is in more functions than this does not identify a function.
_COMMON = 30


@dataclass(frozen=True, slots=True)
class Placed:
    """A function and its file."""

    path: str
    function: FunctionFacts


@dataclass(frozen=True, slots=True)
class Pair:
    """A function at head and its counterpart at the merge base.

    before: None for a new function.
    """

    before: Placed | None
    after: Placed


def match_functions(facts: Mapping[str, FileFunctions]) -> list[Pair]:
    """Every function at head with its origin: by name within its file, by body within it, by body anywhere."""
    pairs: list[Pair] = []
    removed: list[Placed] = []
    new: list[Placed] = []
    for path, file in facts.items():
        before = [Placed(path, function) for function in file.before.functions] if file.before else []
        after = [Placed(path, function) for function in file.after.functions] if file.after else []
        named, before, after = _by_name(before, after)
        alike, before, after = _by_body(before, after)
        pairs += named + alike
        removed += before
        new += after
    moved, _, new = _by_body(removed, new)
    return pairs + moved + [Pair(None, placed) for placed in new]


def _by_name(before: list[Placed], after: list[Placed]) -> tuple[list[Pair], list[Placed], list[Placed]]:
    """Pair equal qualified names; overloads by equal body first, then by parameters, then by order."""
    pairs: list[Pair] = []
    keys = (
        lambda f: (f.name, f.parameters, f.signature),
        lambda f: (f.name, f.parameters),
        lambda f: (f.name,),
    )
    for key in keys:
        waiting: dict[tuple[object, ...], list[Placed]] = defaultdict(list)
        for placed in reversed(before):
            waiting[key(placed.function)].append(placed)
        left = []
        for placed in after:
            same = waiting[key(placed.function)]
            if same:
                pairs.append(Pair(same.pop(), placed))
            else:
                left.append(placed)
        matched = {id(pair.before) for pair in pairs}
        before, after = [placed for placed in before if id(placed) not in matched], left
    return pairs, before, after


def _by_body(before: list[Placed], after: list[Placed]) -> tuple[list[Pair], list[Placed], list[Placed]]:
    """Pair the most alike bodies first."""
    if not before or not after:
        return [], before, after
    index: dict[int, list[int]] = defaultdict(list)
    for number, placed in enumerate(before):
        for line in set(placed.function.signature):
            index[line].append(number)
    scored = []
    for number, placed in enumerate(after):
        shared = Counter(other for line in set(placed.function.signature) for other in index.get(line, ())[:_COMMON])
        for other, _ in shared.most_common(5):
            score = similarity(before[other].function.signature, placed.function.signature)
            if score >= _least_similarity(before[other].function, placed.function):
                scored.append((-score, number, other))
    scored.sort()
    used_before: set[int] = set()
    used_after: set[int] = set()
    pairs = []
    for _, number, other in scored:
        if number not in used_after and other not in used_before:
            used_after.add(number)
            used_before.add(other)
            pairs.append(Pair(before[other], after[number]))
    return (
        pairs,
        [placed for number, placed in enumerate(before) if number not in used_before],
        [placed for number, placed in enumerate(after) if number not in used_after],
    )


def _least_similarity(one: FunctionFacts, other: FunctionFacts) -> float:
    same = _last_name(one) == _last_name(other) and not one.name.startswith("<")
    return SAME_NAME_BODY if same else SAME_BODY


def _last_name(function: FunctionFacts) -> str:
    """The last part of a name in lower case, without underscores: they change with visibility and style."""
    return function.name.rpartition(".")[2].replace("_", "").lower()


def similarity(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """0 to 1: the share of common lines in any order; short bodies are either equal or not similar."""
    if min(len(one), len(other)) < _SHORT:
        return float(len(one) > 1 and one == other)
    return 2 * (Counter(one) & Counter(other)).total() / (len(one) + len(other))


def contained(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """0 to 1: the share of lines of the first that are in the other."""
    return (Counter(one) & Counter(other)).total() / len(one) if one else 0.0


class RemovedLines:
    """Lines that functions lost in the change, to recognize extracted code."""

    def __init__(self, facts: Iterable[FileFunctions]) -> None:
        self._before: Counter[int] = Counter()
        self._after: Counter[int] = Counter()
        for file in facts:
            for end, counter in ((file.before, self._before), (file.after, self._after)):
                for function in end.functions if end else ():
                    counter.update(function.signature)

    def share(self, function: FunctionFacts) -> float:
        """The share (0 to 1) of a new function's lines that some function lost."""
        own = Counter(function.signature)
        total = own.total()
        found = sum(min(count, max(0, self._before[line] - self._after[line] + count)) for line, count in own.items())
        return found / total if total else 0.0
