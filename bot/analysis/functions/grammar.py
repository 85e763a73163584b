"""Grammars, loaded on first use and cached: each needs some milliseconds and megabytes."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module

import tree_sitter

from bot.analysis.functions import compiled, scripting
from bot.analysis.functions.languages import Kind, Language

LANGUAGES = (
    scripting.PYTHON,
    scripting.JAVASCRIPT,
    scripting.TYPESCRIPT,
    scripting.TSX,
    scripting.RUBY,
    scripting.PHP,
    compiled.JAVA,
    compiled.KOTLIN,
    compiled.SWIFT,
    compiled.GO,
    compiled.RUST,
    compiled.C,
    compiled.CPP,
    compiled.CSHARP,
)

_BY_EXTENSION = {extension: language for language in LANGUAGES for extension in language.extensions}
_KINDS = {kind.name: kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class Grammar:
    """A language's table with its parser and its compiled query."""

    table: Language
    parser: tree_sitter.Parser
    query: tree_sitter.Query

    def captures(self, root: tree_sitter.Node) -> dict[Kind, list[tree_sitter.Node]]:
        """Every node under root that the table names, by kind; one pass inside tree-sitter."""
        found = tree_sitter.QueryCursor(self.query).captures(root)
        return {_KINDS[name]: nodes for name, nodes in found.items() if name in _KINDS}


def language_of(path: str) -> Language | None:
    """The table for a path, by its extension."""
    name = path.rpartition("/")[2]
    return _BY_EXTENSION.get(name.rpartition(".")[2].lower()) if "." in name else None


@cache
def grammar(table: Language) -> Grammar:
    """The grammar for a table; imports its wheel on first use."""
    entry = getattr(import_module(table.module), table.entry)
    language = tree_sitter.Language(entry())
    return Grammar(table, tree_sitter.Parser(language), tree_sitter.Query(language, table.query()))
