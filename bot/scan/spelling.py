"""Finds misspelled words on the added lines of a change, by typos: it knows misspellings, not words, so that names and
jargon are no findings. https://github.com/crate-ci/typos

All added lines are read in one run, as one file.
"""

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

import orjson

from bot import paths
from bot.domain.files import FileChange
from bot.domain.tree import Misspelling
from bot.scan.scanners import run_scanner

_MOST_LINES = 20_000
_MOST_LINE = 400
_MOST_FOUND = 200
# Shorter ones are often names.
_LEAST_WORD = 5
_SETTINGS = frozenset({".yml", ".yaml", ".toml", ".cfg", ".html", ".css", ".scss", ".vue", ".svelte"})
# `**I**nformation`, `\\nformation`: the rest of a word.
_CUTS = frozenset({"*", "\\", "]"})
_QUOTES = frozenset({"'", '"'})
# Lines of hashes, keys and data.
_DATA = re.compile(r"[A-Za-z0-9+/=_-]{60}")


async def find_misspellings(files: Sequence[FileChange]) -> list[Misspelling]:
    """Return the misspelled words on added lines that have one correction.

    Raises ProcessFailed, OSError and ValueError if typos cannot be run.
    """
    lines = [one for file in files if _is_read(file) for one in _added(file)]
    if not lines or len(lines) > _MOST_LINES:
        return []
    with tempfile.TemporaryDirectory(prefix="spelling-") as folder:
        file = Path(folder, "added.txt")
        file.write_text("".join(f"{text}\n" for _, _, text in lines), encoding="utf-8", errors="replace")
        arguments = ("--format", "json", "--isolated", "--no-ignore", "--hidden", "--threads", "2")
        done = await run_scanner("typos", *arguments, str(file), cwd=file.parent)
    return list(_parsed(done.stdout.splitlines(), lines))


def _is_read(file: FileChange) -> bool:
    """Return whether people write and read the file here."""
    is_text = paths.is_code(file.path) or paths.is_docs(file.path) or PurePosixPath(file.path).suffix in _SETTINGS
    return file.left_out is None and is_text and paths.is_read(file.path) and not paths.is_test(file.path)


def _added(file: FileChange) -> Iterator[tuple[str, int, str]]:
    for number, line in file.added_lines()[: _MOST_LINES + 1]:
        text = line.replace("\r", " ").replace("\x00", " ")
        if len(text) <= _MOST_LINE and not _DATA.search(text):
            yield file.path, number, text


def _parsed(output: Iterable[bytes], lines: Sequence[tuple[str, int, str]]) -> Iterator[Misspelling]:
    """Yield the misspellings that typos prints, a JSON document per line."""
    found = 0
    for record in output:
        item = orjson.loads(record)
        if item.get("type") != "typo" or not 0 < item.get("line_num", 0) <= len(lines):
            continue
        word, corrections = item["typo"], item["corrections"]
        path, number, text = lines[item["line_num"] - 1]
        at = len(text.encode("utf-8", "replace")[: item["byte_offset"]].decode("utf-8", "ignore"))
        is_whole = not _is_cut(text, at, at + len(word))
        is_plain = len(corrections) == 1 and is_word(word) and word.lower() != f"{corrections[0].lower()}s"
        if is_whole and is_plain and (found := found + 1) <= _MOST_FOUND:
            yield Misspelling(word, corrections[0], path, number, text)


def _is_cut(text: str, start: int, end: int) -> bool:
    """Return whether a word is the rest of one, or is quoted: as an example of a mistake, or as what others call it."""
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    quoted = before == after and before in _QUOTES
    return before in _CUTS or after in _CUTS or quoted or text.count("`", 0, start) % 2 == 1


def is_word(word: str) -> bool:
    """Return whether something is a word of a text: letters of one case, with a capital at most at its beginning."""
    return len(word) >= _LEAST_WORD and word.isascii() and word.isalpha() and word in {word.lower(), word.capitalize()}
