"""Whether a remark was acted on before the merge: the first commit of a branch against its last.

Only merges with several commits can tell. The authors did not see the remarks, so this is what they do by themselves.
"""

import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from signal_replay import Place, Replayed, cut_off, replay_into, stored


async def replay_early(place: Place) -> None:
    """Replay the first commit of each stored merge that has several, if that is not stored yet."""
    cut_off(place.early)
    done = {change.sha for change in stored(place.early)}
    merges = [change for change in stored(place.store) if change.head != change.sha and change.sha not in done]
    firsts = [_before(place, change) for change in sorted(merges, key=lambda one: one.when)]
    await replay_into(place, place.early, [first for first in firsts if first])


def print_early(places: Sequence[Place]) -> None:
    """Markdown: of the remarks on first commits, how many the whole branch does not have."""
    spoken: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    branches = 0
    for place in places:
        whole = {change.sha: change for change in stored(place.store)}
        for first in stored(place.early):
            branches += 1
            left = _remarks(whole[first.sha])
            for fingerprint, rule in _remarks(first).items():
                spoken[rule] += 1
                gone[rule] += fingerprint not in left
    print(
        f"{branches} branches with several commits\n\n| rule | on the first commit | gone at the merge |\n|---|---|---|"
    )
    for rule, number in spoken.most_common():
        print(f"| `{rule}` | {number} | {gone[rule]} ({gone[rule] / number:.0%}) |")


def _before(place: Place, change: Replayed) -> Replayed | None:
    """The oldest commit of the branch, to be replayed as the change was; None if it is the only one."""
    commits = _revisions(place, "--first-parent", f"{change.base}..{change.head}")
    [parent] = _revisions(place, "--no-walk", f"{change.sha}^1")
    if len(commits) < 2:
        return None
    return replace(change, base=parent, head=commits[-1], lines=0, paths=(), insights=(), problem="")


def _revisions(place: Place, *arguments: str) -> list[str]:
    argv = ["git", "-C", str(place.git_dir), "rev-list", *arguments]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()


def _remarks(change: Replayed) -> dict[str, str]:
    """The rules of the remarks, by fingerprint."""
    return {one["fingerprint"]: one["rule"] for one in change.insights if one["standing"] == "remark"}
