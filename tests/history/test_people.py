"""Persons: the mailmap, and what joins several addresses and names to one person."""

import time

import pytest

from bot.history.people import Ident, Mailmap, People, merge_people


def test_the_four_forms_of_gitmailmap() -> None:
    mailmap = Mailmap(
        b"# comment <a@b>\n\nProper One <one@x>\n<two@new> <two@old>\nThree <three@new> <three@old>\n"
        b"Four <four@new> Old Name <shared@x>\nbroken line\n<\n"
    )
    assert mailmap.resolve("any", "ONE@x") == ("Proper One", "ONE@x")
    assert mailmap.resolve("two", "Two@Old") == ("two", "two@new")
    assert mailmap.resolve("3", "three@old") == ("Three", "three@new")
    assert mailmap.resolve("old name", "shared@x") == ("Four", "four@new")
    assert mailmap.resolve("other", "shared@x") == ("other", "shared@x")
    assert mailmap.resolve("a", "a@b") == ("a", "a@b")


def test_later_lines_of_the_mailmap_override_earlier_ones() -> None:
    assert Mailmap(b"A <n@x> <o@x>\nB <m@x> <o@x>\n").resolve("?", "o@x") == ("B", "m@x")


def test_people_are_merged_by_address() -> None:
    idents = [
        ("Ann", "ann@x"),
        ("ann", "ANN@x"),
        ("Bo", "1+bo@users.noreply.github.com"),
        ("bo", "bo@users.noreply.github.com"),
    ]
    idents += [("Nameless", ""), ("nameless", ""), ("Cy", "cy@x")]
    assert [person.idents for person in merge_people(idents)] == [(0, 1), (2, 3), (4, 5), (6,)]
    merged = merge_people(idents, b"Ann Lee <ann@x> <cy@x>\nAnn Lee <ann@x>\n")
    assert merged[0].idents == (0, 1, 6) and merged[0].name == "Ann Lee"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Ada Lovelace", "ada@home.net"), ("Ada Lovelace", "alovelace@work.com")),
        (("Ada Lovelace", "ada@home.net"), ("Lovelace, Ada", "al@work.com")),
        (("José García", "jose@a.es"), ("Jose Garcia", "jg@b.com")),
        (("Ada Lovelace (she/her)", "ada@home.net"), ("Ada  lovelace", "al@work.com")),
        (("Ada Lovelace", "ada@home.net"), ("Ada Lovelace", "7+adal@users.noreply.github.com")),
        (("Ada K. Lovelace", "ada@home.net"), ("Ada K Lovelace", "al@work.com")),
        (("Ada Lovelace", "ada@laptop.local"), ("Ada Lovelace", "ada@home.net")),
        (("nicolas-b2", "n@a.org"), ("nicolas-b2", "9+nicolas-b2@users.noreply.github.com")),
        (("danhorner", "danhorner@gmail.com"), ("danhorner", "5+danhorner@users.noreply.github.com")),
        (("Ada", "ada.lovelace@home.net"), ("Ada", "ada.lovelace@work.com")),
        (("김민수", "a@x.kr"), ("김민수", "b@y.kr")),
        (("Ada", "ada+git@home.net"), ("Ada", "ADA+git@home.net")),
    ],
)
def test_one_person_under_several_addresses_is_one(one: Ident, other: Ident) -> None:
    assert len(merge_people([one, ("Somebody Else", "else@x.org"), other])) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Alex", "alex@a.com"), ("Alex", "a.smith@b.com")),
        (("alex", "alex@a.com"), ("alex", "alex@b.com")),
        (("sebastian", "sebastian@a.de"), ("Sebastian", "sebastian@b.com")),
        (("Your Name", "you@example.com"), ("Your Name", "me@b.com")),
        (("root", "root@localhost"), ("Ada", "root@localhost")),
        (("Ada Lovelace", "root@localhost"), ("Bob Bell", "root@localhost")),
        (("Ada Lovelace", "noreply@github.com"), ("Bob Bell", "noreply@github.com")),
        (("A. L.", "al@a.com"), ("A. L.", "al2@b.com")),
        (("Ada Lovelace", "info@a.com"), ("Bob Bell", "info@b.com")),
        (("王伟", "a@x.cn"), ("王伟", "b@y.cn")),
    ],
)
def test_names_that_many_have_join_nobody(one: Ident, other: Ident) -> None:
    assert len(merge_people([one, other])) == 2


def test_a_later_ident_can_join_two_persons() -> None:
    people = People()
    assert people.add(1, ("Ada Lovelace", "ada@home.net")).absorbed == ()
    assert people.add(2, ("ada", "al@work.com")).person == 2
    joined = people.add(3, ("Ada Lovelace", "al@work.com"))
    assert (joined.person, joined.absorbed) == (1, (2,))
    assert [people.person(number) for number in (1, 2, 3)] == [1, 1, 1]


def test_a_person_is_shown_with_an_address_where_mail_arrives() -> None:
    [person] = merge_people([("Ada Lovelace", "7+ada@users.noreply.github.com"), ("Ada Lovelace", "ada@home.net")])
    assert person.email == "ada@home.net"


def test_lines_of_a_mailmap_longer_than_any_address_are_skipped() -> None:
    began = time.process_time()
    people = merge_people([("A", "a@x")], b"A <" + b"a@localhost" * 20_000 + b"> <a@x>\nB <b@x> <a@x>\n")
    assert [(one.name, one.email) for one in people] == [("B", "b@x")]
    assert time.process_time() - began < 1
