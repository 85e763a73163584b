"""Whether a part of a change follows from the rest of it: its changed words name what the rest changes. Pure.

A word counts if it stands only at one end of an edit: `'!metrics'` → `'!extras,!metrics'` changes the word `extras`.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from bot import paths
from bot.analysis.edits import edits
from bot.analysis.removed_names import DEFINITION, is_telling_name
from bot.domain.files import FileChange

# A part with more changed words names something of the rest by chance.
_MOST_WORDS = 80
_MOST_FILES = 300
_LEAST_SEGMENT = 4
_WORD = re.compile(r"[A-Za-z_][\w-]*\w")
_PARTS = re.compile(r"[A-Za-z0-9]+")
# Names of folders and files that say nothing of what is in them.
COMMON = frozenset(
    """
    action actions adapter adapters analysis analyze api app apps asset assets async auth base basic bench benchmark
    bin branch branches build builder builds cache check checks class client cmd code command commands common commonmain
    component components conf config configs constants content context contrib control controller controllers core
    create crates data default defs delete deploy diff dist docs document domain entry env error errors event events
    example examples exception exceptions file files filter fixtures format func generated generic github group handler
    handlers helper helpers hook hooks html http https image images impl import index init input install interface
    internal item items java javascript job jobs json kotlin lib libs line lines list load local log logging main manage
    manager master merge meta method misc mode model models module modules name names network node object output pack
    package packages page pages parse parser path paths pipeline pkg plugin plugins print private project projects
    public publish python query read release report request resource resources response result results route router
    routes rule rules run runner runtime rust schema scala script scripts server service services session setting
    settings setup shared site source sources spec specs src state static status step steps store stream string style
    styles support swift system table task tasks template templates test testing tests text token tokens tool tools
    type types typescript update user users util utils validate value values version versions view views web workflow
    workflows workspace write yaml
    """.split()
)
# Words of titles that say nothing of what a change is about.
_SAID_OF_ALL = frozenset(
    """
    added adding adds allow also always another avoid because before better change changed changes command correct
    default does done each enable ensure false feat file files first fixed fixes from have improve include instead into
    just line lines main make makes master more most move name need needs never newer next only order other push remove
    removed removes rename replace request required rewrite run runs same should since some step steps support take
    than that their them then this true until update updated updates upgrade used uses using value version what when
    where which while with without
    """.split()
)


def follows_from(part: Sequence[FileChange], files: Sequence[FileChange], title: str) -> bool:
    """Return whether a part of few words names a folder, a file or an identifier that the rest changes or has new.

    It follows from the change too if its words are those of the title.
    files, title: of the whole change.
    """
    own = {file.path for file in part}
    rest = [file for file in files if file.path not in own]
    words = {word for file in part for word in changed_words(file)} if len(files) <= _MOST_FILES else set()
    if len(words) > _MOST_WORDS:
        return False
    pieces = {piece.lower() for word in words for piece in (word, *_PARTS.findall(word))}
    if not pieces.isdisjoint(_places(rest)) or not pieces.isdisjoint(_subject(title)):
        return True
    telling = {word for word in words if is_telling_name(word)}
    return bool(telling) and not telling.isdisjoint(_names(rest))


def changed_words(file: FileChange) -> set[str]:
    """Return the words that stand at one end of an edit only."""
    found: set[str] = set()
    for edit in edits(file, gap=1):
        old, new = ({word for line in lines for word in _WORD.findall(line[:300])} for lines in (edit.old, edit.new))
        found |= old ^ new
    if file.before is None or file.after is None:
        found |= {word for line in (file.after or file.before or "").split("\n") for word in _WORD.findall(line[:300])}
    return found


def _subject(title: str) -> set[str]:
    """Return the words of a title that say what it is about, in lower case."""
    words = {word.lower() for word in _PARTS.findall(title[:300])}
    return {word for word in words if len(word) >= _LEAST_SEGMENT and word not in _SAID_OF_ALL}


def _places(files: Iterable[FileChange]) -> set[str]:
    """Return the telling folders and stems of files, in lower case, also of those that are gone."""
    found: set[str] = set()
    for file in files:
        for path in {file.path, file.old_path or file.path}:
            pure = PurePosixPath(path)
            found.update(part.lower() for part in (*pure.parts[:-1], pure.name.partition(".")[0], pure.stem))
    return {name for name in found if len(name) >= _LEAST_SEGMENT and name not in COMMON}


def _names(files: Iterable[FileChange]) -> set[str]:
    """Return the words that files change, and what their changed lines define."""
    found: set[str] = set()
    for file in files:
        if not paths.is_docs(file.path):
            found |= changed_words(file)
            for edit in edits(file):
                defined = (DEFINITION.match(line[:300]) for line in (*edit.old, *edit.new))
                found.update(one["name"] for one in defined if one)
    return found
