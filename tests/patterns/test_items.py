"""Patterns of issues and pull requests: what is planted is found, what is chance is not; hostile text is only text."""

import random
import time
from dataclasses import replace

import pytest

from bot.domain.issue_kinds import IssueKind
from bot.domain.items import Account
from bot.domain.patterns import IssueTopic, SlowReview
from bot.patterns.alike import duplicates, overlaps
from bot.patterns.selection import work_of
from bot.patterns.slow_reviews import slow_reviews
from bot.patterns.topics import topics
from bot.patterns.words import prose, singular, texts_of, words_of
from tests.patterns.projects import UNTIL, Made, noise

SUBJECTS = (
    "session cookie lost redirect",
    "tmux popup window flicker",
    "unicode filename encoding garbled",
    "proxy certificate handshake refused",
)


def spoken(per_topic: int = 25, others: int = 120, seed: int = 0) -> Made:
    """Issues on four subjects among others on nothing."""
    made = Made(seed)
    for number in range(per_topic):
        for subject in SUBJECTS:
            words = subject.split()
            made.random.shuffle(words)
            body = f"{made.text(25)} {' '.join(words)}"
            closed = {"closed_after": 12} if number % 3 else {}
            made.issue(f"{' '.join(words[:3])} {made.text(3)}", body, 900 - number * 30, **closed)
    for _ in range(others):
        made.issue(made.text(7), made.text(40), made.random.random() * 900, closed_after=3)
    return made


def topics_of(made: Made) -> tuple[IssueTopic, ...]:
    return topics(made.items, UNTIL)


def test_topics_are_named_by_the_words_that_their_issues_share() -> None:
    found = topics_of(spoken())
    named = {subject for subject in SUBJECTS for one in found if len(set(one.words) & set(subject.split())) >= 2}
    assert named == set(SUBJECTS)
    cookie = next(one for one in found if "cookie" in one.words)
    assert 20 <= cookie.issues <= 30 and cookie.open == pytest.approx(cookie.issues / 3, abs=3)
    assert cookie.days_to_close == 12.0 and cookie.usual_days_to_close is not None
    assert cookie.growth is None or cookie.low is None or cookie.low < 1  # spread evenly


def test_the_same_issues_give_the_same_topics_in_any_order() -> None:
    made = spoken()
    found = topics_of(made)
    random.Random(1).shuffle(made.items)
    assert topics_of(made) == found


def test_a_topic_grows_only_if_its_share_does() -> None:
    made = spoken(per_topic=2, others=300)
    for number in range(30):
        made.issue(f"session cookie {made.text(3)}", "the session cookie is lost", number * 5)
    grown = next(one for one in topics_of(made) if "cookie" in one.words)
    assert grown.low is not None and grown.low > 1 and grown.recent >= 30


def test_few_issues_and_issues_on_nothing_have_no_topic() -> None:
    assert topics_of(spoken(per_topic=4, others=20)) == ()
    assert [topics_of(noise(seed, changes=1, items=500)) for seed in range(10)] == [()] * 10


