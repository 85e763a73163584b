"""What the patches of a project say beyond their files (read by `pipeline.patch_details`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.history import PastCommit


@dataclass(frozen=True, slots=True)
class Listing:
    """A file that has names of options.

    names: those that it has at the head. before: those that it had after the first change of the period.
    brought: the change that first added a name in the period.
    shown: those that the file shows to users, in its help text for example; None if that is not known.
    """

    names: frozenset[str]
    before: frozenset[str]
    brought: Mapping[str, PastCommit]
    shown: frozenset[str] | None = None

    def shows(self, name: str) -> bool:
        """Whether users are told of an option."""
        return self.shown is None or name in self.shown


@dataclass(frozen=True, slots=True)
class CiRun:
    """When a file of the CI runs.

    is_scheduled: at set times. repeats: it repeats tests that failed. by_hand: pull requests, or people, can run it.
    """

    is_scheduled: bool = False
    repeats: bool = False
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class PatchDetails:
    """Details of the changes of the period.

    functions: the names of the functions that a change changes in a file, by (sha, path). Only of fixes and tests.
    listings: by path.
    repaired: (sha, path) of the changes that a fix repairs in a file, by the sha of the fix; no path of a revert.
    tested: the shas of the changes that change a test.
    runs: when the files of the CI run, by path: see `CiRun`; None if they were not read.
    """

    functions: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    listings: Mapping[str, Listing] = field(default_factory=dict)
    repaired: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    tested: frozenset[str] = frozenset()
    runs: Mapping[str, CiRun] | None = None


NO_DETAILS = PatchDetails()
