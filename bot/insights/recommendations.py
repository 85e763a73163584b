"""What to do first about a repository: at most five recommendations, each resting on named findings. Pure.

Each says what to do first, what that would change, and by which number we will know. They are ordered by benefit per
effort, both counted in the findings:

- benefit: how many fixes of a year are above what is usual (`excess`), how many issues or pull requests of a year, or
  how many lines are wrong;
- effort: how many files, functions, changes or items of a year have to change for that.

docs/patterns.md has the formula of each kind.
"""

from collections.abc import Callable, Iterator

from bot.domain.insights import Insight
from bot.insights.advice import Advice
from bot.insights.ci_advice import flaky_advice, pipeline_advice
from bot.insights.code_advice import knowledge_advice
from bot.insights.findings import Findings
from bot.insights.fix_advice import cause_advice, untested_advice
from bot.insights.options_advice import options_advice
from bot.insights.pattern_advice import cluster_advice, fix_area_advice
from bot.insights.process_advice import duplicate_advice, review_advice, topic_advice
from bot.insights.reference_advice import dead_reference_advice

MOST = 5
_MOST_ALIKE = 2
# Of two that are worth the same, the one whose kind comes first.
_KINDS: tuple[Callable[[Findings], Iterator[Advice]], ...] = (
    cause_advice,
    options_advice,
    dead_reference_advice,
    untested_advice,
    fix_area_advice,
    cluster_advice,
    knowledge_advice,
    review_advice,
    topic_advice,
    duplicate_advice,
    flaky_advice,
    pipeline_advice,
)


def recommendations(findings: Findings) -> list[Insight]:
    """The recommendations as insights."""
    return [one.insight() for one in best_advice(findings)]


def best_advice(findings: Findings) -> list[Advice]:
    """At most MOST things to do, the most benefit per effort first; none where the findings are too thin."""
    advice = [one for make in _KINDS for one in make(findings) if one.benefit > 0]
    advice.sort(key=lambda one: -one.worth)
    kept: list[Advice] = []
    for one in advice:
        alike = sum(one.name == other.name for other in kept)
        # The third file to take apart is no recommendation any more, but a list.
        if alike < _MOST_ALIKE and not any(_says_the_same(one, other) for other in kept):
            kept.append(one)
    return kept[:MOST]


def _says_the_same(one: Advice, other: Advice) -> bool:
    """Whether both are about the same target, or rest mostly on the same findings."""
    if one.target == other.target:
        return True
    shared = {finding.fingerprint for finding in one.findings} & {finding.fingerprint for finding in other.findings}
    return 2 * len(shared) > min(len(one.findings), len(other.findings))
