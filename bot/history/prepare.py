"""Reads the message, the patches and the kind of commits, some at a time: a model of words is fast in batches only."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.domain.kinds import Described, Kind, KindClassifier
from bot.history.edits import Edit, edit_of, only_versions
from bot.history.file_mix import mix_of
from bot.history.fragments import written_kind
from bot.history.messages import Message, conventional_kind, read_message, without_prefix
from bot.history.patch import FilePatch, added_lines
from bot.history.records import ChangeRecord
from bot.history.revisions import read_patches
from bot.news import is_fragment

# A batch ends with this many commits, or when their patches have this many bytes.
_BATCH_COMMITS = 512
_BATCH_BYTES = 4 * 1024 * 1024
# A commit that adds more news fragments merges several changes, and is not of the kind of one of them.
_MAX_FRAGMENTS = 3

# The kinds that a change which raises versions only can have.
_KEPT = frozenset({Kind.REVERT, Kind.REAPPLY, Kind.RELEASE})


@dataclass(frozen=True, slots=True)
class PreparedCommit:
    """A commit and what is read from it alone.

    message: with the kind that a news fragment names, or that the classifier gives where nothing states it.
    patches, edits: one per entry. cut: whether the record was cut.
    versions: whether the change raises versions and does nothing else.
    example: whether a news fragment or a conventional type names the kind, so that one can learn from it.
    """

    record: ChangeRecord
    message: Message
    patches: list[FilePatch]
    edits: list[Edit]
    cut: bool
    versions: bool
    example: bool


def prepared(
    records: Iterable[ChangeRecord],
    classifier: KindClassifier | None = None,
    *,
    faults: Collection[int] = (),
    lines: bool = True,
) -> Iterator[PreparedCommit]:
    """Yield the commits in their order.

    classifier: names the kinds that nobody wrote down; None to leave them to the rules. It learns from the others.
    faults: the numbers of issues and pull requests that are labelled as faults.
    lines: False if the stream contains no patches.
    """
    batch: list[PreparedCommit] = []
    size = 0
    for record in records:
        batch.append(_read(record, faults, lines=lines))
        size += sum(map(len, record.sections))
        if len(batch) >= _BATCH_COMMITS or size >= _BATCH_BYTES:
            yield from _classified(batch, classifier)
            batch, size = [], 0
    yield from _classified(batch, classifier)


def _read(record: ChangeRecord, faults: Collection[int], *, lines: bool) -> PreparedCommit:
    message = read_message(record.message, merge=len(record.parents) > 1)
    patches, cut = read_patches(record, lines=lines)
    added = [
        (entry.path, (line for body in patch.bodies for line in added_lines(body)))
        for entry, patch in zip(record.entries, patches, strict=True)
        if entry.status == "A" and is_fragment(entry.path)
    ]
    edits = [edit_of(entry.path, patch) for entry, patch in zip(record.entries, patches, strict=True)]
    versions = any(edit.versions for edit in edits) and only_versions(
        (entry.path, entry.status, edit) for entry, edit in zip(record.entries, edits, strict=True)
    )
    written = with_written(message, added)
    # A label is no example: only fixes have it.
    example = written is not message or conventional_kind(message.subject) is not None
    written = with_labels(written, faults)
    if versions and message.kind not in _KEPT:
        written = replace(written, kind=Kind.CHORE, stated=True)
    example = example and not versions and written.kind not in _KEPT
    return PreparedCommit(record, written, patches, edits, cut, versions, example)


def with_written(message: Message, fragments: Sequence[tuple[str, Iterable[bytes]]]) -> Message:
    """Return a message with the kind that the news fragments of its change name.

    fragments: paths and lines of those that the change adds.
    """
    if not 0 < len(fragments) <= _MAX_FRAGMENTS or message.kind in {Kind.REVERT, Kind.REAPPLY, Kind.RELEASE}:
        return message
    kind = written_kind(fragments)
    if kind is None:
        return message
    # "misc" and the like say that it is no fix, and nothing else.
    suggested = Kind.OTHER if message.kind in {Kind.FIX, Kind.MERGE} else message.kind
    return replace(message, kind=suggested if kind is Kind.OTHER else kind, stated=True)


def with_labels(message: Message, faults: Collection[int]) -> Message:
    """Return a message as that of a fix if it closes an issue, or merges a pull request, that is labelled as a fault.

    What the change itself states counts more. A merge without words of its own states nothing.
    """
    numbers = (*message.issues, *((message.pull,) if message.pull is not None else ()))
    if (message.stated and message.kind is not Kind.MERGE) or not any(number in faults for number in numbers):
        return message
    return replace(message, kind=Kind.FIX, stated=True)


def _classified(batch: list[PreparedCommit], classifier: KindClassifier | None) -> list[PreparedCommit]:
    """Return the batch with the kinds of the model, where the message and the fragments leave it open."""
    if classifier is None:
        return batch
    places = [place for place, commit in enumerate(batch) if not commit.message.stated]
    kinds = classifier.kinds([_described(batch[place]) for place in places])
    for place, kind in zip(places, kinds, strict=True):
        if kind is not None:
            batch[place] = replace(batch[place], message=replace(batch[place].message, kind=kind))
    examples = [commit for commit in batch if commit.example]
    classifier.learn([_described(commit) for commit in examples], [commit.message.kind for commit in examples])
    return batch


def _described(commit: PreparedCommit) -> Described:
    message, pairs = commit.message, zip(commit.record.entries, commit.patches, strict=True)
    files = mix_of((entry.path, entry.status, patch.added, patch.deleted) for entry, patch in pairs)
    if not commit.example:
        return Described(message.subject, message.body, message.kind, files)
    # The kind that is written down is to be predicted from the rest.
    subject = without_prefix(message.subject)
    return Described(subject, message.body, read_message(subject).kind, files)
