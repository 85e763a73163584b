"""Insights on a whole repository instead of a change. Pure."""
