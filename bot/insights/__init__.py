"""Insights on a whole repository, from its stored snapshots. Pure."""
