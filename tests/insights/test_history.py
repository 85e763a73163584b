"""What the snapshots of a whole repository are worth saying, and what they are not."""

from typing import Any

from bot.domain.insights import InsightType
from bot.insights.history import coupling, hotspots, of_history, ownership, trends
from bot.insights.recommendations import recommendations

HOSTILE = "`</code>[x](javascript:1)"


def hot(path: str, revisions: int = 40, before: int = 30, fixes: int = 6, score: float = 0.9) -> dict[str, Any]:
    return {
        "path": path,
        "revisions": revisions,
        "revisions_year_before": before,
        "churn": 100,
        "lines": 200,
        "fixes": fixes,
        "complexity": 9,
        "score": score,
    }


def owned(path: str, inactive: float, lines: int = 200) -> dict[str, Any]:
    return {
        "path": path,
        "lines": lines,
        "people": 2,
        "main_author": "Ann",
        "main_share": 0.9,
        "minor_contributors": 1,
        "inactive_share": inactive,
    }


def pair(one: str, other: str, confidence: float = 0.9, together: int = 9) -> dict[str, Any]:
    return {
        "one": one,
        "other": other,
        "together": together,
        "changes": 10,
        "confidence": confidence,
        "lift": 4.0,
        "examples": [],
    }


def test_nothing_is_said_of_nothing() -> None:
    assert of_history({}) == []
    assert recommendations({}) == []
    empty: dict[str, dict[str, Any]] = {
        "hotspots": {"changes": 0, "files": []},
        "ownership": {"files": []},
        "coupling": {"pairs": []},
    }
    assert of_history(empty) == []


def test_hotspots_need_changes_and_complexity() -> None:
    content = {"changes": 99, "files": [hot("a.py"), hot("b.py", revisions=9), hot("c.py", score=0.0)]}
    [said] = hotspots(content)
    assert said.title == "`a.py` is a hotspot: 40 changes in a year"
    assert (said.severity, said.evidence["changes"]) == ("medium", 99)


def test_few_who_know_and_authors_who_are_gone() -> None:
    content = {
        "bus_factor": 1,
        "authors": 9,
        "active_authors": 4,
        "inactive_after_days": 183,
        "files": [owned("a.py", 0.8), owned("b.py", 0.5), owned("c.py", 1.0, lines=10)],
    }
    assert [one.rule for one in ownership(content)] == ["repository/bus-factor", "repository/authors-gone"]
    # One person's own project has no bus to fear, and a team no single driver.
    assert ownership(content | {"active_authors": 1, "files": []}) == []
    assert ownership(content | {"bus_factor": 3, "files": []}) == []


def test_only_strong_pairs_and_real_growth() -> None:
    pairs = [pair("a", "b"), pair("a", "c", confidence=0.5), pair("a", "d", together=3)]
    assert [one.evidence["other"] for one in coupling({"pairs": pairs})] == ["b"]
    files = [hot("a", 40, 10), hot("b", 40, 30), hot("c", 40, 2), hot("d", 60, 10)]
    assert [one.evidence["path"] for one in trends({"files": files})] == ["d", "a"]


def test_recommendations_need_two_reasons() -> None:
    contents = {
        "hotspots": {"files": [hot("a.py"), hot("b.py", fixes=0)]},
        "ownership": {"files": [owned("a.py", 0.6), owned("c.py", 0.9)]},
        "coupling": {"pairs": [pair("b.py", "d.py")]},
    }
    said = recommendations(contents)
    assert [one.evidence["reasons"].__len__() for one in said] == [3, 2]
    assert [one.locations[0].path for one in said] == ["a.py", "b.py"]
    assert {one.type for one in said} == {InsightType.RECOMMENDATION}


def test_names_of_strangers_stay_in_code_spans() -> None:
    contents: dict[str, dict[str, Any]] = {
        "hotspots": {"changes": 1, "files": [hot(HOSTILE, 40, 10)]},
        "ownership": {"files": [owned(HOSTILE, 0.9)]},
        "coupling": {"pairs": [pair(HOSTILE, HOSTILE + "2")]},
    }
    for said in [*of_history(contents), *recommendations(contents)]:
        assert "`` `</code>[x](javascript:1)" in said.title
        assert len({one.fingerprint for one in of_history(contents)}) == len(of_history(contents))
