"""What a change does to earlier work: an undone fix, a reverted change that comes back, a cleared finding. Pure.

The earlier commits come with the change (`domain/earlier.py`); docs/past.md says what is compared.
"""
