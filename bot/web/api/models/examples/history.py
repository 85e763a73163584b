"""The snapshots and the trends of a repository."""

from typing import Any

from bot.web.api.models import history as models
from bot.web.api.models.examples.names import BASE, FIX, HEAD, LATER

_SNAPSHOT: dict[str, Any] = {"as_of": HEAD, "created_at": LATER}
_FILE = "app/orders.py"
_SPAN = {"changes": 1450, "needed_fix": 246, "since": "2021-06-01", "until": "2025-05-20"}
_SCORES = {"auc": 0.71, "pr_auc": 0.38, "brier": 0.121, "brier_skill": 0.14, "ece": 0.021, "recall20": 0.44}
EXAMPLES: dict[type[object], Any] = {
    models.TrendsView: {
        "since": "2026-02-01",
        "until": "2026-03-02",
        "analyses": 12,
        "insights": 5,
        "days": [
            {
                "day": "2026-03-02",
                "analyses": 4,
                "failed": 0,
                "insights": {"medium": 1, "low": 2},
                "by_type": {"code_quality": 2, "tests": 1},
            }
        ],
        "metrics": _SNAPSHOT
        | {
            "until": "2026-03-01",
            "period": "month",
            "metrics": [
                {
                    "key": "changes",
                    "name": "Changes",
                    "definition": "Changes of the default branch per week. Bots do not count.",
                    "unit": "changes per week",
                    "source": "commits",
                    "standard": "CHAOSS: Code Changes Commits",
                    "url": "https://chaoss.community/kb/metric-code-changes-commits/",
                    "better": None,
                    "points": [{"start": "2026-02-01", "value": 9.25, "n": 37}],
                    "claimed": "up",
                    "reason": "",
                    "test": {
                        "since": "2023-03-01",
                        "until": "2026-02-28",
                        "periods": 36,
                        "n": 968,
                        "slope": 0.13,
                        "slope_low": 0.08,
                        "slope_high": 0.19,
                        "begin": 4.4,
                        "end": 8.95,
                        "autocorrelation": 0.34,
                        "p": 0.0001,
                        "p_adjusted": 0.0012,
                    },
                }
            ],
            "files": [],
            "files_tested": 24,
        },
    },
    models.HotspotsView: _SNAPSHOT
    | {
        "changes": 1812,
        "files": [
            {
                "path": _FILE,
                "revisions": 64,
                "revisions_year_before": 31,
                "churn": 2140,
                "lines": 812,
                "fixes": 17,
                "complexity": 1633,
                "score": 1.0,
            }
        ],
    },
    models.OwnershipView: _SNAPSHOT
    | {
        "bus_factor": 2,
        "bus_factor_people": ["Hubot", "The Octocat"],
        "authors": 23,
        "active_authors": 5,
        "inactive_after_days": 183,
        "files": [
            {
                "path": _FILE,
                "lines": 812,
                "people": 6,
                "main_author": "The Octocat",
                "main_share": 0.58,
                "minor_contributors": 3,
                "inactive_share": 0.12,
            }
        ],
    },
    models.CouplingView: _SNAPSHOT
    | {
        "changes": 1812,
        "pairs": [
            {
                "one": _FILE,
                "other": "app/prices.py",
                "together": 41,
                "changes": 64,
                "confidence": 0.64,
                "lift": 9.2,
                "examples": [FIX, BASE],
            }
        ],
    },
    models.ModelCardView: _SNAPSHOT
    | {
        "changes": 1812,
        "needed_fix": 301,
        "within_days": 90,
        "said": {"changes": 214, "needed_fix": 35, "mean_probability": 0.17, "brier": 0.124},
        "model_version": "own-1812",
        "summary": "Learned from 1,450 changes and tested on 362 later ones.",
        "scores": [{"name": "this model", **_SCORES}],
        "basis": "model",
        "compared": [
            {
                "basis": "lines changed",
                "changes": 640,
                "needed_fix": 98,
                "auc": 0.78,
                "baseline_auc": 0.71,
                "low": 0.03,
                "high": 0.11,
            }
        ],
        "quarters": [{"least": 1, "most": 4, "changes": 91, "needed_fix": 6, "auc": 0.66}],
        "judged_model": "own-1450",
        "learned": _SPAN,
        "judged": 362,
        "judged_part": {"changes": 362, "needed_fix": 55, "since": "2025-05-21", "until": "2025-12-02"},
        "calibration": [{"predicted": 0.14, "observed": 0.16, "count": 122, "low": 0.1, "high": 0.2}],
        "points": [{"when": 1764633600, "probability": 0.21, "needed_fix": False, "sha": BASE}],
    },
    models.BackTestView: _SNAPSHOT
    | {
        "changes": 200,
        "spoken": 38,
        "failed": 0,
        "since": 1748736000,
        "until": 1764633600,
        "remarks": [
            {
                "sha": BASE,
                "number": 31,
                "analyzer": "complexity",
                "rule": "complexity/function-grew",
                "severity": "medium",
                "title": "In settle, the cognitive complexity grew from 14 to 31",
                "path": _FILE,
                "verdict": "right",
                "came": FIX,
            }
        ],
        "proposals": [
            {
                "setting": "thresholds.cognitive",
                "now": 20,
                "proposed": 28,
                "remarks": 34,
                "kept": 19,
                "reason": "More than one change in ten had this remark.",
            }
        ],
        "summary": "Of the last 200 merged changes, 38 would have had a remark.",
        "by_analyzer": [
            {
                "analyzer": "complexity",
                "remarks": 34,
                "right": 15,
                "unconfirmed": 12,
                "too_young": 4,
                "unknown": 3,
            }
        ],
    },
}
