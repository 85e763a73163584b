"""The commands that show what the patterns of repairs count. Pure."""

from bot.domain.fix_patterns import FixCause, FixedFunction, FlakyTests, ForgottenNames, PipelineRepairs, UntestedFixes
from bot.domain.history import PastCommit
from bot.domain.periods import YEAR
from bot.insights.receipts import Receipt, declared, listed, searched, touching, with_files

FixPattern = FixCause | UntestedFixes | ForgottenNames | FlakyTests | PipelineRepairs


def receipts_of(pattern: FixPattern | FixedFunction, until: int) -> list[Receipt]:
    """The receipts of a pattern. until: the end of its period, in Unix seconds."""
    match pattern:
        case FixCause():
            return _of_cause(pattern, until)
        case UntestedFixes():
            return _of_untested(pattern, until)
        case ForgottenNames():
            return _of_forgotten(pattern)
        case FlakyTests():
            return with_files(f"the {len(pattern.commits)} repairs, with their files", pattern.commits)
        case PipelineRepairs():
            return [
                *listed("these changes and the ones before", _both(pattern)),
                *touching("all changes of the file in the last year", pattern.path, until - YEAR),
            ]
        case FixedFunction():
            return with_files(f"the {len(pattern.commits)} fixes of the function, with their files", pattern.commits)


def absent_options(names: ForgottenNames) -> list[str]:
    """The options to be added. A nearly complete listing lacks some, however old they are."""
    return list(dict.fromkeys([*(one.name for one in names.missing), *names.lacking]))


def _of_cause(cause: FixCause, until: int) -> list[Receipt]:
    return [
        *with_files(f"the {len(cause.commits)} newest fixes, with their files", cause.commits),
        *listed(f"the {len(cause.others)} newest other changes that name it", cause.others),
        *touching("all changes of three years, with those of programs", cause.path, until - 3 * YEAR),
    ]


def _of_untested(file: UntestedFixes, until: int) -> list[Receipt]:
    return [
        *with_files(f"the {len(file.commits)} fixes without a test, with their files", file.commits),
        *listed("changes of the file that were repaired within 30 days, and their repairs", _both(file)),
        *touching("all changes of the file in two years", file.path, until - 2 * YEAR),
    ]


def _of_forgotten(names: ForgottenNames) -> list[Receipt]:
    options = absent_options(names)
    searches = [
        receipt
        for name in options[:3]
        for receipt in (
            *declared(f"{name} is in the source", name, names.source),
            *searched(f"{name} is not in {names.listing}", name, names.listing),
        )
    ]
    brought = list(dict.fromkeys(one.brought for one in names.late))
    return [
        *listed(f"the changes that added late options to {names.listing}", names.repairs),
        *listed(f"the changes that had brought them to {names.source}", brought),
        *searches,
    ]


def _both(pattern: UntestedFixes | PipelineRepairs) -> list[PastCommit]:
    return list(dict.fromkeys(one for pair in pattern.repaired for one in (pair.repair, pair.change)))
