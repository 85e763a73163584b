"""Which files of a change are production code: by their paths, unless `.gitattributes` says that they document."""

from bot import paths
from bot.domain.files import FileChange


def is_production(file: FileChange) -> bool:
    """Whether a file is production code."""
    return paths.is_production(file.path) and not file.documentation
