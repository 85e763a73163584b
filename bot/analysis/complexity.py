"""Functions that a change makes harder to follow, or adds and that are; by their metrics before and after.

Published thresholds: CCN 15 (T. McCabe allows 10, NIST SP 500-235 up to 15), cognitive complexity 20 (Sonar's
default is 15). The repository's configuration may set its own.
"""

from collections.abc import Mapping
from dataclasses import replace

from bot.analysis.analyzer import Analyzer
from bot.analysis.functions.extraction import part_to_extract
from bot.analysis.functions.facts import FileFunctions, FunctionFacts, TextFacts
from bot.analysis.functions.judgement import Effect, is_clear, is_test, judge, net_growth
from bot.analysis.functions.matching import RemovedLines, contained, match_functions
from bot.analysis.functions.wording import function_insight, maintainability_note
from bot.domain.change import Change
from bot.domain.files import FileChange, FileStatus
from bot.domain.insights import Insight, Standing

# A new function with at least this share of lines removed from others is an extraction, which we recommend.
_EXTRACTED_SHARE = 0.6
# A function of whose body at least this share is in a new function now was moved, not simplified.
_MOVED_SHARE = 0.8
# So many new files of code at once were written before.
_IMPORTED = 20


def analyze(change: Change, facts: Mapping[str, FileFunctions]) -> list[Insight]:
    """Remarks on functions this change touched, praise for those it simplified, and a note on files."""
    files = {file.path: file for file in change.files}
    removed = RemovedLines(facts.values())
    insights: list[Insight] = []
    pairs = match_functions(facts)
    new = [pair.after.function for pair in pairs if pair.before is None]
    whole = net_growth(facts.items())
    imported = sum(file.status is FileStatus.ADDED and file.path in facts for file in change.files) >= _IMPORTED
    for pair in pairs:
        path, after = pair.after.path, pair.after.function
        touched = _touched_ranges(files[path], after)
        before = pair.before.function if pair.before else None
        judged = touched and (_comparable(before, after) if before else not _was_hidden(after, facts[path].before))
        verdict = judge(before, after, change.config) if judged else None
        if verdict is None:
            continue
        if before is None and removed.share(after) >= _EXTRACTED_SHARE:
            continue
        if verdict.standing is Standing.PRAISE and before is not None and (after.unread or _moved_out(before, new)):
            continue
        part = part_to_extract(before, after, touched, change.config.cognitive)
        if verdict.standing is Standing.REMARK:
            in_file = net_growth([(path, facts[path])])
            net = {metric: min(grown, in_file[metric]) for metric, grown in whole.items()}
            lines = sum(end - start + 1 for start, end in touched)
            effect = Effect(lines, net, part is not None and part.solves, imported)
            clear = not is_test(path, after.name) and is_clear(before, after, effect, change.config)
            verdict = replace(verdict, standing=Standing.REMARK if clear else Standing.NOTE)
        insights.append(function_insight(pair, verdict, facts[path], part, touched, change.config))
    note = maintainability_note(facts)
    return insights + ([note] if note else [])


def _comparable(before: FunctionFacts, after: FunctionFacts) -> bool:
    """Whether a larger number at head means growth. It does not where only the merge base has unread lines."""
    return not (before.broken or after.broken or (before.unread and not after.unread))


def _was_hidden(function: FunctionFacts, before: TextFacts | None) -> bool:
    """Whether a function without a counterpart may be in what the parser could not read at the merge base."""
    return before is not None and function.name.rpartition(".")[2] in before.hidden


def _moved_out(before: FunctionFacts, new: list[FunctionFacts]) -> bool:
    """Whether a function became simpler only because its body was moved to a new function."""
    return any(contained(before.signature, function.signature) >= _MOVED_SHARE for function in new)


def _touched_ranges(file: FileChange, function: FunctionFacts) -> list[tuple[int, int]]:
    """The ranges of the function's lines at head (inclusive) that hunks changed; a deletion touches its place."""
    if file.status is FileStatus.ADDED:
        return [(function.start_line, function.end_line)]
    ranges = []
    for hunk in file.hunks:
        start = max(hunk.new_start, function.start_line)
        end = min(hunk.new_start + max(hunk.new_count, 1) - 1, function.end_line)
        if start <= end:
            ranges.append((start, end))
    return ranges


def _functions(file: FileChange, functions: FileFunctions) -> FileFunctions:
    return functions


ANALYZER = Analyzer(name="complexity", measure_functions=_functions, analyze=analyze)
