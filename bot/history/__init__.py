"""The index of a repository's past: one SQLite file beside its mirror, a cache that can always be rebuilt.

`update` brings it up to a head; `facts_for`, `repository_facts` and `labelled_table` answer from it. See
docs/history.md.
"""
