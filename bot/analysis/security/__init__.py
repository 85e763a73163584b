"""The `security` analyzer: new scanner findings, and secrets on added lines."""

from bot.analysis.security.analyzer import ANALYZER

__all__ = ["ANALYZER"]
