"""A snapshot of each kind."""

from dataclasses import replace
from datetime import date

from bot.domain.back_test import AnalyzerVerdicts, BackTest, ProposedThreshold, ReplayedRemark, Verdict
from bot.domain.file_details import FileCompanion, FileDetail, FileDetails, FileFix, FileMonth, FileOwner
from bot.domain.history import Basis
from bot.domain.model_card import (
    CalibrationBin,
    ChangeSpan,
    Comparison,
    JudgedChange,
    ModelCard,
    ModelScores,
    PredictionRecord,
    SizeQuarter,
)
from bot.domain.snapshots import (
    CoupledPair,
    Coupling,
    HotspotFile,
    Hotspots,
    IndexingProgress,
    OwnedFile,
    Ownership,
    SnapshotContent,
)
from bot.domain.trends import FileTrend, MetricTrend, TrendPoint, Trends, TrendTest
from tests.patterns.samples import PATTERNS

HOT = HotspotFile(
    path="app/core.py",
    revisions=12,
    revisions_year_before=1,
    churn=5,
    lines=9,
    fixes=3,
    complexity=4,
    score=0.5,
)
HOTSPOTS = Hotspots(changes=61, files=(HOT, replace(HOT, path="app/other.bin", complexity=None, score=0.0)))
OWNERSHIP = Ownership(
    bus_factor=1,
    bus_factor_people=("Ann",),
    authors=9,
    active_authors=4,
    inactive_after_days=183,
    files=(
        OwnedFile(
            path="app/core.py",
            lines=9,
            people=2,
            main_author="Ann",
            main_share=0.9,
            minor_contributors=1,
            inactive_share=0.0,
        ),
        OwnedFile(
            path="app/empty.py",
            lines=0,
            people=0,
            main_author=None,
            main_share=None,
            minor_contributors=0,
            inactive_share=0.0,
        ),
    ),
)
PAIR = CoupledPair(
    one="app/core.py",
    other="app/schema.py",
    together=9,
    changes=10,
    confidence=0.9,
    lift=4.0,
    examples=("c" * 40, "d" * 40),
)
COUPLING = Coupling(changes=61, pairs=(PAIR,))
CARD = ModelCard(
    changes=9,
    needed_fix=2,
    within_days=90,
    said=PredictionRecord(changes=0, needed_fix=0, mean_probability=None, brier=None),
    model_version="own",
    summary="There is too little history.",
    scores=(),
)
SPAN = ChangeSpan(changes=9, needed_fix=2, since=date(2026, 1, 2), until=date(2026, 2, 3))
JUDGED = replace(
    CARD,
    said=PredictionRecord(changes=3, needed_fix=1, mean_probability=0.25, brier=0.1),
    summary="Learned from 9 changes.",
    scores=(
        ModelScores(
            name="this model",
            auc=0.8,
            pr_auc=0.5,
            brier=0.1,
            brier_skill=0.2,
            ece=0.05,
            recall20=0.3,
            size_correlation=0.4,
        ),
    ),
    judged_model="own-9",
    learned=SPAN,
    judged=9,
    judged_part=SPAN,
    basis=Basis.MODEL,
    quarters=(
        SizeQuarter(least=1, most=4, changes=5, needed_fix=0, auc=None),
        SizeQuarter(least=5, most=90, changes=60, needed_fix=12, auc=0.61),
    ),
    compared=(Comparison(basis=Basis.LINES, changes=90, needed_fix=20, auc=0.8, baseline_auc=0.7, low=0.02, high=0.2),),
    calibration=(CalibrationBin(predicted=0.1, observed=0.2, count=9, low=0.0, high=0.1),),
    points=(
        JudgedChange(when=1_600_000_000, probability=0.1, needed_fix=False, sha="a" * 40),
        JudgedChange(when=1_600_100_000, probability=0.4, needed_fix=True, sha="b" * 40),
    ),
)
BACK_TEST = BackTest(
    changes=30,
    spoken=1,
    failed=0,
    since=1_600_000_000,
    until=1_600_100_000,
    remarks=(
        ReplayedRemark(
            sha="a" * 40,
            number=7,
            analyzer="complexity",
            rule="complexity/function-grew",
            severity="low",
            title="settle became harder to follow",
            path="app/core.py",
            verdict=Verdict.TOO_YOUNG,
            came=None,
        ),
    ),
    proposals=(
        ProposedThreshold(
            setting="thresholds.cognitive", now=15, proposed=22, remarks=4, kept=3, reason="it is too often"
        ),
    ),
    summary="Of the last 30 merged changes, 1 would have had a remark.",
    by_analyzer=(AnalyzerVerdicts(analyzer="complexity", remarks=1, right=0, unconfirmed=0, too_young=1, unknown=0),),
)
POINTS = tuple(
    TrendPoint(start=date(2023 + month // 12, month % 12 + 1, 1), value=2.0 + month / 10, n=9) for month in range(36)
)
RISING = TrendTest(
    since=date(2023, 1, 1),
    until=date(2025, 12, 31),
    periods=36,
    n=324,
    slope=0.1,
    slope_low=0.08,
    slope_high=0.13,
    begin=2.0,
    end=5.5,
    autocorrelation=0.3,
    p=0.0001,
    p_adjusted=0.0003,
)
ACTIVITY = MetricTrend(
    key="changes",
    name="Changes",
    definition="Changes of the default branch per week. Bots do not count.",
    unit="changes per week",
    source="commits",
    standard="CHAOSS: Code Changes Commits",
    url="https://chaoss.community/kb/metric-code-changes-commits/",
    points=POINTS,
    claimed="up",
    test=RISING,
)
STEADY = replace(ACTIVITY, key="fix-share", unit="share", claimed=None, reason="It varies no more than by chance.")
UNSYNCED = MetricTrend(
    key="issue-age",
    name="Issue age",
    definition="The median age of open issues.",
    unit="days",
    source="issues",
    better="down",
    reason="The issues of this repository are not synced from GitHub yet.",
)
RISING_FILE = FileTrend(path="app/core.py", changes=12, changes_year_before=1, claimed="up", points=POINTS, test=RISING)
TRENDS = Trends(
    until=date(2026, 1, 1),
    period="month",
    metrics=(ACTIVITY, STEADY, UNSYNCED),
    files=(RISING_FILE,),
    files_tested=2,
)
CORE = FileDetail(
    path="app/core.py",
    first_change=date(2024, 3, 4),
    months=(
        FileMonth(start=date(2025, 11, 1), changes=0, fixes=0),
        FileMonth(start=date(2025, 12, 1), changes=5, fixes=2),
    ),
    owners=(FileOwner(name="Ann", lines=8, share=0.9, changes=4, last_active=date(2025, 12, 3), is_active=True),),
    people=2,
    companions=(FileCompanion(path="app/other.bin", together=4, changes=5, lift=3.5),),
    fixes=(FileFix(sha="c" * 40, on=date(2025, 12, 2), subject="Fix the core", pull=12),),
)
FILES = FileDetails(files=(CORE,), inactive_after_days=183)
EVERY_KIND: tuple[SnapshotContent, ...] = (
    HOTSPOTS,
    OWNERSHIP,
    COUPLING,
    JUDGED,
    BACK_TEST,
    IndexingProgress(status="running", done=3, total=1000),
    TRENDS,
    PATTERNS,
    FILES,
)
