"""Classifies paths: the traits that the history index needs."""

from dataclasses import dataclass
from functools import lru_cache

from bot.code_lines import comment_starts
from bot.inline_tests import may_have
from bot.paths import is_code, is_docs, is_generated, is_lock, is_manifest, is_production, is_test, is_vendored


@dataclass(frozen=True, slots=True)
class Traits:
    """The traits of a path.

    code: whether it is code, tests included.
    blamable: whether it is production code. Only here a fix is linked to the changes that introduced its deleted lines.
    versioned: whether its lines can differ in versions only: a manifest, or documentation.
    inline: whether tests can stand beside its code.
    subsystem: the first folder; "" for a file in the root folder.
    folder: "" for a file in the root folder.
    comment_starts: the beginnings of a comment line without its indentation.
    """

    code: bool
    test: bool
    lock: bool
    generated: bool
    vendored: bool
    blamable: bool
    docs: bool
    versioned: bool
    inline: bool
    subsystem: str
    folder: str
    comment_starts: tuple[bytes, ...]

    @property
    def noise(self) -> bool:
        """Whether it is a lock, generated or vendored file."""
        return self.lock or self.generated or self.vendored

    @property
    def counted(self) -> bool:
        """Whether it counts for the features of a change."""
        return self.code and not self.noise

    @property
    def flags(self) -> int:
        """Bits for the column `entities.flags`: code 1, test 2, lock 4, generated 8, vendored 16."""
        return self.code | self.test << 1 | self.lock << 2 | self.generated << 3 | self.vendored << 4


@lru_cache(maxsize=65_536)
def traits_of(path: str) -> Traits:
    """Return the traits of a path; they are cached."""
    folder, _, _ = path.rpartition("/")
    return Traits(
        is_code(path), is_test(path), is_lock(path), is_generated(path), is_vendored(path),
        is_production(path) and not is_lock(path), is_docs(path), is_manifest(path) or is_docs(path),
        may_have(path) and not is_test(path),
        path.partition("/")[0] if folder else "", folder, comment_starts(path),
    )  # fmt: skip
