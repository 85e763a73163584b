"""The measuring engine of the `complexity` analyzer: functions, their metrics, and their counterparts before and after.

The counting rules, by language, are in `docs/complexity.md`.
"""
