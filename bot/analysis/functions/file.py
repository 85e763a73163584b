"""The functions of both ends of one file, parsed once for all analyzers."""

from bot.analysis.functions.facts import FileFunctions, TextFacts
from bot.analysis.functions.grammar import language_of
from bot.analysis.functions.languages import Language
from bot.analysis.functions.lizard_fallback import fallback_language, measure_by_lizard
from bot.analysis.functions.measure import is_unparsed, measure_both, measure_text
from bot.domain.files import FileChange, FileStatus


def measure_functions(file: FileChange) -> FileFunctions | None:
    """Both ends of one file; None for an unknown language, or without text."""
    if file.left_out is not None or (file.before is None and file.after is None):
        return None
    if file.before is None and file.status is not FileStatus.ADDED:
        return None  # without the base every function would be new
    old_path = file.old_path or file.path
    table, old_table = language_of(file.path), language_of(old_path)
    if table is not None and old_table is not None:
        before, after = _by_grammar(file, old_table, table)
        if any(end is not None and is_unparsed(end) for end in (before, after)):
            return _counted(file, old_path, table.name, unparsed=True)
        return FileFunctions(language=table.name, engine="tree-sitter", before=before, after=after)
    language = fallback_language(file.path)
    if language is None or language != fallback_language(old_path):
        return None
    return _counted(file, old_path, language)


def _by_grammar(file: FileChange, old_table: Language, table: Language) -> tuple[TextFacts | None, TextFacts | None]:
    if table is old_table and file.before is not None and file.after is not None:
        return measure_both(table, file.before, file.after)
    return (
        None if file.before is None else measure_text(old_table, file.before),
        None if file.after is None else measure_text(table, file.after),
    )


def _counted(file: FileChange, old_path: str, language: str, *, unparsed: bool = False) -> FileFunctions:
    """Both ends by lizard, so that their difference is valid."""
    return FileFunctions(
        language=language,
        engine="lizard",
        before=_by_lizard(old_path, file.before),
        after=_by_lizard(file.path, file.after),
        unparsed=unparsed,
    )


def _by_lizard(path: str, text: str | None) -> TextFacts | None:
    return None if text is None else measure_by_lizard(path, text)
