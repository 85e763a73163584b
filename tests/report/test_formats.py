"""JSON, SARIF and the terminal."""

import io
import json
import lzma
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest
from rich.console import Console

from bot.domain.change import LeftOut
from bot.domain.insights import InsightType, Location, Severity, Standing
from bot.report.formats import as_json
from bot.report.sarif import as_sarif
from bot.report.selection import Selection
from bot.report.terminal import print_report
from tests.report.making import HOSTILE, insight, selection

SCHEMA = Path(__file__).parents[1] / "contract" / "sarif-2.1.0.json.xz"


@cache
def sarif_schema() -> Any:
    return jsonschema_rs.validator_for(json.loads(lzma.decompress(SCHEMA.read_bytes())), validate_formats=True)


def said(made: Selection, width: int = 100) -> str:
    out = io.StringIO()
    print_report(made, Console(file=out, width=width, force_terminal=False))
    return out.getvalue()


@pytest.mark.parametrize("name", [name for name in HOSTILE if "\ud800" not in name])
def test_sarif_is_valid_whatever_things_are_called(name: str) -> None:
    made = selection(
        insight(name, path=name or "empty", severity=Severity.CRITICAL),
        insight(name, path=None, number=1),
        insight(name, standing=Standing.NOTE, number=2),
        insight(name, locations=(Location("a.py", 9, 3),), number=3),
    )
    document = orjson.loads(orjson.dumps(as_sarif(made)))
    assert [error.message for error in sarif_schema().iter_errors(document)] == []


def test_the_schema_refuses_what_is_no_sarif() -> None:
    document = as_sarif(selection(insight()))
    document["runs"][0]["results"][0]["level"] = "grave"
    assert not sarif_schema().is_valid(document)


