"""The history index: one SQLite file beside the mirror of a repository. It is a cache and can always be rebuilt.

`build.update` indexes new commits. `index`, `proposal`, `labels`, `repository` and `merged_changes` read the index.
See docs/history.md.
"""
