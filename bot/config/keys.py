"""The keys of `.github/gitinsight.yml`: a new key is one line here and one field of `RepositoryConfig`."""

from dataclasses import dataclass

from bot.analysis.registry import ANALYZERS
from bot.config.values import Names, Patterns, SeverityOrNone, TrueOrFalse, Value, WholeNumber


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the file. name: also the name of the field of RepositoryConfig."""

    name: str
    value: Value
    description: str


@dataclass(frozen=True, slots=True)
class Section:
    """A key whose value is a mapping of other keys."""

    name: str
    keys: tuple[Key, ...]
    description: str


KEYS: tuple[Key | Section, ...] = (
    Key(
        "ignore",
        Patterns(),
        "Paths that are not analyzed, as patterns of .gitignore. They are listed in the check run as left out.",
    ),
    Key(
        "analyzers_off",
        Names(tuple(sorted(analyzer.name for analyzer in ANALYZERS))),
        "Analyzers that are switched off in this repository.",
    ),
    Key(
        "max_annotations", WholeNumber(0, 200), "How many annotations a check run shows on the diff, most severe first."
    ),
    Key(
        "comment",
        TrueOrFalse(),
        "Whether a pull request gets a comment when a remark is of medium severity or above. "
        "The check run is there either way.",
    ),
    Key(
        "gate",
        SeverityOrNone(),
        "The check fails when a remark is of this severity or above. With none it never fails.",
    ),
    Section(
        "thresholds",
        (
            Key("ccn", WholeNumber(1, 1_000), "Cyclomatic complexity: independent paths through the function."),
            Key(
                "cognitive",
                WholeNumber(1, 1_000),
                "Cognitive complexity: how hard the control flow is to follow; nesting weighs more.",
            ),
            Key("nloc", WholeNumber(1, 100_000), "Lines of code without blank lines and comments."),
            Key("parameters", WholeNumber(1, 100), "Parameters of the function."),
            Key("nesting", WholeNumber(1, 100), "Depth of nested blocks."),
            Key(
                "risk",
                WholeNumber(50, 100),
                "The percentile among the repository's last 500 changes from which the risk of a change is a remark.",
            ),
        ),
        "The limits above which a function is worth a remark. Only what a change adds above them, or makes worse, "
        "is remarked upon.",
    ),
)
