"""The snapshot `back-test`: the newest merged changes, analyzed as if they were new."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What the history shows of a remark afterwards.

    RIGHT: a later commit confirms it. UNCONFIRMED: none does within 90 days. TOO_YOUNG: the 90 days are not over.
    UNKNOWN: the history of the code cannot show it.
    """

    RIGHT = "right"
    UNCONFIRMED = "unconfirmed"
    TOO_YOUNG = "too_young"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedRemark:
    """A remark that a replayed change would have had.

    sha: of the replayed change.
    number: of its pull request, where the commit message has it.
    analyzer: the first part of `rule`.
    rule: of the remark.
    severity: of the remark.
    title: of the remark, as plain text.
    path: of the file; empty where the remark is on no file.
    verdict: what the history shows of the remark.
    came: sha of the commit that confirms the remark, if one does.
    """

    sha: str
    number: int | None
    analyzer: str
    rule: str
    severity: str
    title: str
    path: str
    verdict: Verdict
    came: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedThreshold:
    """A threshold at which one replayed change in ten would have a remark.

    setting: its name in `.github/gitinsight.yml`.
    now: the value that holds.
    proposed: the value to set.
    remarks: remarks with the value that holds.
    kept: remarks that would remain.
    reason: in one sentence.
    """

    setting: str
    now: int
    proposed: int
    remarks: int
    kept: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyzerVerdicts:
    """The verdicts on the remarks of one analyzer.

    analyzer: its name.
    remarks: how many there are.
    right: remarks that a later commit confirms.
    unconfirmed: remarks that none confirms within 90 days.
    too_young: remarks whose 90 days are not over.
    unknown: remarks that the history cannot show to be right.
    """

    analyzer: str
    remarks: int
    right: int
    unconfirmed: int
    too_young: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BackTest:
    """The newest merged changes, analyzed as if they were new.

    changes: replayed changes.
    spoken: replayed changes with at least one remark.
    failed: changes that could not be read.
    since: time of the oldest replayed change, Unix seconds; 0 without one.
    until: time of the newest replayed change, Unix seconds; 0 without one.
    remarks: of all replayed changes, those of the newest first.
    proposals: thresholds at which there would be fewer remarks.
    summary: in one or two sentences.
    by_analyzer: the verdicts, by the name of the analyzer.
    """

    changes: int
    spoken: int
    failed: int
    since: int
    until: int
    remarks: tuple[ReplayedRemark, ...]
    proposals: tuple[ProposedThreshold, ...]
    summary: str
    by_analyzer: tuple[AnalyzerVerdicts, ...]
