"""Which pull requests are compared: not those that contain one another, nor those that are merged already."""

from bot.git.shared import share_commits
from tests.repository import Repository


async def test_a_merged_head_and_one_that_is_built_on_are_shared_and_a_branch_beside_is_not(
    repository: Repository,
) -> None:
    first = repository.commit("first", {"a.py": "1\n"})
    merged = repository.commit("second", {"a.py": "2\n"})
    repository.branch("beside")
    beside = repository.commit("beside", {"b.py": "1\n"})
    repository.checkout("main")
    repository.branch("topic")
    topic = repository.commit("topic", {"a.py": "3\n"})
    later = repository.commit("later", {"a.py": "4\n"})
    expected = {first: True, merged: True, beside: False, later: True}
    assert {other: await share_commits(repository.git_dir, topic, other, merged) for other in expected} == expected
