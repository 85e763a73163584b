"""Which files besides code are production here: styles, templates, and data that the repository is made of. Pure.

By its name alone a `.toml` may be a setting of a tool or a rule that the project ships. So data counts where people
change it often, in a folder that is not one of tests, documentation or tooling.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot import paths
from bot.domain.files import PastChange

_DATA = frozenset({".toml", ".yaml", ".yml", ".json", ".xml", ".csv"})
# So many past changes, and such a share of them, must touch data of a kind below a folder.
_LEAST_CHANGES, _LEAST_SHARE = 10, 0.05


@dataclass(frozen=True, slots=True)
class Shipped:
    """What is production in one repository. data: (top folder, extension) of data that it is made of."""

    data: frozenset[tuple[str, str]] = frozenset()

    def has(self, path: str) -> bool:
        """Whether a file is production here."""
        return paths.is_shipped(path) or _kind(path) in self.data


def shipped_by(past: Iterable[PastChange]) -> Shipped:
    """What is production by the past changes of a repository."""
    counts: Counter[tuple[str, str]] = Counter()
    changes = 0
    for change in past:
        changes += 1
        counts.update({kind for file in change.files if (kind := _kind(file.path)) is not None})
    least = max(_LEAST_CHANGES, _LEAST_SHARE * changes)
    return Shipped(frozenset(kind for kind, number in counts.items() if number >= least))


def _kind(path: str) -> tuple[str, str] | None:
    """The top folder and the extension of a file of data; None for any other file."""
    pure = PurePosixPath(path)
    folder, suffix = pure.parts[0] if len(pure.parts) > 1 else "", pure.suffix.lower()
    if suffix not in _DATA or not folder or any(part.startswith(".") for part in pure.parts):
        return None
    ours = paths.is_read(path) and not (paths.is_test(path) or paths.is_tooling(path) or paths.is_manifest(path))
    return (folder, suffix) if ours else None
