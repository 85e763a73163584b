"""The examples of `kinds.py`: changes of git repositories with the kind that their developers wrote down."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.domain.kinds import Described, FileMix, Kind
from bot.errors import ObjectsMissing
from bot.git.history_stream import HistorySource, tip
from bot.history.file_mix import mix_of
from bot.history.fragments import written_kind
from bot.history.messages import conventional_kind, read_message, without_prefix
from bot.history.patch import added_lines
from bot.history.programs import is_bot
from bot.history.records import ChangeRecord, read_changes
from bot.history.revisions import read_patches
from bot.news import is_fragment


@dataclass(frozen=True, slots=True)
class Example:
    """A change, and what its developers called it.

    source: "prefix" for a conventional commit, "fragment" for a news fragment, "mixed" for fragments that disagree.
    kind: None if nobody wrote one.
    stated: the kind that the rules give to the whole message, prefix included.
    """

    sha: str
    when: int
    source: str
    kind: Kind | None
    stated: Kind
    change: Described


def examples(repository: Path, cache: Path, limit: int) -> list[Example]:
    """Return the changes of a repository, oldest first; they are read from git once and then from the cache."""
    name = repository.parent.name if repository.name == "repo" else repository.name.removesuffix(".git")
    file = cache / f"{name}.jsonl"
    if not file.is_file():
        lines = [json.dumps(asdict(example)) for example in _read(repository, limit)]
        file.with_suffix(".part").write_text("\n".join(lines))
        file.with_suffix(".part").rename(file)
    return [_parsed(line) for line in file.read_text().splitlines()]


def _parsed(line: str) -> Example:
    values = json.loads(line)
    change = values["change"]
    described = Described(change["subject"], change["body"], Kind(change["rule"]), FileMix(**change["files"]))
    kind = Kind(values["kind"]) if values["kind"] else None
    return Example(values["sha"], values["when"], values["source"], kind, Kind(values["stated"]), described)


def _read(repository: Path, limit: int) -> Iterator[Example]:
    git_dir = repository / ".git" if (repository / ".git").exists() else repository
    head = tip(git_dir)
    if head is None:
        raise SystemExit(f"error: {repository}: there are no commits")
    source = HistorySource(git_dir, head, limit=limit)
    try:
        yield from list(_of_stream(source))
    except ObjectsMissing:
        with source.despite_gaps() as readable:
            yield from _of_stream(readable)


def _of_stream(source: HistorySource) -> Iterator[Example]:
    for record in read_changes(source.changes()):
        if not is_bot(record.name, record.email):
            yield _example(record, lines=source.lines)


def _example(record: ChangeRecord, *, lines: bool) -> Example:
    message = read_message(record.message, merge=len(record.parents) > 1)
    patches, _ = read_patches(record, lines=lines)
    pairs = list(zip(record.entries, patches, strict=True))
    added = (
        (entry.path, [line for body in patch.bodies for line in added_lines(body)])
        for entry, patch in pairs
        if entry.status == "A" and is_fragment(entry.path)
    )
    fragments = {kind for one in added if (kind := written_kind([one]))}
    prefix = conventional_kind(message.subject)
    kind, source = (prefix, "prefix") if prefix else (None, "mixed")
    if len(fragments) == 1:
        kind, source = fragments.pop(), "fragment"
    files = mix_of((entry.path, entry.status, patch.added, patch.deleted) for entry, patch in pairs)
    bare = without_prefix(message.subject)
    rule = read_message(bare).kind
    return Example(
        record.sha, record.commit_time, source, kind, message.kind, Described(bare, message.body, rule, files)
    )
