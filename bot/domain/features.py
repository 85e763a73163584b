"""The features of one change. The risk model uses them. This tuple defines their names and their order."""

from typing import NamedTuple


class ChangeFeatures(NamedTuple):
    """The 14 measures of Kamei et al., "A Large-Scale Empirical Study of Just-in-Time Quality Assurance", IEEE TSE
    39(6), 2013, table 1, and three more features. No value is negative.

    ns, nd, nf: the number of changed subsystems (first folders), folders, and code files.
    entropy: the Shannon entropy of the changed lines over the files, in bits.
    la, ld: lines added and deleted.
    lt: lines of the files before the change.
    fix: 1 when the change is a fix, else 0.
    ndev: the number of people who changed these files before, and the author.
    age: the mean number of days since the last change of each file.
    nuc: the number of earlier changes of the files.
    exp: the number of earlier changes of the author.
    rexp: the sum of 1 / (n + 1) over these changes, where n is their age in whole years.
    sexp: the number of earlier changes of the author in the changed subsystems.
    recent_fixes: the number of fixes of the files in the 90 days before.
    own_share: the share of the lines of the files that the author wrote, 0 to 1.
    churn: the lines that earlier changes added to and deleted from the files.

    Only the history index has the last three. In other data sets they are always 0; models ignore constant features.
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
    churn: float = 0.0


FEATURES = ChangeFeatures._fields
KAMEI = FEATURES[:14]
