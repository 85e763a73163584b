"""Searches the tree of a commit for fixed texts, and reads some of its files. Nothing is checked out.

One `git grep -F` per search: the texts are never expressions, and reach git on its standard input, so that none can be
an option.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

from bot import paths
from bot.domain.tree import HeadFile, Mention
from bot.git.change import MAX_TEXT, texts
from bot.git.contents import content_reason, decoded
from bot.git.run import checked_sha, git
from bot.paths import path_text
from bot.process import MIB

_SECONDS = 10
_MAX_OUTPUT = 8 * MIB
_MAX_LISTING = 64 * MIB
_MAX_LINE = 400
_NO_MATCH = 1
# What people do not write here, and what may be most of the tree. A large file with many hits is slow for many texts:
# git looks for each of them in the rest of the file after each hit.
_WRITTEN = (
    *(f":(exclude,glob)**/{folder}/**" for folder in sorted(paths.VENDORED)),
    *(
        f":(exclude)*.{ending}"
        for ending in ("po", "pot", "xlf", "xliff", "svg", "map", "min.js", "min.css", "snap", "csv")
    ),
    *(f":(exclude,glob)**/{name}" for name in sorted(paths.LOCK_FILES)),
)


async def find_texts(
    repository: Path, commit: str, wanted: Sequence[str], only: Sequence[str] = ()
) -> tuple[Mention, ...]:
    """Return the lines of text files that hold one of the texts, by path and line. The texts have no line break.

    only: pathspecs of the files that are searched; all without any.
    Raises GitError also if it takes longer than 10 s or finds more than 8 MB.
    """
    if not wanted:
        return ()
    options = ("-F", "-I", "-n", "-z", "--no-color", "--full-name", "--threads=2", "-f", "-")
    output = await git(
        repository,
        "grep",
        *options,
        checked_sha(commit),
        "--",
        *only,
        *_WRITTEN,
        stdin="".join(f"{text}\n" for text in wanted).encode("utf-8", "replace"),
        timeout=_SECONDS,
        max_output=_MAX_OUTPUT,
        also_good=(_NO_MATCH,),
        literal_paths=False,
    )
    return tuple(parse_mentions(output, len(commit) + 1))


def parse_mentions(output: bytes, prefix: int) -> list[Mention]:
    """Parse `commit:path NUL line NUL text LF` records. Raises ValueError.

    prefix: characters of `commit:`. A path may hold a line break, a text may hold NUL.
    """
    found = []
    position = 0
    while position < len(output):
        name_end = output.index(b"\0", position)
        number_end = output.index(b"\0", name_end + 1)
        end = output.find(b"\n", number_end)
        end = len(output) if end < 0 else end
        text = output[number_end + 1 : min(end, number_end + 1 + 4 * _MAX_LINE)].decode("utf-8", "replace")
        path = path_text(output[position + prefix : name_end])
        found.append(Mention(path, int(output[name_end + 1 : number_end]), text.removesuffix("\r")[:_MAX_LINE]))
        position = end + 1
    return found


async def named_like(
    repository: Path, commit: str, names: Collection[str], folders: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the paths of a commit whose last part is one of the names, and one path in each of the folders.

    Raises GitError.
    """
    options = ("ls-tree", "-r", "-z", "--name-only", "--full-tree", "--end-of-options")
    output = await git(repository, *options, checked_sha(commit), max_output=_MAX_LISTING)
    raw = {name.encode("utf-8", "replace") for name in names}
    listed = output.split(b"\0")
    named = [path for path in listed if path.rpartition(b"/")[2] in raw]
    for folder in folders:
        inside = f"{folder}/".encode("utf-8", "replace")
        named += next(([path] for path in listed if path.startswith(inside)), [])
    return tuple(path_text(path) for path in dict.fromkeys(named))


async def tree_paths(repository: Path, commit: str) -> tuple[str, ...]:
    """Return all paths of a commit. Raises GitError."""
    options = ("ls-tree", "-r", "-z", "--name-only", "--full-tree", "--end-of-options")
    output = await git(repository, *options, checked_sha(commit), max_output=_MAX_LISTING)
    return tuple(path_text(path) for path in output.split(b"\0") if path)


async def read_files(repository: Path, commit: str, wanted: Sequence[str]) -> tuple[HeadFile, ...]:
    """Return the text files of a commit among these paths, without those larger than 512 KB. Raises GitError."""
    if not wanted:
        return ()
    listing = ("ls-tree", "-z", "-l", "--full-tree", "--end-of-options", checked_sha(commit), "--")
    oids = {}
    for entry in (await git(repository, *listing, *wanted)).split(b"\0"):
        facts, _, name = entry.partition(b"\t")
        fields = facts.split()
        if len(fields) == 4 and fields[1] == b"blob" and fields[0] != b"120000" and int(fields[3]) <= MAX_TEXT:
            oids[path_text(name)] = fields[2].decode()
    contents = await texts(repository, sorted(set(oids.values())))
    return tuple(
        HeadFile(path, decoded(contents[oid]))
        for path, oid in oids.items()
        if content_reason(path, contents[oid]) is None
    )
