"""The commands that show what the patterns of repairs count. Pure."""

from bot.domain.fix_patterns import FixCause, FixedFunction, FlakyTests, ForgottenNames, PipelineRepairs, UntestedFixes
from bot.domain.history import PastCommit
from bot.insights.receipts import Receipt, listed, searched, touching, with_files

FixPattern = FixCause | UntestedFixes | ForgottenNames | FlakyTests | PipelineRepairs
_PERIOD_DAYS = 3 * 365


def receipts_of(pattern: FixPattern | FixedFunction) -> list[Receipt]:
    """The receipts of a pattern."""
    match pattern:
        case FixCause():
            return _of_cause(pattern)
        case UntestedFixes():
            return _of_untested(pattern)
        case ForgottenNames():
            return _of_forgotten(pattern)
        case FlakyTests():
            return with_files(f"the {len(pattern.commits)} repairs, with their files", pattern.commits)
        case PipelineRepairs():
            return [
                *listed("the repairs and what they repaired", _both(pattern)),
                *touching("all changes of the file in the last year", pattern.path, 365),
            ]
        case FixedFunction():
            return with_files(f"the {len(pattern.commits)} fixes of the function, with their files", pattern.commits)


def _of_cause(cause: FixCause) -> list[Receipt]:
    return [
        *with_files(f"the {len(cause.commits)} newest fixes, with their files", cause.commits),
        *touching("all changes of three years: look for the words in the titles", cause.path, _PERIOD_DAYS),
    ]


def _of_untested(file: UntestedFixes) -> list[Receipt]:
    return [
        *with_files(f"the {len(file.commits)} fixes without a test, with their files", file.commits),
        *listed("changes of the file that were repaired within 30 days, and their repairs", _both(file)),
        *touching("all changes of the file in two years", file.path, 2 * 365),
    ]


def _of_forgotten(names: ForgottenNames) -> list[Receipt]:
    options = [one.name for one in names.missing] or list(names.lacking)
    searches = [
        receipt
        for name in options[:3]
        for receipt in (
            *searched(f"{name} is in one file", name, names.source),
            *searched(f"{name} is not in the other one", name, names.listing),
        )
    ]
    brought = list(dict.fromkeys(one.brought for one in names.late))
    return [
        *listed("the changes that added late options", names.repairs),
        *listed("the changes that had brought them", brought),
        *searches,
    ]


def _both(pattern: UntestedFixes | PipelineRepairs) -> list[PastCommit]:
    return list(dict.fromkeys(one for pair in pattern.repaired for one in (pair.repair, pair.change)))
