"""How often what a rule says came true: the confidence of its insights. No number here is chosen by hand.

The shares are printed by `python bench/remark_signal.py shares`: past changes are replayed as they would have been
seen, and what came within 90 days is looked up. docs/signal.md names the repositories and says how it is measured.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.analysis.statistics import lower_bound
from bot.domain.back_test import BackTest, Verdict
from bot.domain.insights import Confidence, Insight, Standing
from bot.text import count

# With fewer cases a share says little: the 95 % interval of 5 in 10 goes from 24 to 76 %.
FEWEST_CASES = 10


@dataclass(frozen=True, slots=True)
class Share:
    """What is known of the remarks of a rule.

    rule: its name, or the name of an analyzer with a slash, for all its rules that are not listed.
    came: after how many of the cases it came true. cases: those in which the history can tell.
    what: what counts as that, as the end of a sentence on remarks. Rules with the same words are of one kind.
    """

    rule: str
    came: int
    cases: int
    what: str


_FIXED = "the change needed a fix or a revert within 90 days"
_FILE_FIXED = "this file of the change needed a fix within 90 days"
_TESTED = "a test was added within 90 days"
_COMPANION = "the companion was changed without the file within 90 days"
_LINE = "the line was changed or removed within 90 days"
_PLACE = "the place was changed too within 90 days"
_USEFUL = "were found useful (Maddila et al., TOSEM 2021)"

# Of these kinds the back-test (`bot/jobs/back_test.py`) asks the same question.
_SAME_IN_BACK_TEST = frozenset({_FIXED, _FILE_FIXED})

SHARES: tuple[Share, ...] = (
    Share("risk/change", 0, 0, _FIXED),
    Share("size/large-change", 0, 0, _FIXED),
    Share("split/parts", 0, 7, _FIXED),
    Share("history/undone-fix", 0, 0, _FIXED),
    Share("history/relanded", 0, 1, _FIXED),
    Share("complexity/new-function", 1, 3, _FILE_FIXED),
    Share("complexity/function-grew", 2, 17, _FILE_FIXED),
    Share("hotspots/grew", 0, 5, _FILE_FIXED),
    Share("ownership/orphaned", 0, 3, _FILE_FIXED),
    Share("tests/missing", 5, 10, _TESTED),
    # Its remarks came from releases by Maven; the rule was changed afterwards.
    Share("coupling/missing-companion", 0, 0, _COMPANION),
    Share("history/cleared-before", 0, 2, _LINE),
    Share("security/", 0, 0, _LINE),
    Share("dependency/", 0, 0, _LINE),
    Share("twins/left-behind", 0, 1, _PLACE),
    Share("leftover/reference", 0, 2, _PLACE),
    Share("sweep/incomplete", 0, 0, _PLACE),
    Share("collision/same-function", 554, 775, _USEFUL),
)


# The remarks of 40 changes each of nine repositories, read by two readers, each alone (`bench/judged`).
READ = Share("", 5, 32, "found useful by both readers")


def share_of(rule: str, known: str) -> Confidence:
    """The confidence of a rule: its measured share.

    With too few cases it is the lower end of Wilson's interval of the rules of its kind, or if these have too few as
    well, of all remarks that were read. Then the reason says that it is not measured.
    known: what makes the insight exact, or leaves it open; shown behind the share.
    """
    share = _found(rule)
    if share.cases >= FEWEST_CASES:
        return Confidence(round(share.came / share.cases, 2), f"{_told(share, 'such remarks')}; {known}")
    kind = [one for one in SHARES if one.what == share.what]
    whole = Share("", sum(one.came for one in kind), sum(one.cases for one in kind), share.what)
    pool = _told(whole, "remarks of its kind")
    if whole.cases < FEWEST_CASES:
        whole, pool = READ, _told(READ, "remarks of all rules")
    return Confidence(
        round(lower_bound(whole.came, whole.cases), 2),
        f"not measured: {count(share.cases, 'case')}, so the lower bound of {pool}; {known}",
    )


def _told(share: Share, remarks: str) -> str:
    return f"{share.came} of {share.cases} {remarks}: {share.what}"


def with_own_past(insights: Sequence[Insight], back_test: BackTest | None) -> tuple[Insight, ...]:
    """Insights with the share of both: the public repositories and the back-test of this one.

    Only of rules for which the back-test looks at the same thing (`_SAME_IN_BACK_TEST`).
    """
    remarks = back_test.remarks if back_test else ()
    verdicts: dict[str, Counter[Verdict]] = {}
    for remark in remarks:
        verdicts.setdefault(remark.rule, Counter())[remark.verdict] += 1
    return tuple(_with_own_past(insight, verdicts.get(insight.rule)) for insight in insights)


def _with_own_past(insight: Insight, verdicts: Counter[Verdict] | None) -> Insight:
    if verdicts is None or insight.standing is not Standing.REMARK:
        return insight
    share = _found(insight.rule)
    came, own = verdicts[Verdict.RIGHT], verdicts[Verdict.RIGHT] + verdicts[Verdict.UNCONFIRMED]
    cases = share.cases + own
    if share.what not in _SAME_IN_BACK_TEST or not own or cases < FEWEST_CASES:
        return insight
    reason = f"here {came} of {own} in the back-test, elsewhere {insight.confidence.reason}"
    return replace(insight, confidence=Confidence(round((share.came + came) / cases, 2), reason))


def _found(rule: str) -> Share:
    """The share of a rule, else that of its analyzer. KeyError for an analyzer that is not listed."""
    listed = {share.rule: share for share in SHARES}
    return listed.get(rule) or listed[rule.partition("/")[0] + "/"]
