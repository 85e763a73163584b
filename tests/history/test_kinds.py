"""The kind of a change in the index: what is written down comes first, then the words are left to a classifier."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.domain.kinds import Described, FileMix, Kind
from bot.git.history_stream import HistorySource
from bot.history.build import update
from bot.history.file_mix import mix_of
from bot.history.fragments import written_kind
from bot.learning.kinds import classifier
from bot.news import is_fragment
from tests.history.fixtures import NOW, index_of, indexed, rows
from tests.repository import Repository


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("CHANGES/123.bugfix.rst", Kind.FIX), ("CHANGES/123.bugfix", Kind.FIX), ("changelog.d/9.feature", Kind.FEATURE),
        ("src/pkg/newsfragments/123.bugfix", Kind.FIX), ("news/55.doc.rst", Kind.DOCS),
        ("news/+x.bugfix.1.md", Kind.FIX),
        ("docs/changelog/77.bugfix.rst", Kind.FIX), ("newsfragments/4.misc.rst", Kind.OTHER),
        ("pkg/topfiles/8.removal", Kind.OTHER), ("src/feature.py", None), ("newsfragments/README.md", None),
        ("news/index.rst", None), ("CHANGES/x.unknown.rst", None), ("docs/1.bugfix.rst", None),
    ],
)  # fmt: skip
def test_a_fragment_names_the_kind_by_its_name(path: str, kind: Kind | None) -> None:
    assert written_kind([(path, ())]) is kind
    assert is_fragment(path) is (kind is not None)


def test_a_fragment_with_sections_names_the_kind_by_its_text() -> None:
    lines = [b"---", b"bugfixes:", b"  - copy - keep the mode"]
    assert written_kind([("changelogs/fragments/123-copy.yml", lines)]) is Kind.FIX
    assert written_kind([(".changelog/77.txt", [b"```release-note:enhancement", b"x", b"```"])]) is Kind.FEATURE
    assert written_kind([("changelogs/fragments/123-copy.yml", [b"nothing: here"])]) is None


def test_files_are_sorted_and_fragments_do_not_count() -> None:
    files = [
        ("src/a.py", "M", 3, 1), ("tests/test_a.py", "A", 9, 0), ("docs/a.rst", "M", 2, 2), ("README.md", "M", 1, 0),
        (".github/workflows/ci.yml", "M", 1, 1), ("pyproject.toml", "M", 1, 0), ("Cargo.lock", "M", 5, 5),
        ("data/x.json", "M", 1, 1), ("CHANGES/12.bugfix.rst", "A", 1, 0), (".changeset/big-dogs-run.md", "A", 5, 0),
    ]  # fmt: skip
    assert mix_of(files) == FileMix(
        production=1, test=1, docs=2, build=3, other=1, created=1, added=23, deleted=10
    )  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    repository = Repository.create(tmp_path / "project")
    repository.commit("first", {"src/f.py": "a = 1\n"})
    return repository


def _kinds(project: Repository) -> list[tuple[str, str, int]]:
    return rows(index_of(project), "SELECT subject, kind, fix FROM commits ORDER BY ordinal")[1:]


def test_what_is_written_down_comes_before_words(project: Repository) -> None:
    project.commit("Handle None", {"src/f.py": "a = 2\n", "CHANGES/1.bugfix.rst": "x\n"})
    project.commit("Fix the build", {"src/f.py": "a = 3\n", "CHANGES/2.misc.rst": "x\n"})
    many = {f"CHANGES/{number}.bugfix.rst": "x\n" for number in range(3, 9)}
    project.commit("Bring in the branch", {"src/f.py": "a = 4\n", **many})
    indexed(project)
    assert _kinds(project) == [
        ("Handle None", "fix", 1),
        ("Fix the build", "other", 0),
        ("Bring in the branch", "other", 0),
    ]


def test_only_what_nothing_states_is_classified_and_the_unsure_is_left_to_the_rules(project: Repository) -> None:
    asked: list[Described] = []
    learned: list[tuple[str, Kind]] = []

    class Words:
        """Fixes have "None" in their subject."""

        def kinds(self, changes: Sequence[Described]) -> list[Kind | None]:
            asked.extend(changes)
            return [Kind.FIX if "None" in change.subject else None for change in changes]

        def learn(self, changes: Sequence[Described], kinds: Sequence[Kind]) -> None:
            learned.extend((change.subject, kind) for change, kind in zip(changes, kinds, strict=True))

        def to_bytes(self) -> bytes:
            return b"words"

    project.commit("Handle None", {"src/f.py": "a = 2\n", "tests/test_f.py": "b\n"})
    project.commit("feat: None everywhere", {"src/f.py": "a = 3\n"})
    project.commit("Release 1.2.3", {"src/f.py": "a = 4\n"})
    project.commit("Add an option\n\nIt is a body.", {"src/f.py": "a = 5\n"})
    update(index_of(project), HistorySource(project.git_dir, project.head()), now=NOW, classifier=lambda _: Words())
    assert _kinds(project) == [
        ("Handle None", "fix", 1),
        ("feat: None everywhere", "feature", 0),
        ("Release 1.2.3", "release", 0),
        ("Add an option", "feature", 0),
    ]
    assert [change.subject for change in asked] == ["first", "Handle None", "Add an option"]
    assert asked[1].files == FileMix(production=1, test=1, created=1, added=2, deleted=1)
    assert (asked[2].body, asked[2].rule) == ("It is a body.", Kind.FEATURE)
    # The type is cut: it is what the words are to tell. A release says nothing of other changes.
    assert learned == [("None everywhere", Kind.FEATURE)]


def test_the_index_keeps_what_was_learned_of_the_conventions(project: Repository) -> None:
    """This project calls every change of its documentation a fix. The shipped model cannot know that."""
    for number in range(160):
        docs = number % 2 == 0
        fragment = f"CHANGES/{number}.{'bugfix' if docs else 'feature'}.rst"
        path = f"docs/{number}.md" if docs else f"src/{number}.py"
        project.commit(f"Reword the {number}. page", {path: "text\n", fragment: "x\n"})
    make = classifier()
    assert make is not None
    update(index_of(project), HistorySource(project.git_dir, project.head()), now=NOW, classifier=make)
    project.commit("Reword the last page", {"docs/last.md": "text\n"})
    update(index_of(project), HistorySource(project.git_dir, project.head()), now=NOW, classifier=make)
    assert _kinds(project)[-1] == ("Reword the last page", "fix", 0)  # no production code, so it counts as none
    unlearned = make(b"").kinds([Described("Reword the last page", files=FileMix(docs=1, created=1, added=1))])
    assert unlearned == [Kind.DOCS]


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        (".changes/a.md", '---\n"tauri": "patch:bug"\n"tauri-cli": "patch:feat"\n---\n\nShow it.', Kind.FIX),
        (".changes/a.md", '---\n"@tauri-apps/cli": patch:enhance\n---\n\nFix it.', Kind.FEATURE),
        (".changes/a.md", "---\ntauri: patch:perf\n---\n", Kind.PERFORMANCE),
        (".changeset/a.md", "---\n'astro': patch\n---\n\nFixes a crash of the list", Kind.FIX),
        (".changeset/a.md", "---\n'astro': patch\n'@a/b': patch\n---\n\n- fix: names", Kind.FIX),
        (".changeset/a.md", "---\n'astro': patch\n---\n\nBumps the compiler", None),
        (".changeset/a.md", "---\n'astro': minor\n---\n\nFixes names, adds lists", Kind.FEATURE),
        (".changeset/a.md", "---\n'astro': major\n---\n\nFixes names", Kind.OTHER),
        (".changeset/a.md", "", None),
        (".changeset/README.md", "Changesets are files.", None),
    ],
)
def test_the_kind_of_a_changeset(path: str, text: str, kind: Kind | None) -> None:
    assert written_kind([(path, text.encode().split(b"\n"))]) is kind
