"""Sync of issues, pull requests and what belongs to them from GitHub: in pages, resumable, within half of its limit."""