def test_sarif_has_one_result_per_remark() -> None:
    made = selection(
        insight(severity=Severity.LOW, path="a b/ü#?.py", number=1),
        insight(severity=Severity.HIGH, rule="security/S602", path=None, number=2),
        insight(standing=Standing.PRAISE, number=3),
    )
    (run,) = as_sarif(made)["runs"]
    assert run["tool"]["driver"]["semanticVersion"] == "1.2.3"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["security/S602", "complexity/function-grew"]
    high, low = run["results"]
    assert (high["level"], high["ruleId"], high["ruleIndex"]) == ("error", "security/S602", 0)
    assert (low["level"], low["ruleIndex"]) == ("note", 1)
    place = low["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b/%C3%BC%23%3F.py"
    assert place["region"] == {"startLine": 3, "endLine": 23}
    assert low["partialFingerprints"] == {
        "gitinsight/v1": f"{1:016x}",
        "primaryLocationLineHash": f"{1:016x}:1",
    }
    assert low["message"]["text"].startswith("settle became harder to follow. The cognitive complexity of settle")


def test_every_result_of_sarif_has_a_place_and_every_rule_has_help() -> None:
    security: dict[str, Any] = {
        "type": InsightType.SECURITY,
        "rule": "security/S602",
        "evidence": {"url": "https://docs.example.org/S602"},
    }
    made = selection(
        insight(severity=Severity.HIGH, path=None, number=1),
        insight(severity=Severity.MEDIUM, number=2, **security),
        insight(severity=Severity.CRITICAL, number=3, **security),
    )
    for place, uri in (("app/big table.py", "app/big%20table.py"), ("", "README.md")):
        document = as_sarif(replace(made, report=replace(made.report, place=place)))
        assert not list(sarif_schema().iter_errors(document))
        (run,) = document["runs"]
        places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
        assert sorted(one["artifactLocation"]["uri"] for one in places) == sorted([uri, "app/core.py", "app/core.py"])
    first, second = run["tool"]["driver"]["rules"]
    assert (first["id"], first["helpUri"]) == ("security/S602", "https://docs.example.org/S602")
    assert (first["properties"]["security-severity"], first["properties"]["tags"][0]) == ("9.5", "security")
    assert "security-severity" not in second["properties"]
    assert all(rule["help"]["text"] and rule["fullDescription"]["text"] for rule in (first, second))


def test_json_has_everything() -> None:
    made = selection(
        insight(severity=Severity.HIGH),
        insight(standing=Standing.NOTE, number=1),
        left_out=[LeftOut("logo.png", "binary")],
        problem="line 2: …",
        gate=Severity.HIGH,
    )
    document = orjson.loads(orjson.dumps(as_json(made)))
    assert {key: value for key, value in document.items() if key != "insights"} == {
        "verdict": "1 remark on 4 files, of high severity.",
        "conclusion": "failure",
        "repository": "octo/project",
        "head_sha": "a" * 40,
        "merge_base": "b" * 40,
        "engine": "gitinsight 1.2.3",
        "files_analyzed": 4,
        "config_problem": "line 2: …",
        "left_out": [{"path": "logo.png", "reason": "binary"}],
    }
    assert [one["standing"] for one in document["insights"]] == ["remark", "note"]
    assert document["insights"][0] == {
        "type": "code_quality",
        "rule": "complexity/function-grew",
        "standing": "remark",
        "title": "`settle` became harder to follow",
        "description": "The cognitive complexity of `settle` went from 4 to 25.",
        "way_out": "Move the loop of `settle` into a function of its own.",
        "severity": "high",
        "confidence_score": 0.9,
        "confidence_reason": "counted in both versions",
        "data": {"before": 4, "after": 25},
        "tags": ["complexity"],
        "locations": [{"path": "app/core.py", "start_line": 3, "end_line": 23}],
        "fingerprint": "0" * 16,
    }


def test_the_terminal_shows_remarks_as_the_check_does_and_what_was_left_out() -> None:
    made = selection(
        *(insight(f"function_{number}", number=number) for number in range(12)),
        insight("better", standing=Standing.PRAISE),
        insight("broken", standing=Standing.FAILURE),
        insight(standing=Standing.NOTE),
        left_out=[LeftOut("logo.png", "binary")],
        problem="`.github/gitinsight.yml`, line 2: unknown key",
    )
    shown = said(made)
    assert shown.splitlines()[0] == "● 12 remarks on 4 files, the worst of medium severity."
    assert "medium  function_0 became" in shown
    assert [f"also app/core.py:3  function_{number} became" in shown for number in range(1, 12)].count(True) == 5
    assert "and 6 more of this kind" in shown
    for part in (
        "app/core.py:3",
        "→ Move the loop",
        "+ better became",
        "! broken became",
        "1 file not analyzed",
        "logo.png: binary",
        ".github/gitinsight.yml, line 2: unknown key",
        "4 files · gitinsight 1.2.3 · 1 minor note,",
    ):
        assert part in shown


def test_the_terminal_names_the_kinds_of_remarks_that_have_no_room() -> None:
    kinds = [replace(insight(f"kind_{number}", number=number), rule=f"size/{number}") for number in range(13)]
    shown = said(selection(*kinds))
    assert shown.count("→ Move the loop") == 10
    assert "3 more remarks" in shown
    assert all(f"kind_{number} became" in shown for number in range(13))


def test_wrapped_lines_keep_their_indent() -> None:
    made = selection(
        insight("long " * 30), insight("other " * 30, number=1), insight("fast " * 30, standing=Standing.PRAISE)
    )
    lines = said(made, width=40).splitlines()
    first = lines.index(next(line for line in lines if line.startswith("  medium  long")))
    last = lines.index(next(line for line in lines if line.startswith("+ fast")))
    assert all(not line or line.startswith(" " * 10) for line in lines[first + 1 : last])
    assert any(line.startswith(" " * 15) for line in lines[first + 1 : last])  # beside `also`
    assert lines[last + 1].startswith("  fast")


def test_rich_reads_no_markup_out_of_names() -> None:
    name = "[bold red]x[/bold red][/nonsense][link=http://evil.example]y[/link]"
    shown = said(selection(insight(name, path=name), left_out=[LeftOut(name, "binary")]), width=400)
    assert shown.count(name) >= 4


@pytest.mark.parametrize("name", HOSTILE)
def test_no_control_character_reaches_the_terminal(name: str) -> None:
    shown = said(selection(insight(name, path=name), left_out=[LeftOut(name, "binary")]))
    assert all(line.isprintable() for line in shown.split("\n"))


@pytest.mark.parametrize(
    ("made", "mark"), [(selection(), "✓"), (selection(insight(), gate=Severity.LOW), "✗"), (selection(files=0), "–")]
)
def test_the_first_mark_is_the_conclusion(made: Selection, mark: str) -> None:
    assert said(made).startswith(f"{mark} ")
