"""What the snapshots of a whole repository are worth saying, and what they are not."""

from bot.domain.past import Past
from bot.domain.snapshots import CoupledPair, Coupling, HotspotFile, Hotspots, OwnedFile, Ownership
from bot.insights.history import (
    coupling_insights,
    hotspot_insights,
    ownership_insights,
)
from bot.insights.whole import found_insights

HOSTILE = "`</code>[x](javascript:1)"


def hot(path: str, revisions: int = 40, before: int = 30, fixes: int = 6, score: float = 0.9) -> HotspotFile:
    return HotspotFile(
        path=path,
        revisions=revisions,
        revisions_year_before=before,
        churn=100,
        lines=200,
        fixes=fixes,
        complexity=9,
        score=score,
    )


def owned(path: str, inactive: float, lines: int = 200) -> OwnedFile:
    return OwnedFile(
        path=path,
        lines=lines,
        people=2,
        main_author="Ann",
        main_share=0.9,
        minor_contributors=1,
        inactive_share=inactive,
    )


def pair(one: str, other: str, confidence: float = 0.9, together: int = 9) -> CoupledPair:
    return CoupledPair(
        one=one, other=other, together=together, changes=10, confidence=confidence, lift=4.0, examples=()
    )


def hotspots(*files: HotspotFile) -> Hotspots:
    return Hotspots(changes=99, files=files)


def ownership(*files: OwnedFile, bus_factor: int | None = None, active: int = 4) -> Ownership:
    return Ownership(
        bus_factor=bus_factor,
        bus_factor_people=("Ann",),
        authors=9,
        active_authors=active,
        inactive_after_days=183,
        files=files,
    )


def coupling(*pairs: CoupledPair) -> Coupling:
    return Coupling(changes=99, pairs=pairs)


def test_nothing_is_said_of_nothing() -> None:
    assert found_insights(Past()) == []
    assert found_insights(Past(hotspots=hotspots(), ownership=ownership(), coupling=coupling())) == []


def test_hotspots_need_changes_and_complexity() -> None:
    [said] = hotspot_insights(hotspots(hot("a.py"), hot("b.py", revisions=9), hot("c.py", score=0.0)))
    assert said.title == "`a.py` is a hotspot: 40 changes in a year"
    assert (said.severity, said.evidence["changes"], said.evidence["path"]) == ("medium", 99, "a.py")


def test_few_who_know_and_authors_who_are_gone() -> None:
    files = owned("a.py", 0.8), owned("b.py", 0.5), owned("c.py", 1.0, lines=10)
    few, gone = ownership_insights(ownership(*files, bus_factor=1))
    assert (few.rule, gone.rule) == ("repository/bus-factor", "repository/authors-gone")
    assert few.evidence == {"bus_factor": 1, "authors": 9, "active_authors": 4}
    assert gone.evidence["path"] == "a.py" and "in the last 183 days" in gone.description
    # One person's own project has no bus to fear, and a team no single driver.
    assert ownership_insights(ownership(bus_factor=1, active=1)) == []
    assert ownership_insights(ownership(bus_factor=3)) == []


def test_only_strong_pairs() -> None:
    pairs = pair("a", "b"), pair("a", "c", confidence=0.5), pair("a", "d", together=3)
    assert [one.evidence["other"] for one in coupling_insights(coupling(*pairs))] == ["b"]


def test_names_of_strangers_stay_in_code_spans() -> None:
    pairs = coupling(pair(HOSTILE, HOSTILE + "2"))
    known = Past(hotspots=hotspots(hot(HOSTILE, 40, 10)), ownership=ownership(owned(HOSTILE, 0.9)), coupling=pairs)
    insights = found_insights(known)
    assert len(insights) == 3
    assert len({one.fingerprint for one in insights}) == len(insights)
    for said in insights:
        assert "`` `</code>[x](javascript:1)" in said.title
