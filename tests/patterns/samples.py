"""A pattern of each kind."""

from dataclasses import replace

from bot.domain.fix_patterns import (
    FixCause,
    FixedFunction,
    FixedPart,
    FlakyTests,
    ForgottenNames,
    LateName,
    PipelineRepairs,
    Repaired,
    UntestedFixes,
)
from bot.domain.history import PastCommit
from bot.domain.patterns import (
    CouplingCluster,
    FixArea,
    FollowUp,
    IssueTopic,
    ItemExample,
    LikePair,
    Patterns,
    Period,
    SlowReview,
)

PERIOD = Period(since=1_700_000_000, until=1_780_000_000, sample=1190)
CLUSTER = CouplingCluster(
    files=("app/options.py", "docs/manual.1"),
    folders=2,
    together=128,
    changes=254,
    fixes_year=4,
    lift=4.2,
    examples=("a" * 40, "b" * 40, "c" * 40),
)
AREA = FixArea(
    path="app/terminal.py",
    fixes=99,
    expected=44.4,
    ratio=2.23,
    low=1.51,
    high=3.17,
    others=267,
    lines=8839,
    files=1,
    quarters=12,
    fixes_year=26,
    examples=("a" * 40, "b" * 40),
)
GROUP = FollowUp(
    outcome="fixed",
    kind="feature",
    area="app/tui/",
    lines=0,
    changes=33,
    hits=15,
    share=0.455,
    low=0.224,
    high=0.706,
    rest=100,
    rest_hits=13,
    rest_share=0.193,
    per_year=12.1,
    examples=("a" * 40,),
)
TOPIC = IssueTopic(
    words=("cookie", "session"),
    issues=30,
    open=9,
    recent=20,
    days_to_close=40.0,
    usual_days_to_close=12.0,
    cohesion=0.4,
    growth=3.0,
    low=1.4,
    high=6.0,
    examples=(ItemExample(number=7, title="The cookie is lost"),),
)
REVIEW = SlowReview(
    measure="first_response",
    group="label",
    value="speed",
    pulls=25,
    days=20.0,
    low=15.0,
    high=24.0,
    rest=80,
    rest_days=2.0,
    per_year=10.0,
    open=3,
    examples=(ItemExample(number=9, title="Make it faster"),),
)
PAIR = LikePair(
    kind="issue",
    one=ItemExample(number=12, title="The bar flickers"),
    other=ItemExample(number=4, title="Flickering bar"),
    score=0.83,
)
_FIX = PastCommit("c" * 40, 1_779_000_000, "Fix the preview of an empty line")
_CHANGE = PastCommit("d" * 40, 1_778_900_000, "Add the preview")
_REPAIRED = (
    Repaired(change=_CHANGE, repair=_FIX, days=1.2),
    Repaired(change=_CHANGE, repair=replace(_FIX, sha="e" * 40), days=2.0),
)
_TESTS = FixedPart(name="tests/test_screen.py", fixes=4)
CAUSE = FixCause(
    path="app/screen.py",
    words=("preview",),
    changes=20,
    fixes=16,
    changes_year=9,
    fixes_year=8,
    rest_changes=60,
    rest_fixes=15,
    tested=4,
    repaired=_REPAIRED,
    functions=(FixedPart(name="Screen.draw", fixes=9),),
    commits=tuple(replace(_FIX, sha=letter * 40) for letter in "cefab"),
    untested=tuple(replace(_FIX, sha=letter * 40) for letter in "cef"),
    others=(_CHANGE,),
    tests=(_TESTS,),
)
UNTESTED = UntestedFixes(
    path="shell/keys.sh",
    fixes=12,
    tested=1,
    fixes_year=6,
    rest_fixes=80,
    rest_tested=60,
    repaired=_REPAIRED,
    functions=(FixedPart(name="__list_hosts", fixes=7),),
    commits=tuple(replace(_FIX, sha=letter * 40) for letter in "cefab"),
    tests=(_TESTS,),
)
FORGOTTEN = ForgottenNames(
    source="src/options.py",
    listing="shell/completion.sh",
    brought=12,
    in_time=6,
    late=(LateName(name="--wrap", brought=_CHANGE, added=_FIX),),
    missing=(LateName(name="--bench", brought=_CHANGE),),
    common=50,
    repairs=(_FIX,),
)
FLAKY = FlakyTests(
    repairs=12,
    repairs_before=4,
    files=(FixedPart(name="tests/test_net.py", fixes=5, newest=(_FIX,)),),
    commits=(_FIX,),
    unsought=True,
)
PIPELINE = PipelineRepairs(path=".github/workflows/release.yml", changes=14, repaired=_REPAIRED, untried=True)
FUNCTION = FixedFunction(
    path="app/loop.py",
    name="Loop.run",
    fixes=12,
    fixes_year=5,
    tested=3,
    commits=(_FIX,),
    untested=CAUSE.untested,
    tests=(_TESTS,),
)
PATTERNS = Patterns(
    changes=PERIOD,
    issues=replace(PERIOD, sample=300),
    pulls=replace(PERIOD, sample=200),
    clusters=(CLUSTER,),
    fix_areas=(AREA,),
    topics=(TOPIC,),
    follow_ups=(GROUP,),
    slow_reviews=(REVIEW,),
    duplicates=(PAIR,),
    overlaps=(replace(PAIR, kind="pull_request"),),
    fix_causes=(CAUSE,),
    fixed_functions=(FUNCTION,),
    untested_fixes=(UNTESTED,),
    forgotten_names=(FORGOTTEN,),
    flaky_tests=FLAKY,
    pipeline_repairs=(PIPELINE,),
)