HOSTILE = [
    "",
    "x" * 60_000,
    "<!--" * 15_000,
    "](" * 30_000,
    "`" * 60_000,
    "```\n" * 15_000,
    "@everyone " * 6_000,
    "\0\x1b[31m\u202e\u2066rtl\u2069\u200b" * 3_000,
    "<script>alert(1)</script> [x](javascript:alert(1))",
    "العربية النص من اليمين إلى اليسار " * 1_500,
    "日本語のテキストがここにあります" * 3_000,
    "\ud800 lone surrogate",
    "&lt;" * 15_000,
    "a-" * 30_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_read_quickly(text: str) -> None:
    begin = time.process_time()
    words_of(" ".join(texts_of([(text, text)])))
    assert time.process_time() - begin < 0.3


def test_issues_of_hostile_text_break_nothing() -> None:
    made = spoken()
    for number, text in enumerate(HOSTILE * 4):
        made.issue(text[:1000], text[:8000], number)
        made.pull(text[:1000], text[:8000], number)
    assert {"cookie", "tmux"} <= {word for one in topics_of(made) for word in one.words}
    duplicates(made.items)
    overlaps(made.items, UNTIL)
    only = Made()
    for _ in range(60):
        only.issue("", "```code only```")
    assert topics_of(only) == () and duplicates(only.items) == ()


def test_only_sentences_of_a_person_are_prose() -> None:
    body = """### Steps
It crashes in `CliRunner` and `a + b`. Ask @ann, see https://example.org/x?y=1 or
[this](http://x.y/z) &amp; <b>that</b>.
<!-- please do not
delete --> The cookie is lost.
```python
import os
```
    indented.code()
> quoted text
  File "x.py", line 3
2024-05-01 10:00:00 ERROR boom
Traceback (most recent call last):
Co-authored-by: Ann <ann@example.org>
"""
    said = " ".join(prose(body))
    assert "CliRunner" in said and "The cookie is lost." in said
    for left_out in ("a + b", "ann", "https", "delete", "import", "indented", "quoted", "boom", "Traceback", "amp"):
        assert left_out not in said


def test_lines_of_a_template_are_left_out_in_any_language() -> None:
    items = [(f"title {number}", f"Was ist passiert?\nBericht {number} kaputt") for number in range(20)]
    assert all("passiert" not in text and "kaputt" in text for text in texts_of(items))


def test_plurals_are_one_word() -> None:
    assert [singular(word) for word in ("cookies", "class", "status", "windows", "données", "bus")] == [
        "cookie",
        "class",
        "status",
        "window",
        "données",
        "bus",
    ]


def reviewed(*, days: float = 30, count: int = 25, labels: tuple[str, ...] = ("speed",), bot: bool = False) -> Made:
    """Pull requests with a label that wait longer than others."""
    made = Made()
    chance = made.random
    for number in range(80):
        made.pull(f"Change {number}", "", number * 10, merged_after=chance.expovariate(0.5))
    for number in range(count):
        author = Account(number, "robot[bot]", is_bot=True) if bot else Account(7, "ann")
        made.pull(f"Faster {number}", "", number * 20, merged_after=days + number / 10, labels=labels, author=author)
    return made


def slow(made: Made) -> tuple[SlowReview, ...]:
    return slow_reviews(made.project, work_of(made.project, made.changed), made.changed)


def test_a_label_whose_pull_requests_wait_longer_is_found() -> None:
    (found,) = slow(reviewed())
    assert (found.measure, found.group, found.value, found.pulls, found.rest) == ("merge", "label", "speed", 25, 80)
    assert found.low > 25 and found.rest_days < 3 and found.open == 0
    assert all("Faster" in example.title for example in found.examples)


@pytest.mark.parametrize("made", [reviewed(days=0.1), reviewed(count=14), reviewed(labels=()), reviewed(bot=True)])
def test_usual_few_unlabelled_and_automatic_pull_requests_say_nothing(made: Made) -> None:
    assert slow(made) == ()


def test_an_area_and_a_size_come_from_the_change_that_merged() -> None:
    made = reviewed(count=0)
    screen, core = made.file("screen/draw.py"), made.file("core/main.py")
    for item in made.items:
        made.change([core], 10, pull=item.number)
    for number in range(25):
        item = made.pull(f"Draw {number}", "", 20 + number * 20, merged_after=40)
        made.change([screen], 10, pull=item.number, added=700)
    found = {(one.group, one.value) for one in slow(made)}
    assert found == {("area", "screen/"), ("size", "50")}


def test_the_first_answer_is_by_somebody_else() -> None:
    made = Made()
    for number in range(80):
        made.respond(made.pull(f"Change {number}", "", number * 5, merged_after=60), 1, Account(1_000, "ann"))
    for number in range(25):
        item = made.pull(f"Faster {number}", "", number * 5, merged_after=60, labels=("speed",))
        made.respond(item, 0.1, item.author)
        made.respond(item, 0.2, Account(1_001, "robot[bot]", is_bot=True))
        made.respond(item, 0.3, None)
        made.respond(item, 20, Account(1_000, "ann"))
    (found,) = slow(made)
    assert (found.measure, found.value, found.days, found.rest_days) == ("first_response", "speed", 20.0, 1.0)


def test_chance_has_hardly_any_slow_review() -> None:
    assert sum(bool(slow(noise(seed, changes=200, items=500))) for seed in range(30)) < 5


def test_open_items_with_like_texts_may_be_duplicates() -> None:
    made = spoken()
    one = made.issue("Progress bar flickers on Windows terminal", "The progress bar flickers all the time")
    other = made.issue("The progress bar flickers in a Windows terminal", "Flickering progress bar, all the time")
    made.issue("Progress bar flickers on Windows terminal", "The progress bar flickers", closed_after=3)
    (found,) = [pair for pair in duplicates(made.items) if one.number in (pair.one.number, pair.other.number)]
    assert (found.kind, found.one.number, found.other.number) == ("issue", other.number, one.number)
    assert 0.7 <= found.score <= 1


def test_the_same_change_for_two_branches_is_no_duplicate() -> None:
    made = noise(5, changes=1, items=60)
    made.pull("Close the socket after a timeout of the proxy", "", base_ref="1.x")
    made.pull("Close the socket after a timeout of the proxy", "", base_ref="2.x")
    bot = Account(5, "renovate[bot]", is_bot=True)
    for _ in range(2):
        made.pull("Update the dependency parser generator to version 5", "", author=bot)
    made.issue("fix", "")
    made.issue("fix", "")
    made.items = [replace(item, state="closed") if item.number <= 60 else item for item in made.items]
    assert duplicates(made.items) == ()


def test_an_open_pull_request_like_a_refused_one_is_found() -> None:
    made = noise(6, changes=1, items=80)
    refused = made.pull("Rewrite the option parser with a generated grammar", "", 300, closed_after=3)
    made.pull("Rewrite the option parser with a generated grammar", "", 290, merged_after=3)
    again = made.pull("Rewrite the parser of options with a generated grammar", "", 5)
    found = [(pair.one.number, pair.other.number) for pair in overlaps(made.items, UNTIL)]
    assert found == [(again.number, refused.number)]


def test_a_topic_says_how_many_of_its_issues_report_a_bug() -> None:
    made = spoken()
    every = {item.number: IssueKind.BUG for item in made.items}
    assert [one.bugs for one in topics(made.items, UNTIL, every)] == [one.issues for one in topics_of(made)]
    features = dict.fromkeys(every, IssueKind.FEATURE)
    assert {one.bugs for one in topics(made.items, UNTIL, features)} == {0}
    assert {one.bugs for one in topics_of(made)} == {None}
