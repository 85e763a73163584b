"""A report as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), for code scanning.

GitHub refuses a whole file because of one result without a location, and reads `help`, `security-severity` and the tags
of a rule (docs.github.com, "SARIF support for code scanning").
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from bot.domain.insights import Insight, InsightType, Location, Severity, Standing
from bot.report.selection import Selection
from bot.text import without_spans

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# GitHub's limits: results per run; tags per rule; characters of a rule's description.
_MAX_RESULTS, _MAX_TAGS, _MAX_DESCRIPTION = 5_000, 10, 1_024
_MAX_MESSAGE = 10_000
_LEVEL = {
    Severity.INFO: "note",
    Severity.LOW: "note",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}
# In the middle of GitHub's ranges: over 9.0 critical, from 7.0 high, from 4.0 medium, below low.
_SECURITY_SEVERITY = {
    Severity.INFO: "0.5",
    Severity.LOW: "2.0",
    Severity.MEDIUM: "5.5",
    Severity.HIGH: "8.0",
    Severity.CRITICAL: "9.5",
}
_PROBLEM_SEVERITY = {"note": "recommendation", "warning": "warning", "error": "error"}
_PRECISION = ((0.9, "very-high"), (0.75, "high"), (0.5, "medium"), (0.0, "low"))
# Where a remark on the change as a whole is shown if no file of it is at the head.
_NO_FILE = "README.md"
_HELP = (
    ("collision", "Another open pull request changes the same code. Whoever merges second has to reconcile both."),
    ("complexity", "A function is harder to follow than the threshold allows. Split it, or flatten its branches."),
    ("coupling", "In the history of this repository these files usually change together. Check the one that did not."),
    ("dependency", "A manifest or a lock file changes what is installed. Check that this is intended."),
    ("hotspots", "A file that changes often and is complex became more complex. Faults gather in such files."),
    ("ownership", "Nobody who is active knows this code well. Ask for a second reviewer."),
    ("risk", "Past changes of this repository that were like this one needed a fix more often than others."),
    ("security", "A security rule matches code that this change adds. Change the code, or say why it is safe."),
    ("size", "The change is larger than most changes of this repository. A smaller one is reviewed more thoroughly."),
    ("split", "The change consists of parts that are independent of each other. They can be reviewed one by one."),
    ("tests", "Production code grows without a test. Most changes like it come with one in this repository."),
)


def as_sarif(chosen: Selection) -> dict[str, Any]:
    """The remarks as SARIF results; other insights have no place in it. Every result has a location."""
    report = chosen.report
    remarks = [remark for remark in chosen.remarks if remark.standing is Standing.REMARK][:_MAX_RESULTS]
    rules = list(dict.fromkeys(remark.rule for remark in remarks))
    elsewhere = Location(report.place or _NO_FILE, 1, 1)
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "GitInsight",
                        "semanticVersion": report.engine.rpartition(" ")[2],
                        "rules": [_rule(rule, [one for one in remarks if one.rule == rule]) for rule in rules],
                    }
                },
                "automationDetails": {"id": "gitinsight/"},
                "results": [_result(remark, rules, elsewhere) for remark in remarks],
                "columnKind": "unicodeCodePoints",
            }
        ],
    }


def _rule(rule: str, remarks: Sequence[Insight]) -> dict[str, Any]:
    """Describe a rule. A security rule has the severity of its worst remark."""
    family, _, name = rule.partition("/")
    worst = max((remark.severity for remark in remarks), key=lambda severity: severity.rank)
    text = next((text for known, text in _HELP if known == family), f"GitInsight has a remark of the rule {rule}.")
    is_security = remarks[0].type is InsightType.SECURITY
    tags = dict.fromkeys(
        [*(["security"] if is_security else []), family, *(tag for one in remarks for tag in one.tags)]
    )
    properties: dict[str, Any] = {
        "tags": list(tags)[:_MAX_TAGS],
        "precision": next(word for least, word in _PRECISION if remarks[0].confidence.score >= least),
        "problem.severity": _PROBLEM_SEVERITY[_LEVEL[worst]],
    }
    if is_security:
        properties["security-severity"] = _SECURITY_SEVERITY[worst]
    url = remarks[0].evidence.get("url")
    link = {"helpUri": url} if isinstance(url, str) and url.startswith("https://") else {}
    more = f" See {url}." if link else ""
    return {
        "id": rule,
        "name": rule,
        "shortDescription": {"text": f"{family.capitalize()}: {name.replace('-', ' ') or rule}"[:_MAX_DESCRIPTION]},
        "fullDescription": {"text": text[:_MAX_DESCRIPTION]},
        "help": {"text": f"{text}{more}"},
        "defaultConfiguration": {"level": _LEVEL[worst]},
        "properties": properties,
        **link,
    }


def _result(remark: Insight, rules: Sequence[str], elsewhere: Location) -> dict[str, Any]:
    message = (remark.title + ".", remark.description, remark.remedy)
    places = [place for place in remark.locations[:1] if place.path] or [elsewhere]
    return {
        "ruleId": remark.rule,
        "ruleIndex": rules.index(remark.rule),
        "level": _LEVEL[remark.severity],
        "message": {"text": " ".join(without_spans(text) for text in message if text)[:_MAX_MESSAGE]},
        "locations": [_location(place) for place in places],
        # GitHub tells results of two uploads apart by `primaryLocationLineHash` only.
        "partialFingerprints": {
            "primaryLocationLineHash": f"{remark.fingerprint}:1",
            "gitinsight/v1": remark.fingerprint,
        },
        "properties": {
            "confidence": remark.confidence.score,
            "severity": remark.severity.value,
            "evidence": dict(remark.evidence),
        },
    }


def _location(place: Location) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(place.path), "uriBaseId": "%SRCROOT%"},
            "region": {
                "startLine": max(1, place.start_line),
                "endLine": max(1, place.start_line, place.end_line),
            },
        }
    }
