"""The child process that runs kingfisher's rules: texts from standard input, places of secrets to standard output.

https://github.com/mongodb/kingfisher/blob/main/docs/PYPI.md · Only its scanner is used, which has no network; its
validator is never called. What it finds is told as a place, so that no secret leaves this process.
"""

import sys
from pathlib import PurePosixPath

import msgspec

from bot.isolation import leave_network

# Seconds for one file, from which the engine stops by itself.
FILE_TIMEOUT = 5.0
# Some rules are for these kinds of files only. All other names are hidden from the engine, because it skips lock files,
# pictures and folders by their names.
_TELLING_SUFFIXES = frozenset({".php", ".tf", ".hcl", ".yml", ".yaml"})
_TELLING_NAMES = frozenset({"nuget.config", ".git-credentials"})


class Text(msgspec.Struct, frozen=True):
    """A file to scan.

    path: only its suffix or its name is used.
    content: in UTF-8.
    """

    path: str
    content: bytes


class Found(msgspec.Struct, frozen=True):
    """A place of a secret.

    file: the index of the text.
    rule: as kingfisher names it.
    start, end: bytes of the content.
    """

    file: int
    rule: str
    start: int
    end: int


class Task(msgspec.Struct, frozen=True):
    """The input. cache: the folder of the compiled rules."""

    cache: str
    texts: tuple[Text, ...]


class Result(msgspec.Struct, frozen=True):
    """The output. failed: the indexes of the texts that took too long."""

    found: list[Found]
    failed: list[int]


def run(task: Task) -> Result:
    """Scan the texts."""
    # kingfisher's module takes a tenth of a second to load, and its rules most of one.
    from kingfisher_sdk import DetectionPolicy, Rules, ScanInput, Scanner

    scanner = Scanner(Rules(confidence="medium", cache_dir=task.cache), policy=DetectionPolicy(inline_ignores=True))
    result = Result([], [])
    for index, text in enumerate(task.texts):
        source = ScanInput(path=_safe_name(text.path), data=text.content)
        try:
            findings = scanner.scan_input(source, timeout=FILE_TIMEOUT)
        except TimeoutError:
            result.failed.append(index)
            continue
        result.found.extend(
            Found(index, finding.rule_id, finding.location["start_offset"], finding.location["end_offset"])
            for finding in findings
            if finding.visible
        )
    return result


def _safe_name(path: str) -> str:
    pure = PurePosixPath(path.lower())
    if pure.name in _TELLING_NAMES:
        return pure.name
    return f"file{pure.suffix}" if pure.suffix in _TELLING_SUFFIXES else "file"


def main() -> None:
    """Run one task."""
    leave_network()
    task = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Task)
    sys.stdout.buffer.write(msgspec.json.encode(run(task)))


if __name__ == "__main__":
    main()
