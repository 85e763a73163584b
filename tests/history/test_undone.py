"""What a message says that it reverts, and which changes a fix names as the cause."""

import pytest

from bot.domain.kinds import Kind
from bot.history.messages import read_message
from bot.history.undone import named_causes

SHA, OTHER = "0123456789" * 4, "abcdef0123" * 4


@pytest.mark.parametrize(
    ("text", "shas", "pulls", "subject"),
    [
        (f'Revert "x y"\n\nThis reverts commit {SHA}.', (SHA,), (), "x y"),
        (f'Revert "x y" (#9)\n\nThis reverts commit {SHA}, reversing\nchanges made to {OTHER}.', (SHA,), (), "x y"),
        (f"Revert a and b\n\nThis reverts commits {SHA} and {OTHER}.", (SHA, OTHER), (), "a and b"),
        ('Revert "x y" (#12)\n\nReverts owner/repo#11', (), (11,), "x y"),
        ('Revert "x y (#11)" (#12)', (), (11,), "x y (#11)"),
        ("Revert x y", (), (), "x y"),
        ("Revert #11 (#12)", (), (11,), "#11"),
        ("Revert PR #11", (), (11,), "PR #11"),
        ("revert: feat: x y", (), (), "feat: x y"),
        ("fix: revert x y", (), (), "x y"),
        (f"Backed out changeset {SHA[:12]} (bug 7)", (SHA[:12],), (), ""),
        (f"Handle None\n\nThis reverts commit {SHA}.", (SHA,), (), ""),
    ],
)  # fmt: skip
def test_reverts(text: str, shas: tuple[str, ...], pulls: tuple[int, ...], subject: str) -> None:
    read = read_message(text)
    assert read.kind is Kind.REVERT and read.stated
    assert (read.undone.shas, read.undone.pulls, read.undone.subject) == (shas, pulls, subject)


@pytest.mark.parametrize(
    "text", ['Reapply "x y"', 'Revert "Revert "x y""', f'Reapply "x"\n\nThis reverts commit {SHA}.']
)
def test_what_is_brought_back(text: str) -> None:
    assert read_message(text).kind is Kind.REAPPLY


@pytest.mark.parametrize(
    "text",
    [
        "Revert to the old parser on errors",
        "Revert button: ask before",
        "Add a revert command",
        f"Handle None\n\nThe parser of {SHA} reverts to the default.",
        "Handle None\n\nIn the meantime somebody reverted commit 1234567 elsewhere.",
        "Backport of x",
    ],
)
def test_what_is_no_revert(text: str) -> None:
    assert read_message(text).kind not in {Kind.REVERT, Kind.REAPPLY}


@pytest.mark.parametrize(
    ("text", "causes"),
    [
        ('x: y\n\nFixes: 0123456789ab ("x: z")\nSigned-off-by: A <a@b>', ("0123456789ab",)),
        ('x: y\n\nFixes: 0123456 ("a")\nFixes: 89abcd0 ("b")', ("0123456", "89abcd0")),
        ("x: y\n\nfixes: commit 0123456789ab (x)", ("0123456789ab",)),
        (f"x: y\n\nFixes: {SHA}\n", (SHA,)),
        ("x: y\n\nFixes: #1234567\nFixes: 1234567\nFixes: defaced (words)", ()),
    ],
)
def test_a_fix_names_its_causes(text: str, causes: tuple[str, ...]) -> None:
    assert named_causes(text) == causes
    assert (read_message(text).kind is Kind.FIX) == bool(causes)


@pytest.mark.parametrize(
    ("text", "pull"),
    [
        ("Handle None (#12)", 12),
        ("Merge pull request #12 from a/fix\n\nHandle None", 12),
        ("Merge branch 'x' into 'main'\n\nHandle None\n\nSee merge request group/project!12", 12),
        ("Handle None, see #12", None),
    ],
)
def test_the_number_of_the_pull_request(text: str, pull: int | None) -> None:
    assert read_message(text, merge=text.startswith("Merge")).pull == pull


def test_raised_dependencies_are_no_fix() -> None:
    assert read_message("fix(deps): update module x to v2").kind is Kind.CHORE
    assert read_message("fix(dependencies): raise x").kind is Kind.CHORE
    assert read_message("fix(deps-parser): crash").kind is not Kind.CHORE
