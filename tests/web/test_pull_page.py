"""The page of a pull request: the timeline, the prediction, and what became of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from bot.db.history_tables import PredictionRow
from bot.db.predictions import Prediction
from bot.db.pull_history import FollowUp, PullHistory, Remark, visits_of
from bot.db.stored_analyses import StoredAnalysis
from bot.db.tables import Analysis, InsightRow
from bot.domain.analyses import AnalysisKind, AnalysisStatus
from bot.domain.items import Item, ItemKind, PullFacts
from bot.web.pages.pull_words import became, predicted
from tests.web.conftest import Web
from tests.web.filled import BEGIN, HOSTILE, fill
from tests.web.visiting import get

MERGED = datetime(2026, 1, 2, tzinfo=UTC)
LANDED = "abcdef0123" * 4


def analysis(minute: int, status: AnalysisStatus = AnalysisStatus.COMPLETED) -> StoredAnalysis:
    return StoredAnalysis(
        id=UUID(int=minute), repository_id=UUID(int=0), kind=AnalysisKind.CHANGE, pull_number=7, ref="main",
        head_sha="a" * 40, merge_base=None, status=status, step="", progress=1.0, attempt=1, conclusion=None,
        engine=None, report=None, error=None, seconds={}, created_at=BEGIN + timedelta(minutes=minute),
        started_at=None, finished_at=None,
    )  # fmt: skip


def remark(fingerprint: str) -> Remark:
    return Remark(uuid4(), fingerprint, fingerprint)


def test_each_completed_analysis_is_compared_with_the_completed_one_before() -> None:
    first, failed, second, running = (
        analysis(1), analysis(2, AnalysisStatus.FAILED), analysis(3), analysis(4, AnalysisStatus.IN_PROGRESS)
    )  # fmt: skip
    remarks = {first.id: (remark("kept"), remark("mended")), second.id: (remark("kept"), remark("came"))}
    newest, third, wrong, oldest = visits_of([running, second, failed, first], remarks)
    assert newest.remarks is None and wrong.remarks is None and not newest.new
    assert [one.title for one in third.new] == ["came"] and [one.title for one in third.gone] == ["mended"]
    assert oldest.is_first and not third.is_first and not oldest.new and len(oldest.remarks or ()) == 2


def prediction(**values: object) -> Prediction:
    made = Prediction(
        id=UUID(int=1), pull_request=7, head_sha="a" * 40, model_version="m", probability=0.42, percentile=0.9,
        made_at=MERGED, landed_sha=LANDED, outcome=None, outcome_at=None,
    )  # fmt: skip
    return replace(made, **values)  # type: ignore[arg-type]


def item(state: str = "closed", merged_at: datetime | None = MERGED) -> Item:
    return Item(
        github_id=1, number=7, kind=ItemKind.PULL_REQUEST, title="t", body="", author=None, state=state,
        state_reason=None, labels=(), milestone=None, comments=0, created_at=MERGED, updated_at=MERGED,
        closed_at=None if state == "open" else MERGED,
        pull=PullFacts(draft=False, base_ref="main", head_sha="a" * 40, merged_at=merged_at),
    )  # fmt: skip


def pull(known: Prediction | None, stored: Item | None = None, **values: object) -> PullHistory:
    return replace(PullHistory(number=7, item=stored, is_open=False, prediction=known), **values)  # type: ignore[arg-type]


def test_the_prediction_in_words() -> None:
    assert predicted(None) == "No risk was predicted."
    assert "too little history" in predicted(prediction(probability=None))
    assert "**42%**" in predicted(prediction()) and "higher than for 90%" in predicted(prediction())
    assert "higher" not in predicted(prediction(percentile=None))


FOUND = "It was merged as abcdef0123."
ON = "It was merged on 2026-01-02 as abcdef0123."
LOOKED_FOR = "No fault was found in it yet; fixes and reverts are looked for during 90 days"
NEEDED = prediction(outcome=True, outcome_at=MERGED + timedelta(days=3))
FIX, REVERT = FollowUp("b" * 40, "Fix `it`", is_revert=False), FollowUp("b" * 40, "", is_revert=True)


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (pull(None, is_open=True), "It is open."),
        (pull(None, item("open", None)), "It is open."),
        (pull(None), "It is not open any more, and no merge of it was found."),
        (pull(None, item(merged_at=None)), "It was closed on 2026-01-02 without a merge."),
        (
            pull(None, item()),
            "It was merged on 2026-01-02. Its commit is not in the indexed history of the default branch yet.",
        ),
        (pull(prediction()), f"{FOUND} {LOOKED_FOR}."),
        (pull(prediction(), item()), f"{ON} {LOOKED_FOR}, until 2026-04-02."),
        (pull(prediction(outcome=False)), f"{FOUND} No fix and no revert of it was found within 90 days."),
        (pull(prediction(outcome=True)), f"{FOUND} It needed a fix or a revert within 90 days."),
        (
            pull(NEEDED, item(), follow_up=FIX),
            f"{ON} It was **fixed** on 2026-01-05 by bbbbbbbbbb, `` Fix `it` ``, 3 days after the merge.",
        ),
        (pull(prediction(outcome=True), follow_up=REVERT), f"{FOUND} It was **reverted** by bbbbbbbbbb."),
    ],
)
def test_what_became_of_it_in_words(known: PullHistory, words: str) -> None:
    assert became(known) == words


async def test_the_page_links_and_escapes(web: Web) -> None:
    rows = await fill(web.db)
    async with web.db.writing() as session:
        later = Analysis(
            id=uuid4(), repository_id=rows.public, key="pull/7/2", subject="pull/7", pull_number=7, ref="main",
            head_sha="c" * 40, status="completed", conclusion="neutral", created_at=BEGIN + timedelta(days=1),
        )  # fmt: skip
        session.add(later)
        await session.flush()
        first = await session.get_one(InsightRow, rows.insights[0])
        values = {column.key: getattr(first, column.key) for column in InsightRow.__mapper__.column_attrs}
        values |= {"id": uuid4(), "analysis_id": later.id, "fingerprint": "f" * 16, "title": f"New {HOSTILE}"}
        session.add(InsightRow(**values))
        session.add(
            PredictionRow(
                repository_id=rows.public, analysis_id=later.id, pull_request=7, head_sha="c" * 40, model_version="m",
                probability=0.42, percentile=0.9, features={}, made_at=BEGIN, landed_sha=LANDED, outcome=True,
                outcome_evidence={"sha": "b" * 40, "subject": HOSTILE, "how": "lines"},
            )
        )  # fmt: skip
    seen = await get(web, f"/repositories/{rows.public}/pull-requests/7")
    assert seen.status == 200 and "1 new, 5 gone" in seen.text and "the first analysis" in seen.text
    for address in ("pull/7", f"commit/{'c' * 40}", f"commit/{LANDED[:10]}", f"commit/{'b' * 10}"):
        assert f'href="https://github.com/octo/public/{address}"' in seen.text
    assert "<script" not in seen.text and "<img" not in seen.text and "its title is not synced" in seen.text
    for path in ("8", "0", "x", "99999999999999999999"):
        assert (await get(web, f"/repositories/{rows.public}/pull-requests/{path}")).status == 404
    assert (await get(web, f"/repositories/{rows.private}/pull-requests/7")).status == 404
    listed = await get(web, f"/repositories/{rows.public}/pull-requests")
    assert f'href="/repositories/{rows.public}/pull-requests/7"' in listed.text
