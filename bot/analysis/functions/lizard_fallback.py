"""Languages without a table, counted by lizard: CCN, NLOC and parameters, on text.

See https://github.com/terryyin/lizard. It has no cognitive complexity, and its rules differ slightly. Both
ends of a change are counted by it, so their difference is valid.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from zlib import crc32

from bot.analysis.functions.facts import FunctionFacts, TextFacts

# Calls: a block of lizard is one, and lizard itself needs about thirty.
_NESTING = 130
_PARAMETER = re.compile(r"(\w+)(\s=.*)?(\s:.*)?$")  # lizard_core/function_info.py
_LONG_PARAMETER = 300
_LANGUAGES = {
    "scala": "Scala",
    "lua": "Lua",
    "m": "Objective-C",
    "mm": "Objective-C",
    "pl": "Perl",
    "pm": "Perl",
    "r": "R",
    "f90": "Fortran",
    "f95": "Fortran",
    "f03": "Fortran",
    "sol": "Solidity",
    "gd": "GDScript",
    "erl": "Erlang",
    "zig": "Zig",
    "vue": "Vue",
}


def fallback_language(path: str) -> str | None:
    """The language's name if lizard counts the file; else None."""
    name = path.rpartition("/")[2]
    return _LANGUAGES.get(name.rpartition(".")[2].lower()) if "." in name else None


def measure_by_lizard(path: str, text: str) -> TextFacts:
    """One text's functions; no nesting, no cognitive complexity and no maintainability index."""
    import lizard  # a slow import that few files need

    lines = text.split("\n")
    with _shallow_nesting():
        found = lizard.analyze_file.analyze_source_code(path.lower(), text.replace("\0", " "))
    functions = []
    for function in found.function_list:
        if function.start_line < 1:
            continue  # what stands outside of functions
        body = (line.strip(" \t(){}[];,") for line in lines[function.start_line : function.end_line])
        functions.append(
            FunctionFacts(
                name=str(function.name).replace("::", "."),
                start_line=function.start_line,
                end_line=max(function.start_line, function.end_line),
                signature_end=function.start_line,
                ccn=function.cyclomatic_complexity,
                cognitive=None,
                nloc=function.nloc,
                parameters=sum(map(_is_parameter, function.full_parameters)),
                nesting=None,
                signature=tuple(crc32(line.encode("utf-8", "replace")) for line in body if line),
            )
        )
    return TextFacts(functions=tuple(functions), maintainability=None, clean=True)


def _is_parameter(text: str) -> bool:
    """Whether lizard counts the text between two commas. Its own expression takes quadratic time for a long one."""
    return len(text) > _LONG_PARAMETER or _PARAMETER.search(text) is not None


@contextmanager
def _shallow_nesting() -> Iterator[None]:
    """Let lizard stop where blocks are nested deeper than people write: each token costs it a call per open block.

    It takes the RecursionError itself, and returns the functions before that place.
    """
    depth, limit = 0, sys.getrecursionlimit()
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    sys.setrecursionlimit(min(limit, depth + _NESTING))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
