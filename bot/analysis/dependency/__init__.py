"""The `dependency` analyzer: manifests and lock files before and after, in seven ecosystems."""

from bot.analysis.dependency.analyzer import ANALYZER

__all__ = ["ANALYZER"]
