"""Finds patterns in the past of a whole project: pure functions of values. See docs/patterns.md."""
