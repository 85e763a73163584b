"""GitInsight: every push and every pull request, analyzed against the repository's own history."""

__version__ = "0.1.0"
