"""How often the remarks of a rule were right: the confidence of its insights. No number here is chosen by hand.

Right is a remark that neither of two readers called wrong: they read it beside the change, each alone, by written rules
(`bench/judged/unseen.jsonl`: repositories on which no rule had been changed when they were read). What came after such
changes is told beside it: `python bench/remark_signal.py shares` prints it from replayed changes. docs/signal.md says
how both are measured.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.back_test import BackTest, Verdict
from bot.domain.insights import Confidence, Insight, Standing

# With fewer cases a share says little: the 95 % interval of 5 in 10 goes from 24 to 76 %.
FEWEST_CASES = 10


@dataclass(frozen=True, slots=True)
class Share:
    """What is known of the remarks of a rule.

    rule: its name, or the name of an analyzer with a slash, for all its rules that are not listed.
    right: how many of the `judged` remarks neither reader called wrong.
    came: after how many of the `cases` in which the history can tell what followed.
    what: what followed, as the end of a sentence on such changes.
    """

    rule: str
    right: int
    judged: int
    came: int
    cases: int
    what: str


_FIXED = "needed a fix or a revert within 90 days"
_FILE_FIXED = "had to be fixed in that file within 90 days"
_TESTED = "got a test within 90 days"
_COMPANION = "were followed by one of the companion within 90 days"
_LINE = "had the line changed or removed within 90 days"
_PLACE = "had the place changed too within 90 days"

# Of these the back-test (`bot/jobs/back_test.py`) asks the same question.
_SAME_IN_BACK_TEST = frozenset({_FIXED, _FILE_FIXED})

SHARES: tuple[Share, ...] = (
    Share("risk/change", 0, 0, 0, 0, _FIXED),
    Share("size/large-change", 0, 0, 0, 0, _FIXED),
    Share("split/parts", 0, 1, 0, 7, _FIXED),
    Share("history/undone-fix", 1, 1, 0, 0, _FIXED),
    Share("history/relanded", 0, 1, 0, 1, _FIXED),
    Share("complexity/new-function", 4, 4, 1, 3, _FILE_FIXED),
    Share("complexity/function-grew", 2, 2, 2, 17, _FILE_FIXED),
    Share("hotspots/grew", 0, 0, 0, 5, _FILE_FIXED),
    Share("ownership/orphaned", 1, 2, 0, 3, _FILE_FIXED),
    Share("tests/missing", 0, 1, 5, 10, _TESTED),
    # Its replayed remarks came from releases by Maven; the rule was changed afterwards.
    Share("coupling/missing-companion", 0, 1, 0, 0, _COMPANION),
    Share("history/cleared-before", 0, 0, 0, 2, _LINE),
    Share("security/", 1, 2, 0, 0, _LINE),
    Share("dependency/", 3, 3, 0, 0, _LINE),
    Share("twins/left-behind", 2, 2, 0, 1, _PLACE),
    Share("leftover/reference", 3, 3, 0, 2, _PLACE),
    Share("stale/", 0, 0, 0, 0, _PLACE),
    Share("sweep/incomplete", 0, 0, 0, 0, _PLACE),
    Share("unlisted/member", 0, 0, 0, 0, _FIXED),
    Share("copies/text", 0, 0, 0, 0, _PLACE),
    Share("unfinished/", 0, 0, 0, 0, _LINE),
    Share("spelling/typo", 1, 1, 0, 0, _LINE),
    Share("changelog/missing", 0, 0, 0, 0, _FIXED),
    # Cannot be replayed: git does not know which pull requests were open. Of 775 notices 554 were found useful
    # (Maddila et al., TOSEM 31 (2), 2021).
    Share("collision/same-function", 554, 775, 0, 0, _FIXED),
)


def share_of(rule: str, known: str) -> Confidence:
    """The confidence of a rule: the share of its judged remarks that no reader called wrong; with few, of all rules.

    known: what makes the insight exact, or leaves it open; shown behind the share.
    """
    share = _found(rule)
    if share.judged >= FEWEST_CASES:
        right, judged, said = share.right, share.judged, "such remarks were not wrong"
    else:
        replayed = [one for one in SHARES if not one.rule.startswith("collision/")]
        right, judged = sum(one.right for one in replayed), sum(one.judged for one in replayed)
        own = f"{share.right} of {share.judged}" if share.judged else "none was judged"
        which = "rules of this kind" if share.rule.endswith("/") else "this rule"
        said = f"judged remarks of all rules were not wrong; of {which} {own}"
    after = f"; {share.came} of {share.cases} such changes {share.what}" if share.cases >= FEWEST_CASES else ""
    return Confidence(round(right / max(1, judged), 2), f"{right} of {judged} {said}{after}; {known}")


# Rules whose remarks readers found true but not worth saying, or of which none was judged: they are notes until a
# reading shows that four of five are useful (docs/signal.md).
UNPROVEN = (
    "coupling/missing-companion",
    "hotspots/grew",
    "ownership/orphaned",
    "stale/call",
    "stale/value",
    "unfinished/conflict",
    "unfinished/debugger",
    "unfinished/focused-test",
    "unlisted/member",
)


def proven(insights: Sequence[Insight]) -> tuple[Insight, ...]:
    """The insights, with remarks of unproven rules as notes."""
    return tuple(
        replace(one, standing=Standing.NOTE) if one.standing is Standing.REMARK and one.rule in UNPROVEN else one
        for one in insights
    )


def with_own_past(insights: Sequence[Insight], back_test: BackTest | None) -> tuple[Insight, ...]:
    """Remarks with what followed such ones in this repository, by its back-test.

    Only of rules for which the back-test looks at the same thing (`_SAME_IN_BACK_TEST`).
    """
    verdicts: dict[str, Counter[Verdict]] = {}
    for remark in back_test.remarks if back_test else ():
        verdicts.setdefault(remark.rule, Counter())[remark.verdict] += 1
    return tuple(_with_own_past(insight, verdicts.get(insight.rule)) for insight in insights)


def _with_own_past(insight: Insight, verdicts: Counter[Verdict] | None) -> Insight:
    if verdicts is None or insight.standing is not Standing.REMARK:
        return insight
    share = _found(insight.rule)
    came, own = verdicts[Verdict.RIGHT], verdicts[Verdict.RIGHT] + verdicts[Verdict.UNCONFIRMED]
    if share.what not in _SAME_IN_BACK_TEST or not own:
        return insight
    reason = f"{insight.confidence.reason}; here {came} of {own} such changes {share.what}"
    return replace(insight, confidence=Confidence(insight.confidence.score, reason))


def _found(rule: str) -> Share:
    """The share of a rule, else that of its analyzer. KeyError for an analyzer that is not listed."""
    listed = {share.rule: share for share in SHARES}
    return listed.get(rule) or listed[rule.partition("/")[0] + "/"]
