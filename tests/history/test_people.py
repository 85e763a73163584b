"""Persons: the mailmap, merging by address, and bots."""

from bot.history.people import Mailmap, is_bot, merge_people


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


def test_bots_are_detected_by_name() -> None:
    for name in (
        "dependabot[bot]",
        "renovate",
        "github-actions",
        "pre-commit-ci",
        "mergify",
        "Weblate",
        "my-bot",
        "pyup.io bot",
    ):
        assert is_bot(name, "a@b"), name
    for name in ("Robot Smith", "Abbott", "Bottas", "Mergia", "Renovato", "Thibot"):
        assert not is_bot(name, "a@b"), name
