"""The features of one change that the risk model sees. This tuple alone says their names and their order."""

from typing import NamedTuple


class ChangeFeatures(NamedTuple):
    """The 14 measures of Kamei et al., "A Large-Scale Empirical Study of Just-in-Time Quality Assurance", IEEE TSE
    39(6), 2013, table 1, as plain numbers, and two more. None is negative.

    ns, nd, nf: subsystems (first folders), folders, and files of code that the change touches.
    entropy: of the changed lines over the files, in bits.
    la, ld: lines added and deleted.
    lt: lines of the files before the change.
    fix: 1 when the change is a fix, else 0.
    ndev: people who changed these files before, the author included.
    age: days since the last change of the files, on average.
    nuc: earlier changes that touched any of the files.
    exp: earlier changes of the author.
    rexp: the same, each weighted by 1 / (n + 1), n its age in whole years.
    sexp: earlier changes of the author in the subsystems that this one touches.
    recent_fixes: fixes of the files in the 90 days before.
    own_share: share of the files' lines that the author wrote, 0 to 1.

    The last two are known to the history index only. A source that does not know them says 0 throughout, and no
    model learns from them.
    """

    ns: float
    nd: float
    nf: float
    entropy: float
    la: float
    ld: float
    lt: float
    fix: float
    ndev: float
    age: float
    nuc: float
    exp: float
    rexp: float
    sexp: float
    recent_fixes: float = 0.0
    own_share: float = 0.0


FEATURES = ChangeFeatures._fields
KAMEI = FEATURES[:14]
