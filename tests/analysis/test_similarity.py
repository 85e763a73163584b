"""Similar past changes: what is said of them, that it is a note, and that strangers' text stays in code spans."""

import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from bot.analysis.similarity import ANALYZER
from bot.domain.history import PastCommit
from bot.domain.insights import Insight, Severity, Standing
from bot.domain.periods import DAY
from bot.domain.similar import Similar, SimilarChange, SimilarItem
from tests.analysis.changes import NOW, change_of, said

PAST = SimilarChange(
    sha="a" * 40,
    when=NOW,
    subject="Expire entries of the cache (#7)",
    number=7,
    score=0.4321,
    text=0.5,
    files=("app/a.py", "app/b.py", "app/c.py", "app/d.py"),
    lines=1,
)


def later(days: int, subject: str = "Fix it") -> PastCommit:
    return PastCommit(f"{days:040d}", NOW + days * DAY, subject)


def told(*changes: SimilarChange, items: tuple[SimilarItem, ...] = ()) -> list[Insight]:
    return said(ANALYZER, replace(change_of(), similar=Similar(changes, items)))


def test_a_similar_change_is_a_note_with_its_evidence() -> None:
    [note] = told(PAST)
    assert note.title == "`Expire entries of the cache (#7)` changed the same place"
    assert note.description == (
        "It is pull request 7, commit aaaaaaaaaa. In common: `app/a.py`, `app/b.py`, `app/c.py` and 1 more."
    )
    assert (note.standing, note.severity, note.confidence.score) == (Standing.NOTE, Severity.INFO, 0.43)
    assert note.evidence["sha"] == PAST.sha
    assert note.evidence["fixes"] == []


@pytest.mark.parametrize(
    ("fixes", "reverted", "fate"),
    [
        ((), later(3), "reverted after 3 days"),
        ((), later(0), "reverted on the same day"),
        ((later(2),), later(1), "reverted after 1 day"),
        ((later(5),), None, "fixed after 5 days"),
        ((later(5), later(25)), None, "fixed twice, the last time after 25 days"),
        ((later(5), later(25), later(80)), None, "fixed 3 times, the last time after 80 days"),
    ],
)
def test_what_became_of_it_is_said(fixes: tuple[PastCommit, ...], reverted: PastCommit | None, fate: str) -> None:
    [note] = told(replace(PAST, fixes=fixes, reverted=reverted))
    assert note.title.endswith(f"changed the same place, and was {fate}")
    assert note.severity is Severity.LOW
    assert "What followed: " in note.description


@pytest.mark.parametrize(
    ("past", "words"),
    [
        (replace(PAST, replaced=3), "wrote 3 lines that this change replaces"),
        (replace(PAST, lines=0), "changed the same code"),
        (replace(PAST, lines=0, files=()), "did much the same elsewhere"),
    ],
)
def test_the_title_says_what_the_past_change_has_to_do_with_this_one(past: SimilarChange, words: str) -> None:
    [note] = told(past)
    assert note.title == f"`Expire entries of the cache (#7)` {words}"


def test_of_a_change_elsewhere_the_words_in_common_are_shown() -> None:
    past = replace(PAST, subject="fix(nix): a skipped entry stops the rest (#3)", lines=0, files=(), number=3)
    change = change_of(title="fix(cask): a skipped entry stops the rest")
    [note] = said(ANALYZER, replace(change, similar=Similar((past,), ())))
    assert note.description.endswith("Both titles say `a skipped entry stops the rest`.")


def test_text_of_strangers_stays_in_code_spans() -> None:
    evil = "`</code> @everyone <img src=x> [a](b) #1 \u202e\x00"
    fix = later(1, "@all fix #2")
    issue = SimilarItem(number=5, title=evil, is_pull=False, is_open=True, score=0.6)
    notes = told(replace(PAST, subject=evil, number=None, fixes=(fix,)), items=(issue,))
    for note in notes:
        html = MarkdownIt().render(f"{note.title}\n\n{note.description}")
        outside = re.sub(r"<code>.*?</code>", "", html)
        assert not re.search(r"everyone|@all|img|href|#", outside)
        assert "\u202e" not in note.title + note.description


def test_issues_and_pull_requests_are_said_without_a_mention() -> None:
    items = (
        SimilarItem(number=5, title="Cache grows", is_pull=False, is_open=True, score=0.6),
        SimilarItem(number=6, title="Expire entries", is_pull=True, is_open=True, score=0.6),
        SimilarItem(number=4, title="Expire entries", is_pull=True, is_open=False, score=0.6),
    )
    issue, pull, closed = told(items=items)
    assert issue.title == "This seems to be about open issue 5, which it does not name"
    assert pull.title == "Open pull request 6 seems to do the same"
    assert closed.title == "Closed pull request 4 seems to do the same"
    assert closed.description.endswith("It was closed without being merged.")
    assert len({issue.fingerprint, pull.fingerprint, closed.fingerprint}) == 3
    assert not any("#" in note.title + note.description for note in (issue, pull, closed))


def test_without_anything_similar_nothing_is_said() -> None:
    assert told() == []
