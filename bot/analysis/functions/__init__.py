"""The measuring engine of the `complexity` analyzer: functions, their metrics, and which became which.

The counting rule, per language, is written down in `docs/complexity.md`.
"""
