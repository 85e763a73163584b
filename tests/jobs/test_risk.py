"""The change risk of a real history: predictions with examples, without later knowledge, and the model card."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.files import FileChange, FileStatus
from bot.domain.history import Basis, ChangeRisk
from bot.history.index import opened
from bot.history.proposal import ProposedChange, as_of, proposed_features
from bot.learning.model_card import model_card
from bot.learning.risk_model import assess_risk, current_model, model_folder, training_data, training_size
from tests.history.fixtures import index_of, indexed
from tests.jobs.risky import DAY, START, risky_history
from tests.repository import Repository

SMALL = FileChange(path="app/part1.py", status=FileStatus.MODIFIED, added=2, deleted=0)
LARGE = replace(SMALL, added=180, deleted=4)


@pytest.fixture
def risky(repository: Repository) -> Repository:
    risky_history(repository)
    indexed(repository)
    return repository


def assessed(repository: Repository, file: FileChange, base: str = "HEAD", message: str = "more") -> ChangeRisk | None:
    path = index_of(repository)
    with opened(path) as index:
        view = as_of(index, repository.head(base))
        known = repository.git("ls-tree", base, "--", file.path)
        before = repository.git("show", f"{base}:{file.path}") + "\n" if known else None
        change = ProposedChange(base, [replace(file, before=before)], None, message, view.clock)
        return assess_risk(view, model_folder(path), proposed_features(view, change))


def test_a_large_change_is_riskier_than_a_small_one_and_has_examples(risky: Repository) -> None:
    small, large = assessed(risky, SMALL), assessed(risky, LARGE)
    assert small is not None and large is not None
    assert small.probability is not None and large.probability is not None
    assert small.probability < 0.2 < large.probability
    assert small.percentile < 0.5 < large.percentile
    assert (large.similar, large.compared) == (50, scored_changes(risky))
    assert large.similar_fixed > 20 > small.similar_fixed
    assert large.basis is Basis.LINES and large.model_version.startswith("lines-changed-")
    assert 15 < large.same_size_fixed <= large.same_size <= 50
    assert small.same_size == 50 and small.same_size_fixed < 5
    changes = {sha: int(day) for sha, day in past_days(risky).items()}
    assert large.examples and all(START + changes[one.sha] * DAY == one.when for one in large.examples)
    assert next(reason for reason in large.reasons if reason.feature == "la").contribution > 0.3
    assert large.features is not None and large.features.la == 180


def scored_changes(repository: Repository) -> int:
    """Return the number of scored changes: the newer half of the training data, and all later changes."""
    with opened(index_of(repository)) as index:
        changes = len(training_data(index))
    return min(500, changes - training_size(changes) // 2)


def past_days(repository: Repository) -> dict[str, str]:
    """Return the day of each change, from git."""
    lines = repository.git("log", "--format=%H %ct").split("\n")
    return {line[:40]: str((int(line[41:]) - START) // DAY) for line in lines}


def test_a_fix_of_production_code_counts_as_a_fix(risky: Repository) -> None:
    risk = assessed(risky, SMALL, message="fix: a crash")
    assert risk is not None and risk.features is not None and risk.features.fix == 1


def test_the_risk_is_the_same_with_a_stored_a_damaged_and_a_missing_model(risky: Repository) -> None:
    first = assessed(risky, LARGE)
    [stored] = model_folder(index_of(risky)).iterdir()
    assert assessed(risky, LARGE) == first
    stored.write_bytes(stored.read_bytes()[:-400])
    assert assessed(risky, LARGE) == first
    stored.unlink()
    assert assessed(risky, LARGE) == first


def test_the_risk_does_not_depend_on_later_changes(risky: Repository) -> None:
    base = risky.head("HEAD~100")
    then = assessed(risky, LARGE, base)
    risky.git("reset", "--quiet", "--hard", base)
    index_of(risky).unlink()
    for model in model_folder(index_of(risky)).iterdir():
        model.unlink()
    indexed(risky)
    assert assessed(risky, LARGE) == then


@pytest.mark.parametrize("changes", [0, 1, 60, 199])
def test_too_little_history_has_a_percentile_and_no_probability(repository: Repository, changes: int) -> None:
    if changes:
        risky_history(repository, changes)
    else:
        repository.commit("docs only", {"README.md": "x\n"})
    indexed(repository)
    risk = assessed(repository, LARGE)
    if not changes:
        assert risk is None
        return
    assert risk is not None
    assert (risk.probability, risk.similar) == (None, 0)
    assert risk.model_version.endswith("-uncalibrated")
    assert changes == 1 or risk.percentile > 0.7


def test_a_change_without_code_has_no_risk(risky: Repository) -> None:
    assert assessed(risky, replace(SMALL, path="README.md")) is None


@pytest.mark.parametrize(
    ("changes", "size"), [(0, 0), (199, 199), (200, 200), (219, 200), (220, 220), (241, 220), (242, 242), (1000, 998)]
)
def test_the_model_is_fitted_again_when_the_history_has_grown_by_a_tenth(changes: int, size: int) -> None:
    assert training_size(changes) == size


def test_only_the_newest_models_are_kept(risky: Repository) -> None:
    folder = model_folder(index_of(risky))
    folder.mkdir()
    for number in range(30):
        (folder / f"{number}.json").write_text("{}")
    assessed(risky, LARGE)
    assert len(list(folder.iterdir())) == 12


def test_the_card_compares_the_model_with_two_baselines_on_later_changes(risky: Repository) -> None:
    path = index_of(risky)
    with opened(path) as index:
        card = model_card(index, model_folder(path), [])
        version = current_model(training_data(index), model_folder(path)).version
    assert card.model_version == version
    assert card.learned and card.judged_part and card.calibration and card.points
    # Only the size decides in this history, so that no model is better.
    names = ["lines changed alone (used)", "churn of the files", "the model (not used)"]
    assert [row.name for row in card.scores] == names
    lines, churn, model = card.scores
    assert lines.auc > 0.8 and abs(model.auc - lines.auc) < 0.1 and churn.auc < lines.auc
    assert (card.basis, lines.size_correlation) == (Basis.LINES, 1)
    assert model.size_correlation is not None and 0.3 < model.size_correlation < 1
    assert {one.basis for one in card.compared} == {Basis.LINES, Basis.CHURN}
    assert "So the risk is by the lines changed alone." in card.summary
    assert card.quarters and sum(row.changes for row in card.quarters) == card.judged
    assert any(row.auc is None for row in card.quarters)
    assert all(row.auc is None for row in card.quarters if row.needed_fix < 5)
    assert card.learned.until <= card.judged_part.since
    assert card.judged == card.judged_part.changes == len(card.points)
    assert card.judged_part.needed_fix == sum(point.needed_fix for point in card.points)
    assert sum(row.count for row in card.calibration) == card.judged
    newest = max(point.when for point in card.points)
    with opened(path) as index:
        assert newest <= int(index.meta["clock"]) - 90 * DAY
    assert "needed a fix" in card.summary


@pytest.mark.parametrize("changes", [3, 150, 240])
def test_the_card_of_a_short_history_has_no_scores(repository: Repository, changes: int) -> None:
    risky_history(repository, changes)
    indexed(repository)
    path = index_of(repository)
    with opened(path) as index:
        card = model_card(index, model_folder(path), [])
    assert card.scores == ()
    assert "too little history" in card.summary


def test_the_card_of_an_empty_history(repository: Repository, tmp_path: Path) -> None:
    repository.commit("docs", {"README.md": "x\n"})
    indexed(repository)
    with opened(index_of(repository)) as index:
        card = model_card(index, model_folder(tmp_path / "x.db"), [])
    assert (card.model_version, card.scores, card.changes) == (None, (), 0)
