"""The features of a small history, compared with values computed by hand."""

from math import log2
from pathlib import Path

import pytest

from bot.domain.features import FEATURES, KAMEI
from bot.domain.periods import DAY, YEAR
from bot.history.features import recent_experience
from tests.history.fixtures import commit_as, index_of, indexed, rows
from tests.jobs.risky import risky_history
from tests.ml.reference import AuthorChange, ChangedFile, EarlierChange, measure, subsystem
from tests.repository import Repository

ANN, BO = ("Ann", "ann@x"), ("Bo", "bo@x")


def features(path: Path, ordinal: int) -> dict[str, float]:
    [values] = rows(path, "SELECT * FROM features WHERE ordinal = ?", ordinal)
    return dict(zip(FEATURES, values[1:], strict=True))


def commit_at(
    repository: Repository, when: int, who: tuple[str, str], message: str, files: dict[str, str | bytes | None]
) -> None:
    """Create a commit whose author time and commit time are `when`."""
    repository.clock = when - 240  # each git command advances the clock by a minute; the amendment is the fourth
    commit_as(repository, *who, message, files)
    assert repository.git("log", "-1", "--format=%ct") == str(when)


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    repository = Repository.create(tmp_path / "project")
    start = 1_600_000_000
    commit_at(repository, start, ANN, "first", {"core/a.py": "1\n2\n3\n4\n", "README.md": "x\n"})
    commit_at(repository, start + 2 * DAY, BO, "b", {"core/b.py": "1\n2\n", "lib/c.py": "1\n", "yarn.lock": "9\n" * 9})
    commit_at(repository, start + 4 * DAY, BO, "fix a", {"core/a.py": "1\n2\nthree\n4\n5\n"})
    files: dict[str, str | bytes | None] = {
        "core/a.py": "1\n2\nthree\n4\n5\n6\n",
        "core/b.py": "1\ntwo\n",
        "tests/t.py": "t\n",
    }
    commit_at(repository, start + 10 * DAY, ANN, "both", files)
    commit_at(repository, start + 400 * DAY, ("Cy", "cy@x"), "docs only", {"README.md": "y\n"})
    commit_at(repository, start + 400 * DAY + 60, BO, "one", {"core/a.py": "1\n"})
    return repository


def test_the_first_change_has_no_history(project: Repository) -> None:
    indexed(project)
    expected = dict.fromkeys(FEATURES, 0.0) | {"ns": 1, "nd": 1, "nf": 1, "la": 4, "ndev": 1}
    assert features(index_of(project), 1) == expected


def test_lock_files_and_docs_do_not_count(project: Repository) -> None:
    indexed(project)
    second = features(index_of(project), 2)
    assert (second["nf"], second["ns"], second["nd"], second["la"]) == (2, 2, 2, 3)
    assert second["entropy"] == pytest.approx(-(2 / 3 * log2(2 / 3) + 1 / 3 * log2(1 / 3)))
    assert features(index_of(project), 5)["nf"] == 0


def test_a_change_with_a_history(project: Repository) -> None:
    indexed(project)
    fourth = features(index_of(project), 4)
    assert fourth == pytest.approx(
        {
            "ns": 2, "nd": 2, "nf": 3, "la": 3, "ld": 1, "lt": 7, "fix": 0,
            "entropy": -(1 / 4 * log2(1 / 4) + 2 / 4 * log2(2 / 4) + 1 / 4 * log2(1 / 4)),
            "ndev": 2,  # Ann and Bo
            "age": (6 + 8 + 0) / 3,  # core/a.py changed 6 days ago, core/b.py 8, tests/t.py is new
            "nuc": 3, "exp": 1, "rexp": 1, "sexp": 1,
            "recent_fixes": 1,  # "fix a"
            "own_share": 3 / 7,  # three of the five lines of core/a.py are Ann's
            "churn": (4 + 3) + 2,  # core/a.py: 4 lines, then 2 added and 1 deleted; core/b.py: 2 lines
        }
    )  # fmt: skip


def test_years_and_windows(project: Repository) -> None:
    indexed(project)
    last = features(index_of(project), 6)
    assert last["rexp"] == pytest.approx(2 / 2)  # both changes of Bo are a year old
    assert last["exp"] == 2 and last["recent_fixes"] == 0
    assert last["own_share"] == pytest.approx(2 / 6)


def test_the_features_equal_the_published_measures(tmp_path: Path) -> None:
    """Compare each change of a history of several years with the reference, which reads git directly."""
    repository = Repository.create(tmp_path / "years")
    risky_history(repository, 160, days=9)
    indexed(repository)
    earlier: dict[str, list[EarlierChange]] = {}
    lines: dict[str, int] = {}
    by_author: dict[str, list[AuthorChange]] = {}
    log = repository.git("log", "--reverse", "--format=%x00%H %ct %an %s", "--numstat").split("\0")[1:]
    for ordinal, entry in enumerate(log, 1):
        head, *stats = entry.strip().split("\n")
        sha, seconds, author, subject = head.split(" ", 3)
        when, files = float(seconds), []
        for added, deleted, path in (line.split("\t") for line in stats if line):
            known = earlier.setdefault(path, [])
            files.append(ChangedFile(path, int(added), int(deleted), lines.get(path, 0), tuple(known)))
        expected = measure(
            files, when=when, author=author, fix=subject.startswith("fix"), earlier=by_author.setdefault(author, [])
        )
        found = features(index_of(repository), ordinal)
        assert {name: found[name] for name in KAMEI} == pytest.approx(dict(zip(KAMEI, expected, strict=False)))
        for file in files:
            earlier[file.path].append(EarlierChange(sha, when, author))
            lines[file.path] = file.lines_before + file.added - file.deleted
        by_author[author].append(AuthorChange(when, frozenset(subsystem(file.path) for file in files)))
    assert 0 < found["rexp"] < 0.7 * found["exp"] < 60  # years have passed, and there are three authors


def test_a_change_of_several_files_counts_once(project: Repository) -> None:
    commit_as(project, *ANN, "both again", {"core/a.py": "8\n", "core/b.py": "8\n", "tests/t.py": "u\n"})
    indexed(project)
    last = features(index_of(project), 7)
    assert last["nuc"] == 5  # all but the docs
    assert last["sexp"] == 2  # "both" touched two of the subsystems


def test_the_mailmap_merges_authors(project: Repository) -> None:
    project.commit("map", {".mailmap": "Ann <ann@x> <bo@x>\n"})
    indexed(project)
    fourth = features(index_of(project), 4)
    assert (fourth["exp"], fourth["ndev"], fourth["own_share"]) == (3, 1, 1)


def test_recent_experience_by_whole_years() -> None:
    now = 10 * YEAR
    clocks = [now - 3 * YEAR, now - 2 * YEAR - 1, now - YEAR, now - YEAR + 1, now]
    # Whole years of age: 3, 2, 1, 0, 0.
    assert recent_experience(clocks, now) == pytest.approx(1 / 4 + 1 / 3 + 1 / 2 + 1 + 1)
    assert recent_experience([], now) == 0
    assert recent_experience([0], 100_000 * YEAR) == 0
